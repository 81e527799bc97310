#include "common/transcode/request.h"

#include <string>

#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "common/transcode/probe/thing_service.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::transcode {
namespace {

using ::google::protobuf::DescriptorPool;

const RouteTable& Routes() {
  static const auto* const routes = new RouteTable([] {
    probe::v1::Thing::descriptor();  // Links the file in.
    const auto* const file = DescriptorPool::generated_pool()->FindFileByName(
        "common/transcode/probe/thing_service.proto");
    return RouteTable::Make(
               {file->FindServiceByName("ThingService"), file->FindServiceByName("StyledService")})
        .value();
  }());
  return *routes;
}

struct Sent {
  std::string verb = "GET";
  std::string target = {};
  std::string body = {};
  std::string content_type = {};
  std::string idempotency_key = {};
  std::string authorization = {};
  std::string client_address = {};
  std::string user_agent = {};
};

// The request in protobuf's text form, or what is wrong: "field: rule; ..." .
std::string Meant(const Sent& sent) {
  const auto target = http::ParseTarget(sent.target);
  EXPECT_TRUE(target.ok()) << sent.target;
  const RouteTable::Match match = Routes().Find(sent.verb, target->encoded_path);
  if (match.route == nullptr) return "no route";
  const auto message = NewMessage(*match.route->method->input_type());
  const absl::Status status = FillRequest(*match.route,
                                          {.variables = match.variables,
                                           .query = target->query,
                                           .content_type = sent.content_type,
                                           .body = sent.body,
                                           .idempotency_key = sent.idempotency_key,
                                           .authorization = sent.authorization,
                                           .client_address = sent.client_address,
                                           .user_agent = sent.user_agent},
                                          StyleOf(*match.route->method->service()), *message);
  if (status.ok()) return message->ShortDebugString();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  if (status::Reason(status) == kUnsupportedMediaType) return "unsupported media type";
  return absl::StrJoin(status::Violations(status), "; ",
                       [](std::string* out, const status::FieldViolation& violation) {
                         *out += violation.field + ": " + violation.rule;
                       });
}

TEST(RequestTest, TakesQueries) {
  EXPECT_EQ(Meant({.target = "/api/things?page_size=3&filter.color=COLOR_RED&filter.ownerId=7"}),
            "filter { color: COLOR_RED owner_id: 7 } page_size: 3");
  EXPECT_EQ(Meant({.target = "/api/things?tags=a&tags=b+c&tags=%D1%8F"}),
            "tags: \"a\" tags: \"b c\" tags: \"\\321\\217\"");
  EXPECT_EQ(Meant({.target = "/api/things?colors=red&colors=deep_blue&colors=1"}),
            "colors: COLOR_RED colors: COLOR_DEEP_BLUE colors: COLOR_RED");
  EXPECT_EQ(Meant({.target = "/api/things?newestFirst=true&within=1.5s&maybe=false&above=1e3"}),
            "newest_first: true within { seconds: 1 nanos: 500000000 } maybe { } above: 1000");
  EXPECT_EQ(Meant({.target = "/api/things?filter.made_after=2025-10-01T10:00:00Z&cursor=AQI"}),
            "filter { made_after { seconds: 1759312800 } } cursor: \"\\001\\002\"");
}

TEST(RequestTest, RefusesQueriesAndNamesTheField) {
  EXPECT_EQ(Meant({.target = "/api/things?pagesize=3"}), "pagesize: is no field of the request");
  EXPECT_EQ(Meant({.target = "/api/things?page_size=three"}),
            "page_size: must be a whole number of 32 bits");
  EXPECT_EQ(Meant({.target = "/api/things?page_size=3000000000"}),
            "page_size: must be a whole number of 32 bits");
  EXPECT_EQ(Meant({.target = "/api/things?page_size="}),
            "page_size: must be a whole number of 32 bits");
  EXPECT_EQ(Meant({.target = "/api/things?page_size=1&pageSize=2"}),
            "page_size: must not be there twice");
  EXPECT_EQ(Meant({.target = "/api/things?offset=-1"}),
            "offset: must be a whole number of 32 bits, not below 0");
  EXPECT_EQ(Meant({.target = "/api/things?newest_first=yes"}),
            "newest_first: must be true or false");
  EXPECT_EQ(Meant({.target = "/api/things?filter.color=pink"}),
            "filter.color: must be a value of its enum");
  EXPECT_EQ(Meant({.target = "/api/things?filter=x"}),
            "filter: is a message, which has no place here");
  EXPECT_EQ(Meant({.target = "/api/things?more.color=red"}), "more.color: is within a list");
  EXPECT_EQ(Meant({.target = "/api/things?within=soon"}), "within: must be a Duration");
  EXPECT_EQ(Meant({.target = "/api/things?above=1e999"}), "above: must be a number");
  EXPECT_EQ(Meant({.target = "/api/things?tags=%FF"}), "tags: must be UTF-8 without NUL");
  EXPECT_EQ(Meant({.target = "/api/things?cursor=!"}), "cursor: must be base64");
  EXPECT_EQ(Meant({.target = "/api/things?filter.word=a&filter.number=1"}),
            "filter.number: excludes word, which is there");
  EXPECT_EQ(Meant({.target = "/api/things/7?id=8"}), "id: has its place in the path or the body");
  EXPECT_EQ(Meant({.target = "/api/things/99999999999999999999"}),
            "id: must be a whole number of 64 bits");
  EXPECT_EQ(Meant({.target = "/api/things/7", .body = "{}"}),
            "body: must be empty: this method takes none");
}

TEST(RequestTest, TakesJsonBodiesInBothSpellings) {
  EXPECT_EQ(Meant({.verb = "POST",
                   .target = "/api/things",
                   .body = R"({"id": "7", "isNew": true, "color": "deep_blue",
                               "made_at": "2025-10-01T10:00:00Z"})",
                   .content_type = "application/json; charset=utf-8"}),
            "id: 7 color: COLOR_DEEP_BLUE is_new: true made_at { seconds: 1759312800 }");
  EXPECT_EQ(Meant({.verb = "POST", .target = "/api/things", .body = " "}), "");
}

