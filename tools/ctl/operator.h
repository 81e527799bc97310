// How selfologyctl calls the services: with the secret that the processes of the mesh share, if the
// environment names its file as it does for them, SELFOLOGY_SERVICE_SECRET_FILE. Where access is
// enforced, nothing else is let in.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"

namespace selfology::ctl {

// INVALID_ARGUMENT when the file holds no secret.
absl::StatusOr<std::shared_ptr<rpc::Channel>> ConnectAsOperator(const std::string& peer,
                                                                const std::string& address,
                                                                observe::Requests& requests);

}  // namespace selfology::ctl
