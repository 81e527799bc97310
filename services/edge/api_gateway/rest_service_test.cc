// The gateway in front of a service that does what the test says, over real HTTP and gRPC.

#include "services/edge/api_gateway/rest_service.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/http/client.h"
#include "common/identity/caller.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "selfology/events/v1/user.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/relay/v1/outbox_relay_service_endpoints.h"
#include "selfology/user/v1/subscription_service_endpoints.h"
#include "services/edge/api_gateway/settings.h"
#include "testing/mesh_test.h"
#include "testing/serving_module.h"

namespace selfology::api_gateway {
namespace {

using ::nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// In place of outbox_relay.
class FakeRelay : public relay::v1::OutboxRelayServiceEndpoints {
 public:
  using Writer = rpc::Writer<relay::v1::WatchEventsResponse>;

  absl::StatusOr<relay::v1::GetStatusResponse> GetStatus(
      const Call& call, const relay::v1::GetStatusRequest&) override {
    return on_status(call);
  }
  absl::StatusOr<relay::v1::ReplayEventsResponse> ReplayEvents(
      const Call&, const relay::v1::ReplayEventsRequest& request) override {
    relay::v1::ReplayEventsResponse response;
    response.set_replayed(request.filter().user_id());
    return response;
  }
  absl::Status WatchEvents(const Call& call, const relay::v1::WatchEventsRequest&,
                           Writer& replies) override {
    return on_watch(call, replies);
  }

  std::function<absl::StatusOr<relay::v1::GetStatusResponse>(const Call&)> on_status =
      [](const Call&) { return relay::v1::GetStatusResponse(); };
  std::function<absl::Status(const Call&, Writer&)> on_watch = [](const Call&, Writer&) {
    return absl::OkStatus();
  };
};

relay::v1::WatchEventsResponse Event(const std::string& entry) {
  relay::v1::WatchEventsResponse response;
  response.set_entry_id(entry);
  return response;
}

// In place of user: plans.
class FakeSubscriptions : public user::v1::SubscriptionServiceEndpoints {
 public:
  absl::StatusOr<user::v1::GetSubscriptionResponse> GetSubscription(
      const Call&, const user::v1::GetSubscriptionRequest&) override {
    user::v1::GetSubscriptionResponse response;
    response.mutable_limits()->set_rate_factor(factor);
    return response;
  }
  absl::StatusOr<user::v1::GetTeamSubscriptionResponse> GetTeamSubscription(
      const Call&, const user::v1::GetTeamSubscriptionRequest&) override {
    return absl::UnimplementedError("GetTeamSubscription");
  }
  absl::StatusOr<user::v1::ListPlansResponse> ListPlans(
      const Call&, const user::v1::ListPlansRequest&) override {
    return user::v1::ListPlansResponse();
  }
  std::atomic<int> factor = 1;
};

class RestServiceTest : public testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(testing::Modules(
                  MakeModule(
                      {.on_listening = [this](const std::string& address) { address_ = address; }}),
                  testing::ServingModule("outbox_relay", relay_),
                  testing::ServingModule("user", subscriptions_)),
              [](service::Settings& settings) {
                // "Bearer 7" is person 7.
                settings.authenticate = [](const Call&, std::string_view authorization)
                    -> absl::StatusOr<std::shared_ptr<const identity::Caller>> {
                  identity::Caller caller{.kind = identity::Caller::Kind::kPerson};
                  const size_t space = authorization.find(' ');
                  if (!absl::SimpleAtoi(authorization.substr(space + 1), &caller.user_id)) {
                    return absl::UnauthenticatedError("no such person");
                  }
                  return std::make_shared<const identity::Caller>(caller);
                };
              });
  }
  void TearDown() override { StopMesh(); }

  absl::StatusOr<http::ClientResponse> Try(const std::string& target, http::Headers headers = {},
                                           std::string method = "GET", std::string body = "") {
    return client_.Send(Deadline(), {.method = std::move(method),
                                     .url = absl::StrCat("http://", address_, target),
                                     .headers = std::move(headers),
                                     .body = std::move(body)});
  }
  http::ClientResponse Send(const std::string& target, http::Headers headers = {},
                            std::string method = "GET", std::string body = "") {
    auto response = Try(target, std::move(headers), std::move(method), std::move(body));
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(http::ClientResponse());
  }