TEST(RequestTest, RefusesBodiesAndNamesTheField) {
  const auto create = [](const std::string& body, const std::string& type = "") {
    return Meant({.verb = "POST", .target = "/api/things", .body = body, .content_type = type});
  };
  EXPECT_EQ(create("{"), "body: not JSON");
  EXPECT_EQ(create("[]"), "body: must be a JSON object");
  EXPECT_EQ(create(std::string(300, '[')), "body: JSON nested too deep");
  EXPECT_EQ(create(R"({"id": "seven"})"), "id: is unknown, or not the JSON of its type");
  EXPECT_EQ(create(R"({"inner": {"id": []}})"), "inner: is unknown, or not the JSON of its type");
  EXPECT_EQ(create(R"({"id": 7, "colour": "red"})"), "colour: is no field of the request");
  EXPECT_EQ(create(R"({"inner": {"colour": "red"}})"), "inner.colour: is no field of the request");
  EXPECT_EQ(create(R"({"a": 1})", "text/plain"), "unsupported media type");
  EXPECT_EQ(Meant({.verb = "POST", .target = "/api/things?id=7", .body = "{}"}),
            "id: has its place in the body");
}

TEST(RequestTest, ThePathSaysWhatIsMeant) {
  EXPECT_EQ(
      Meant({.verb = "PATCH", .target = "/api/things/7", .body = R"({"id": 8, "name": "a"})"}),
      "thing { id: 7 name: \"a\" } update_mask { paths: \"name\" }");
}

TEST(RequestTest, PatchMeansTheNamesInItsBody) {
  EXPECT_EQ(Meant({.verb = "PATCH",
                   .target = "/api/things/7",
                   .body = R"({"isNew": null, "inner": {"tags": ["x"], "counts": {"a": 1}},
                               "madeAt": "2025-10-01T10:00:00Z", "extra": {"b": 1}})"}),
            "thing { id: 7 inner { counts { key: \"a\" value: 1 } tags: \"x\" } "
            "made_at { seconds: 1759312800 } extra { fields { key: \"b\" value { number_value: 1 } "
            "} } } update_mask { paths: \"extra\" paths: \"inner.counts\" paths: \"inner.tags\" "
            "paths: \"is_new\" paths: \"made_at\" }");
  EXPECT_EQ(Meant({.verb = "PATCH",
                   .target = "/api/things/7?update_mask=name,is_new",
                   .body = R"({"name": "a"})"}),
            "thing { id: 7 name: \"a\" } update_mask { paths: \"name\" paths: \"is_new\" }");
}

