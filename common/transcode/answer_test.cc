#include "common/transcode/answer.h"

#include <string>

#include "common/status/status.h"
#include "common/transcode/probe/thing_service.pb.h"
#include "common/transcode/problem.h"
#include "common/transcode/request.h"
#include "gmock/gmock.h"
#include "google/api/httpbody.pb.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/mesh/v1/http_response.pb.h"

namespace selfology::transcode {
namespace {

using ::google::protobuf::DescriptorPool;

const Route& RouteOf(const std::string& method) {
  static const auto* const routes = new RouteTable([] {
    probe::v1::Thing::descriptor();  // Links the file in.
    return RouteTable::Make({DescriptorPool::generated_pool()->FindServiceByName(
                                "selfology.transcode.probe.v1.ThingService")})
        .value();
  }());
  for (const auto& route : routes->routes()) {
    if (route->method->name() == method) return *route;
  }
  ADD_FAILURE() << method;
  return *routes->routes().front();
}

TEST(AnswerTest, IsJson) {
  probe::v1::ListThingsResponse list;
  list.add_things()->set_name("a");
  const auto answer = AnswerOf(RouteOf("ListThings"), list, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->headers.Get("Content-Type"), "application/json");
  const auto body = nlohmann::json::parse(answer->body);
  ASSERT_TRUE(body.is_array());
  EXPECT_EQ(body[0]["name"], "a");
  // A field that is not set is there all the same.
  EXPECT_EQ(
      nlohmann::json::parse(
          AnswerOf(RouteOf("GetNamedThing"), probe::v1::GetNamedThingResponse(), {})->body)["id"],
      "0");
}

TEST(AnswerTest, IsRawWhereTheContractSaysSo) {
  google::api::HttpBody file;
  file.set_content_type("image/png");
  file.set_data(std::string("\x89\0", 2));
  const auto body = AnswerOf(RouteOf("GetFile"), file, {});
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(body->body, file.data());
  EXPECT_EQ(body->headers.Get("Content-Type"), "image/png");

  mesh::v1::HttpResponse redirect;
  redirect.set_status(302);
  auto* const header = redirect.add_headers();
  header->set_name("Location");
  header->set_value("/there");
  const auto sent = AnswerOf(RouteOf("PutFile"), redirect, {});
  ASSERT_TRUE(sent.ok());
  EXPECT_EQ(sent->status, 302);
  EXPECT_EQ(sent->headers.Get("Location"), "/there");
  EXPECT_FALSE(sent->headers.Get("Content-Type").has_value());
  redirect.set_status(99);
  EXPECT_FALSE(AnswerOf(RouteOf("PutFile"), redirect, {}).ok());
}

TEST(ProblemTest, HasTheMembersOfAllDocuments) {
  absl::Status error = status::Error(mesh::v1::ERROR_CODE_ANALYSIS_FAILED,
                                     "Failed to analyze answer", {{"reason", "AI API timeout"}});
  error = status::WithRetryAfter(error, absl::Seconds(5));
  const http::Response response =
      Problem(error, {.instance = "/api/v1/texts:analyze", .trace_id = "answer_123456_q1"});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.Get("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.headers.Get("Retry-After"), "5");
  const auto body = nlohmann::json::parse(response.body);
  // RFC 9457.
  EXPECT_EQ(body["type"], "urn:selfology:error:ANALYSIS_FAILED");
  EXPECT_EQ(body["title"], "Service Unavailable");
  EXPECT_EQ(body["status"], 503);
  EXPECT_EQ(body["detail"], "Failed to analyze answer");
  EXPECT_EQ(body["instance"], "/api/v1/texts:analyze");
  // Spec 000's example.
  EXPECT_EQ(body["error"], nlohmann::json::parse(R"({
    "code": "ANALYSIS_FAILED",
    "message": "Failed to analyze answer",
    "details": {"reason": "AI API timeout", "retry_after": 5},
    "trace_id": "answer_123456_q1"
  })"));
  // Spec 003's.
  EXPECT_EQ(body["status_code"], 503);
}

TEST(ProblemTest, NamesFields) {
  const auto body =
      nlohmann::json::parse(ProblemJson(status::InvalidField("page_size", "must be 1 to 100"), {}));
  EXPECT_EQ(body["status"], 400);
  EXPECT_EQ(body["status_code"], 400);
  EXPECT_EQ(body["violations"],
            nlohmann::json::parse(R"([{"field": "page_size", "rule": "must be 1 to 100"}])"));
  EXPECT_EQ(body["error"]["details"]["violations"], body["violations"]);
}

TEST(ProblemTest, HasHttpsOwnStatusWhereThereIsOne) {
  EXPECT_EQ(
      HttpStatusOf(status::Error(absl::StatusCode::kInvalidArgument, kUnsupportedMediaType, "")),
      415);
  EXPECT_EQ(HttpStatusOf(status::Error(mesh::v1::ERROR_CODE_REQUEST_TOO_LARGE, "")), 413);
  EXPECT_EQ(HttpStatusOf(status::Error(mesh::v1::ERROR_CODE_RATE_LIMITED, "")), 429);
  EXPECT_EQ(HttpStatusOf(absl::FailedPreconditionError("")), 400);
}

TEST(OAuthRefusalTest, IsInTheWordsOfRfc6749) {
  EXPECT_TRUE(SpeaksOAuth(RouteOf("IssueToken")));
  EXPECT_FALSE(SpeaksOAuth(RouteOf("PutFile")));
  const auto body = OAuthRefusal(status::InvalidField("body", "must be a well-formed form"));
  EXPECT_EQ(body.status, 400);
  const nlohmann::json json = nlohmann::json::parse(body.body, nullptr, false);
  EXPECT_EQ(json["error"], "invalid_request");
  EXPECT_EQ(json["error_description"], "body must be a well-formed form");
  EXPECT_EQ(body.headers.Get("Cache-Control"), "no-store");
  const auto client = OAuthRefusal(status::InvalidField(kAuthorizationField, "must be Basic"));
  EXPECT_EQ(client.status, 401);
  EXPECT_EQ(nlohmann::json::parse(client.body, nullptr, false)["error"], "invalid_client");
  EXPECT_EQ(client.headers.Get("WWW-Authenticate"), "Basic realm=\"selfology\"");
}

}  // namespace
}  // namespace selfology::transcode