  const std::shared_ptr<FakeRelay> relay_ = std::make_shared<FakeRelay>();
  const std::shared_ptr<FakeSubscriptions> subscriptions_ = std::make_shared<FakeSubscriptions>();
  std::string address_;

 private:
  http::Client client_{{}};
};

constexpr char kStatus[] = "/api/v1/mesh/relay";
constexpr char kWatch[] = "/api/v1/mesh/events:watch";

TEST_F(RestServiceTest, TakesDeadlinesOn) {
  absl::Duration remaining;
  relay_->on_status = [&](const Call& call) {
    remaining = call.Remaining();
    return relay::v1::GetStatusResponse();
  };
  EXPECT_EQ(Send(kStatus).status, 200);
  // What the contract says; gRPC rounds what is left up.
  constexpr absl::Duration kRounding = absl::Milliseconds(100);
  EXPECT_LE(remaining, absl::Seconds(10) + kRounding);
  EXPECT_GT(remaining, absl::Seconds(5));
  EXPECT_EQ(Send(kStatus, {{"Grpc-Timeout", "4S"}}).status, 200);
  EXPECT_LE(remaining, absl::Seconds(4) + kRounding);
  EXPECT_EQ(Send(kStatus, {{"X-Request-Timeout", "3600"}}).status, 200);
  EXPECT_LE(remaining, absl::Seconds(10) + kRounding);
  EXPECT_EQ(Send(kStatus, {{"Grpc-Timeout", "soon"}}).status, 400);

  // Until the caller has given up: an answer in the last moment would reach it.
  relay_->on_status = [](const Call& call) -> absl::StatusOr<relay::v1::GetStatusResponse> {
    const absl::Time end = absl::Now() + absl::Seconds(10);
    while (!call.Cancelled() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(1));
    return relay::v1::GetStatusResponse();
  };
  EXPECT_EQ(Send(kStatus, {{"Grpc-Timeout", "100m"}}).status, 504);
}

