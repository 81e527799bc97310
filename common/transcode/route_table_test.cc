#include "common/transcode/route_table.h"

#include <string>
#include <vector>

#include "common/transcode/probe/thing_service.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::transcode {
namespace {

using ::google::protobuf::DescriptorPool;
using ::google::protobuf::ServiceDescriptor;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const ServiceDescriptor* Service(const std::string& name) {
  probe::v1::Thing::descriptor();  // Links the file in.
  return DescriptorPool::generated_pool()->FindServiceByName("selfology.transcode.probe.v1." +
                                                             name);
}

const RouteTable& Routes() {
  static const auto* const routes =
      new RouteTable(RouteTable::Make({Service("ThingService"), Service("StyledService")}).value());
  return *routes;
}

// The method's name and the variables' texts, "GetThing 7"; what is allowed in brackets.
std::string Found(std::string_view verb, std::string_view path) {
  const RouteTable::Match match = Routes().Find(verb, path);
  if (match.route == nullptr) return "[" + match.allow + "]";
  std::string found = match.route->method->name();
  for (const RouteTable::Variable& variable : match.variables) {
    found += " " + NameOf(*variable.field) + "=" + variable.text;
  }
  return found;
}

TEST(RouteTableTest, FindsByVerbAndPath) {
  EXPECT_EQ(Found("GET", "/api/things/7"), "GetThing id=7");
  EXPECT_EQ(Found("DELETE", "/api/things/7"), "DeleteThing id=7");
  EXPECT_EQ(Found("PATCH", "/api/things/7"), "UpdateThing thing.id=7");
  EXPECT_EQ(Found("GET", "/api/things"), "ListThings");
  EXPECT_EQ(Found("GET", "/api/things/"), "ListThings");
  EXPECT_EQ(Found("POST", "/api/things"), "CreateThing");
  EXPECT_EQ(Found("HEAD", "/api/things/7"), "GetThing id=7");
}

TEST(RouteTableTest, LiteralsWinAndIdsAreDigits) {
  EXPECT_EQ(Found("GET", "/api/things/mine"), "GetOwnThing");
  EXPECT_EQ(Found("GET", "/api/things/others"), "[]");
  EXPECT_EQ(Found("GET", "/api/things/-7"), "GetThing id=-7");
  EXPECT_EQ(Found("GET", "/api/things/-"), "[]");
  EXPECT_EQ(Found("GET", "/api/things/7a"), "[]");
  // Where the literal has no such verb and the id takes no word.
  EXPECT_EQ(Found("DELETE", "/api/things/mine"), "[GET]");
}

TEST(RouteTableTest, SaysWhatIsAllowed) {
  EXPECT_EQ(Found("POST", "/api/things/7"), "[DELETE, GET, PATCH]");
  EXPECT_EQ(Found("GET", "/api/nothing"), "[]");
  EXPECT_EQ(Found("OPTIONS", "/api/things"), "[GET, POST]");
}

TEST(RouteTableTest, FindsVerbsOfPaths) {
  EXPECT_EQ(Found("GET", "/api/things/7:watch"), "WatchThing id=7");
  EXPECT_EQ(Found("GET", "/api/things/7:stop"), "[]");
  // A colon may be part of a value, and is where no verb is meant.
  EXPECT_EQ(Found("GET", "/api/names/a:b"), "GetNamedThing name=a:b");
  EXPECT_EQ(Found("GET", "/api/names"), "GetNamedThing");
}

TEST(RouteTableTest, DecodesVariables) {
  EXPECT_EQ(Found("GET", "/api/names/a%2Fb%20c"), "GetNamedThing name=a/b c");
  EXPECT_EQ(Found("GET", "/api/files/a/b%20c"), "GetFile name=a/b c");
  EXPECT_EQ(Found("GET", "/api/files/a%2fb/c%41"), "GetFile name=a%2fb/cA");
  EXPECT_EQ(Found("GET", "/api/files"), "GetFile name=");
  EXPECT_EQ(Found("GET", "/api/shelves/1/books/2:open"), "GetBook name=shelves/1/books/2");
  EXPECT_EQ(Found("GET", "/%61pi/things/%37"), "GetThing id=7");
}

TEST(RouteTableTest, TwoMethodsWithOnePathAreAnErrorThatNamesBoth) {
  const auto routes = RouteTable::Make({Service("ThingService"), Service("RivalService")});
  ASSERT_FALSE(routes.ok());
  EXPECT_THAT(std::string(routes.status().message()),
              AllOf(HasSubstr("ThingService.GetThing"), HasSubstr("RivalService.TakeThing"),
                    HasSubstr("GET /api/things/*")));
}

TEST(RouteTableTest, RefusesVariablesThatAreNoField) {
  const auto routes = RouteTable::Make({Service("NonsenseService")});
  ASSERT_FALSE(routes.ok());
  EXPECT_THAT(std::string(routes.status().message()),
              AllOf(HasSubstr("GetNonsense"), HasSubstr("nothing")));
}

}  // namespace
}  // namespace selfology::transcode