TEST(RequestTest, TakesForms) {
  const std::string form = "application/x-www-form-urlencoded";
  EXPECT_EQ(Meant({.verb = "POST",
                   .target = "/api/things",
                   .body = "id=7&name=a+b%26c&tags=x&tags=y&inner.id=8",
                   .content_type = form}),
            "id: 7 name: \"a b&c\" inner { id: 8 } tags: \"x\" tags: \"y\"");
  EXPECT_EQ(
      Meant({.verb = "PATCH", .target = "/api/things/7", .body = "name=a", .content_type = form}),
      "thing { id: 7 name: \"a\" }");
  EXPECT_EQ(
      Meant({.verb = "POST", .target = "/api/things", .body = "id=7&id=8", .content_type = form}),
      "id: must not be there twice");
  EXPECT_EQ(Meant({.verb = "POST", .target = "/api/things", .body = "a b", .content_type = form}),
            "body: must be a well-formed form");
  // What curl sends for -d '{"id":7}'.
  EXPECT_EQ(
      Meant({.verb = "POST", .target = "/api/things", .body = R"({"id":7})", .content_type = form}),
      "id: 7");
}

TEST(RequestTest, TakesAnyBodyWhereTheContractDoes) {
  EXPECT_EQ(Meant({.verb = "PUT",
                   .target = "/api/files/a",
                   .body = std::string("\x89PNG\0", 5),
                   .content_type = "image/png"}),
            "name: \"a\" file { content_type: \"image/png\" data: \"\\211PNG\\000\" }");
}

TEST(RequestTest, FillsInTheIdempotencyKey) {
  EXPECT_EQ(Meant({.verb = "PATCH", .target = "/api/things/7", .idempotency_key = "k1"}),
            "thing { id: 7 } idempotency_key: \"k1\"");
  EXPECT_EQ(
      Meant(
          {.verb = "PATCH", .target = "/api/things/7?idempotency_key=k2", .idempotency_key = "k1"}),
      "idempotency_key: must be that of the header Idempotency-Key");
  EXPECT_EQ(Meant({.target = "/api/things/7", .idempotency_key = "k1"}), "id: 7");
}

TEST(RequestTest, SpeaksOAuth) {
  const auto token = [](const std::string& body, const std::string& authorization = "") {
    return Meant({.verb = "POST",
                  .target = "/oauth/token",
                  .body = body,
                  .content_type = "application/x-www-form-urlencoded",
                  .authorization = authorization});
  };
  EXPECT_EQ(token("grant_type=a&resource=b"), "grant_type: \"a\" client { }");
  // "s6BhdRkqt3:a%2Bb"; the client's name is RFC 6749's, 2.3.1.
  EXPECT_EQ(token("grant_type=a", "Basic czZCaGRSa3F0MzphJTJCYg=="),
            "grant_type: \"a\" client_id: \"s6BhdRkqt3\" client_secret: \"a+b\" client { }");
  EXPECT_EQ(token("client_id=other", "Basic czZCaGRSa3F0MzphJTJCYg=="),
            "client_id: must be that of the header Authorization");
  EXPECT_EQ(token("", "Basic !"), "Authorization: must be Basic with a client's id and secret");
  EXPECT_EQ(token("", "Basic czZCaGRSa3F0Mw=="),
            "Authorization: must be Basic with a client's id and secret");
  EXPECT_EQ(Meant({.verb = "POST", .target = "/oauth/token", .body = R"({"unknown": 1})"}),
            "client { }");
}

TEST(RequestTest, KnowsTheClientBetterThanItsWord) {
  EXPECT_EQ(Meant({.verb = "POST",
                   .target = "/oauth/token",
                   .body = R"({"client": {"network_address": "6.6.6.6", "name": "phone"}})",
                   .client_address = "1.2.3.4",
                   .user_agent = "\xff"}),
            "client { network_address: \"1.2.3.4\" name: \"phone\" }");
}

TEST(RequestTest, RefusesIntegersThatNoNumberHolds) {
  EXPECT_EQ(Meant({.verb = "POST", .target = "/api/styled", .body = R"({"id": 9007199254740992})"}),
            "id: 9007199254740992");
  EXPECT_EQ(Meant({.verb = "POST",
                   .target = "/api/styled",
                   .body = R"({"inner": {"id": "9007199254740993"}})"}),
            "inner.id: must be from -2^53 to 2^53");
  EXPECT_EQ(
      Meant({.verb = "POST", .target = "/api/things", .body = R"({"id": "9007199254740993"})"}),
      "id: 9007199254740993");
}

}  // namespace
}  // namespace selfology::transcode
