// Asks the service "security" what people have by their teams and by grants, for calls whose contract
// has selfology.mesh.v1.grants (rpc/authorize.h).
//
//   service::Granted granted(channel_to_security);
//   ASSIGN_OR_RETURN(bool may, granted.Ask(call, 7, "studio.posts.write", {"team/9", "content/42"}));
//
// Nothing is remembered: what is taken away works no more with the next call.
//
// Errors: SERVICE_UNAVAILABLE when it cannot be known now. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "common/rpc/channel.h"
#include "selfology/security/v1/access_service_client.h"

namespace selfology::service {

class Granted {
 public:
  explicit Granted(std::shared_ptr<rpc::Channel> security);

  // Whether they have the permission for one of the resources.
  absl::StatusOr<bool> Ask(const Call& call, int64_t user_id, const std::string& permission,
                           absl::Span<const std::string> resources) const;

 private:
  const security::v1::AccessServiceClient security_;
};

}  // namespace selfology::service
