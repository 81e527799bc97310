#include "services/edge/api_gateway/rest_table.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "common/transcode/route_table.h"
#include "gtest/gtest.h"
#include "services/edge/api_gateway/contracts.h"

namespace selfology::api_gateway {
namespace {

TEST(RestTableTest, TheDocsAreUpToDate) {
  const auto routes = transcode::RouteTable::Make(LinkedContracts());
  ASSERT_TRUE(routes.ok()) << routes.status();
  std::ifstream file(std::string(std::getenv("TEST_SRCDIR")) + "/selfology/docs/rest.md");
  std::stringstream docs;
  docs << file.rdbuf();
  EXPECT_TRUE(docs.str() == RestTable(*routes))
      << "docs/rest.md is out of date: bazel run //services/edge/api_gateway:rest_table > "
         "docs/rest.md";
}

}  // namespace
}  // namespace selfology::api_gateway