TEST_F(RestServiceTest, OneTraceFromTheHeaderToTheService) {
  std::string trace;
  relay_->on_status = [&](const Call& call) {
    trace = call.trace().trace_id.str();
    return relay::v1::GetStatusResponse();
  };
  // The client would send a traceparent of its own, which counts more.
  const auto given = Send(
      kStatus, {{"X-Correlation-ID", "0af7651916cd43dd8448eb211c80319c"}, {"traceparent", "none"}});
  EXPECT_EQ(trace, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(given.headers.Get("X-Correlation-ID"), trace);
  const auto parent =
      Send(kStatus, {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}});
  EXPECT_EQ(trace, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_THAT(std::string(*parent.headers.Get("traceparent")), HasSubstr(trace));
  const auto made = Send(kStatus);
  EXPECT_EQ(made.headers.Get("X-Correlation-ID"), trace);
}

TEST_F(RestServiceTest, WhoIsNoServiceHasNoServicesName) {
  EXPECT_EQ(Send(kStatus, {{"X-Service-Name", "coach"}}).status, 403);
  const auto refused = Send(kStatus, {{"Authorization", "Bearer nonsense"}});
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.headers.Get("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(Send(kStatus, {{"Authorization", "Basic bm86bm8="}}).status, 401);
}

TEST_F(RestServiceTest, AServicesErrorIsTheAnswer) {
  relay_->on_status = [](const Call&) {
    return status::WithRetryAfter(
        status::Error(mesh::v1::ERROR_CODE_EVENT_PUBLISH_FAILED, "not now"), absl::Seconds(7));
  };
  const auto answer = Send(kStatus);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.Get("Retry-After"), "7");
  const json body = json::parse(answer.body);
  EXPECT_EQ(body["error"]["code"], "EVENT_PUBLISH_FAILED");
  EXPECT_EQ(body["detail"], "not now");
  EXPECT_EQ(body["instance"], kStatus);
}

TEST_F(RestServiceTest, LargeAnswersArePacked) {
  relay_->on_status = [](const Call&) {
    relay::v1::GetStatusResponse response;
    for (int i = 0; i < 100; ++i) response.add_group_lags();
    return response;
  };
  const auto plain = Send(kStatus, {{"Accept-Encoding", "identity"}});
  EXPECT_GT(plain.body.size(), 1024u);
  EXPECT_FALSE(plain.headers.Get("Content-Encoding").has_value());
  // The client unpacks what it asked for.
  const auto packed = Send(kStatus);
  EXPECT_EQ(packed.body, plain.body);
}

TEST_F(RestServiceTest, AnErrorAfterAMessageIsTheLastLine) {
  relay_->on_watch = [](const Call&, FakeRelay::Writer& replies) -> absl::Status {
    replies.Write(Event("1-0"));
    return status::Error(mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE, "lost");
  };
  const auto lines = Send(kWatch);
  EXPECT_EQ(lines.status, 200);
  EXPECT_EQ(lines.headers.Get("Content-Type"), "application/x-ndjson");
  const size_t second = lines.body.find('\n') + 1;
  EXPECT_EQ(json::parse(lines.body.substr(0, second))["result"]["entry_id"], "1-0");
  EXPECT_EQ(json::parse(lines.body.substr(second))["error"]["error"]["code"],
            "SERVICE_UNAVAILABLE");

  const auto events = Send(kWatch, {{"Accept", "text/event-stream"}});
  EXPECT_THAT(events.body, StartsWith("data: {"));
  EXPECT_THAT(events.body, HasSubstr("event: error\ndata: {\"type\""));
  EXPECT_THAT(events.body, EndsWith("}\n\n"));
}

TEST_F(RestServiceTest, AnErrorBeforeAnyMessageIsAnAnswer) {
  relay_->on_watch = [](const Call&, FakeRelay::Writer&) {
    return status::Error(mesh::v1::ERROR_CODE_RATE_LIMITED, "slow down");
  };
  EXPECT_EQ(Send(kWatch).status, 429);
}

TEST_F(RestServiceTest, AStreamEndsWithItsClient) {
  std::atomic<bool> begun = false, left = false;
  relay_->on_watch = [&](const Call& call, FakeRelay::Writer& replies) -> absl::Status {
    replies.Write(Event("1-0"));
    begun = true;
    while (!call.Cancelled()) absl::SleepFor(absl::Milliseconds(1));
    left = true;
    return absl::CancelledError("gone");
  };
  // Has enough after the first bytes.
  http::Client client{{}};
  const auto cut = client.Send(
      Deadline(), {.url = absl::StrCat("http://", address_, kWatch),
                   .on_data = [](std::string_view) { return absl::CancelledError("enough"); }});
  EXPECT_FALSE(cut.ok());
  EXPECT_TRUE(begun);
  Await("the service to learn that the client is gone", [&] { return left.load(); });
}

TEST_F(RestServiceTest, APlanMultipliesTheLimitsAndAnEventSaysWhenItChanged) {
  const auto policy_of = [&](const std::string& person) {
    return std::string(Send(kStatus, {{"Authorization", absl::StrCat("Bearer ", person)}})
                           .headers.Get("RateLimit-Policy")
                           .value_or(""));
  };
  EXPECT_EQ(Send(kStatus).headers.Get("RateLimit-Policy"), "\"default\";q=600;w=60");
  EXPECT_EQ(policy_of("7"), "\"default\";q=600;w=60");
  subscriptions_->factor = 4;
  EXPECT_EQ(policy_of("8"), "\"default\";q=2400;w=60");
  EXPECT_EQ(policy_of("7"), "\"default\";q=600;w=60") << "remembered";
  events::v1::SubscriptionChanged event;
  event.set_user_id(7);
  Await("the plan to be asked for again", [&] {
    Publish(event);
    return policy_of("7") == "\"default\";q=2400;w=60";
  });
}

TEST_F(RestServiceTest, BodiesThatOAuthCannotReadAreRefusedInItsWords) {
  for (const auto& [type, body] :
       std::map<std::string, std::string>{{"application/json", "{"},
                                          {"text/plain", "x"},
                                          {"application/x-www-form-urlencoded", "%zz"}}) {
    const http::ClientResponse answer =
        Send("/oauth/token", {{"Content-Type", type}}, "POST", body);
    EXPECT_EQ(answer.status, 400) << type;
    EXPECT_EQ(json::parse(answer.body, nullptr, false)["error"], "invalid_request") << answer.body;
  }
  EXPECT_EQ(
      json::parse(Send("/api/auth/login", {{"Content-Type", "application/json"}}, "POST", "{").body,
                  nullptr, false)["error"]
          .value("code", ""),
      "INVALID_ARGUMENT");
}

}  // namespace
}  // namespace selfology::api_gateway
