#include "common/service/endpoints_file.h"

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace selfology::service {

absl::Status WriteEndpointsFile(const std::string& path,
                                const std::vector<std::unique_ptr<Module>>& modules,
                                const ProcessAddresses& addresses) {
  nlohmann::json endpoints;
  for (const auto& module : modules) {
    nlohmann::json& entry = endpoints[std::string(module->info().name)];
    entry = {{"grpc", addresses.grpc}, {"http", addresses.http}};
    if (!addresses.operators.empty()) entry["operators"] = addresses.operators;
  }
  const std::string unfinished = path + ".new";
  std::ofstream file(unfinished);
  file << endpoints.dump() << "\n";
  file.close();
  if (!file.good() || std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

}  // namespace selfology::service
