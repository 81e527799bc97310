// Prints docs/rest.md.
#include <cstdio>
#include <string>

#include "common/transcode/route_table.h"
#include "services/edge/api_gateway/contracts.h"
#include "services/edge/api_gateway/rest_table.h"

int main() {
  const auto routes =
      selfology::transcode::RouteTable::Make(selfology::api_gateway::LinkedContracts());
  if (!routes.ok()) {
    std::fprintf(stderr, "%s\n", routes.status().ToString().c_str());
    return 1;
  }
  const std::string page = selfology::api_gateway::RestTable(*routes);
  return std::fwrite(page.data(), 1, page.size(), stdout) == page.size() ? 0 : 1;
}
