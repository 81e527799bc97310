// How selfologyctl calls the services: with the secret that the processes of the mesh share, if the
// environment names its file as it does for them, SELFOLOGY_SERVICE_SECRET_FILE; and by TLS, if
// SELFOLOGY_TLS_CERTIFICATE_FILE, SELFOLOGY_TLS_KEY_FILE and SELFOLOGY_TLS_AUTHORITY_FILE name files
// (and SELFOLOGY_TLS_NAME_PREFIX what stands before its name in them). Where access is enforced,
// nothing else is let in.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"
#include "nlohmann/json.hpp"

namespace selfology::ctl {

// Where a process serves operators' methods, by what it announced of itself; empty: unknown.
std::string OperatorAddress(const nlohmann::json& endpoint);

// `peer`: a service; one of several in the process will do. INVALID_ARGUMENT when a file does not hold
// what it should.
absl::StatusOr<std::shared_ptr<rpc::Channel>> ConnectAsOperator(const std::string& peer,
                                                                const std::string& address,
                                                                observe::Requests& requests);

}  // namespace selfology::ctl
