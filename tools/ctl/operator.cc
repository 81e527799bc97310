#include "tools/ctl/operator.h"

#include <cstdlib>
#include <utility>

#include "common/rpc/service_secret.h"
#include "common/status/status_macros.h"

namespace selfology::ctl {

absl::StatusOr<std::shared_ptr<rpc::Channel>> ConnectAsOperator(const std::string& peer,
                                                                const std::string& address,
                                                                observe::Requests& requests) {
  rpc::OwnIdentity identity{.service = "selfologyctl"};
  const char* const file = std::getenv("SELFOLOGY_SERVICE_SECRET_FILE");
  if (file != nullptr && *file != '\0') {
    ASSIGN_OR_RETURN(identity.secret, rpc::ReadServiceSecret(file));
  }
  return rpc::Channel::Connect(peer, address, requests)->As(std::move(identity));
}

}  // namespace selfology::ctl
