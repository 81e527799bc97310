// What a service's main() is, and all it is:
//
//   int main(int argc, char** argv) {
//     return selfology::service::Main(argc, argv, {{"session", &selfology::session::MakeModule}});
//   }
//
// Reads the settings, starts a Host, waits for SIGTERM or SIGINT, drains. --modules=a,b starts only
// some of those linked. Exit codes: 0 after a drain, 1 when it could not start, 2 for wrong
// settings; a second signal ends it at once.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "common/service/module.h"

namespace selfology::service {

struct LinkedModule {
  std::string_view name;
  std::unique_ptr<Module> (*make)();
};

int Main(int argc, char** argv, const std::vector<LinkedModule>& modules);

}  // namespace selfology::service
