// To whom a person may assign tasks: who follows them and whom they follow, as the user service
// knows it.
//
//   RETURN_IF_ERROR(acquaintances.MayAssign(call, owner, {12, 13}));
//
// Errors: INVALID_ARGUMENT naming `field` for somebody else; those of the user service, such as
// UNAVAILABLE. Threads: may be used from any.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "common/rpc/channel.h"

namespace selfology::task {

class Acquaintances {
 public:
  explicit Acquaintances(std::shared_ptr<rpc::Channel> user) : user_(std::move(user)) {}

  absl::Status MayAssign(const Call& call, int64_t owner, absl::Span<const int64_t> people,
                         std::string_view field) const;

 private:
  const std::shared_ptr<rpc::Channel> user_;
};

}  // namespace selfology::task
