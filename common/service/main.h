// What a service's main() is, and all it is:
//
//   int main(int argc, char** argv) {
//     return selfology::service::Main(argc, argv, {{"session", &selfology::session::MakeModule}},
//                                     selfology::kSettings);
//   }
//
// Reads the settings, starts a Host, waits for SIGTERM or SIGINT, drains. --modules=a,b starts only
// some of those linked. Exit codes: 0 after a drain, 1 when it could not start, 2 for wrong
// settings; a second signal ends it at once.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "common/service/listed_service.h"
#include "common/service/module.h"

namespace selfology::service {

struct LinkedModule {
  std::string_view name;
  std::unique_ptr<Module> (*make)();
};

// services: all there are, linked or not. settings: as in ParseSettings.
int Main(int argc, char** argv, const std::vector<LinkedModule>& modules,
         absl::Span<const ListedService> services, absl::Span<const std::string_view> settings);

}  // namespace selfology::service
