// Tells others on this machine where a process serves, once it does: the launcher and selfologyctl
// read it.
//
//   {"session":{"grpc":"127.0.0.1:41234","http":"127.0.0.1:41235","operators":"127.0.0.1:41236"},...}
//
// "operators" only where operators' methods have a port of their own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/service/module.h"

namespace selfology::service {

struct ProcessAddresses {
  std::string grpc = {};
  std::string http = {};
  std::string operators = {};  // Empty: none.
};

// The file appears whole or not at all.
absl::Status WriteEndpointsFile(const std::string& path,
                                const std::vector<std::unique_ptr<Module>>& modules,
                                const ProcessAddresses& addresses);

}  // namespace selfology::service
