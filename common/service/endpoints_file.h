// Tells others on this machine where a process serves, once it does: the launcher and selfologyctl
// read it.
//
//   {"session":{"grpc":"127.0.0.1:41234","http":"127.0.0.1:41235"},...}
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/service/module.h"

namespace selfology::service {

// The file appears whole or not at all.
absl::Status WriteEndpointsFile(const std::string& path,
                                const std::vector<std::unique_ptr<Module>>& modules,
                                const std::string& grpc_address, const std::string& http_address);

}  // namespace selfology::service
