// Events and messages on their way out, over real HTTP.
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/events/v1/webhook.pb.h"
#include "services/edge/webhook/inbound/incoming.h"
#include "services/edge/webhook/inbound/signature.h"
#include "services/edge/webhook/webhook_fixture_test.h"

namespace selfology::webhook {
namespace {

using events::v1::NotificationRequested;
using events::v1::SkillUnlocked;
using events::v1::WebhookEndpointDisabled;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SenderTest : public WebhookTest {
 protected:
  void SetUp() override { Start(); }

  void Unlock(int64_t user_id, const std::string& node) {
    SkillUnlocked event;
    event.set_user_id(user_id);
    event.set_node_id(node);
    Publish(event);
  }

  static bool IsSigned(const http::Request& request, const std::string& secret) {
    Incoming incoming{.headers = {}, .query = {}, .body = request.body};
    for (const auto& [name, value] : request.headers) {
      incoming.headers.emplace(absl::AsciiStrToLower(name), value);
    }
    return Verify(incoming, {.provider = v1::PROVIDER_STANDARD, .secrets = {secret}}, absl::Now())
        .genuine;
  }
};

TEST_F(SenderTest, SendsEventsOfTheirTypeAndPersonSigned) {
  ReceivingServer all, some, others, everybodys;
  const auto created = CreateEndpoint(all.url());
  CreateEndpoint(some.url(), {"team.created"});
  CreateEndpoint(others.url(), {}, kUser + 1);
  CreateEndpoint(everybodys.url(), {"skill.unlocked"}, /*user_id=*/0);
  Unlock(kUser, "n1");
  Await("the message", [&] { return all.count() == 1 && everybodys.count() == 1; });
  const http::Request request = all.requests()[0];
  EXPECT_TRUE(IsSigned(request, created.secret()));
  EXPECT_THAT(request.body, HasSubstr(R"({"type":"skill.unlocked","timestamp":")"));
  EXPECT_THAT(request.body, HasSubstr(R"("node_id":"n1")"));
  EXPECT_EQ(request.headers.Get("User-Agent"), "selfology-webhooks/1.0");
  EXPECT_EQ(some.count(), 0u);
  EXPECT_EQ(others.count(), 0u);
  // A replay of the mesh's events sends nothing again.
  Republish();
  Unlock(kUser, "n2");
  Await("the second", [&] { return all.count() == 2; });
  EXPECT_THAT(all.bodies()[1], HasSubstr("n2"));
}

TEST_F(SenderTest, AKindStandsForTheEventThatHasItsName) {
  ReceivingServer server;
  const auto created = CreateEndpoint(server.url(), {"user_registration"});
  EXPECT_THAT(created.endpoint().event_types(), ElementsAre("user.registered"));
  events::v1::UserRegistered event;
  event.set_user_id(kUser);
  event.set_language("en");
  Unlock(kUser, "n1");  // Not asked for.
  Publish(event);
  Await("the message", [&] { return server.count() == 1; });
  EXPECT_THAT(server.bodies()[0],
              HasSubstr(R"({"type":"user.registered","kind":"user_registration","timestamp":")"));
  v1::TriggerWebhookRequest trigger;
  trigger.set_user_id(kUser);
  trigger.set_event_type("user_registration");
  trigger.set_idempotency_key("by its kind");
  ASSERT_TRUE(client_->TriggerWebhook(Deadline(), trigger).ok());
  Await("the second", [&] { return server.count() == 2; });
  trigger.set_event_type("payment_failed");  // It only comes in.
  EXPECT_EQ(client_->TriggerWebhook(Deadline(), trigger).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(SenderTest, KeepsTheOrderOfAnEndpointWhateverFails) {
  ReceivingServer server([](int nth, const http::Request&) {
    return http::Response::Text("", nth % 3 == 2 ? 500 : 200);
  });
  const auto created = CreateEndpoint(server.url());
  std::vector<int64_t> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(Trigger(absl::StrCat("m", i)).at(0));
  Await("all to be delivered", [&] {
    AdvanceWhenIdle(absl::Seconds(5));
    return Delivery(ids.back()).delivery().state() == v1::DELIVERY_STATE_DELIVERED;
  });
  std::vector<std::string> first_seen;
  for (const http::Request& request : server.requests()) {
    const std::string id(request.headers.Get("webhook-id").value_or(""));
    if (std::find(first_seen.begin(), first_seen.end(), id) == first_seen.end()) {
      first_seen.push_back(id);
    } else {
      EXPECT_EQ(first_seen.back(), id) << "a message overtook one that was tried again";
    }
  }
  std::vector<std::string> expected;
  for (const int64_t id : ids) expected.push_back(Delivery(id).delivery().message_id());
  EXPECT_EQ(first_seen, expected);
}

TEST_F(SenderTest, GivesUpAfterTheScheduleAndRetriesByHand) {
  std::atomic<bool> works = false;
  ReceivingServer server([&](int, const http::Request&) {
    return works ? http::Response::Text("fine") : http::Response::Text("not today", 500);
  });
  CreateEndpoint(server.url());
  const int64_t id = Trigger("a").at(0);
  Await("it to be given up", [&] {
    AdvanceWhenIdle(absl::Seconds(30));
    return Delivery(id).delivery().state() == v1::DELIVERY_STATE_FAILED;
  });
  const auto failed = Delivery(id);
  EXPECT_EQ(failed.delivery().failure(), v1::DELIVERY_FAILURE_STATUS);
  EXPECT_EQ(failed.delivery().attempt_count(), 3);
  ASSERT_THAT(failed.attempts(), SizeIs(3));
  EXPECT_EQ(failed.attempts(2).http_status(), 500);
  EXPECT_EQ(failed.attempts(2).answer_excerpt(), "not today");
  EXPECT_FALSE(failed.attempts(2).unfinished());
  EXPECT_EQ(server.bodies()[0], server.bodies()[2]) << "each attempt sends the same";
  EXPECT_EQ(failed.body(), server.bodies()[0]);

  works = true;
  v1::RetryDeliveryRequest retry;
  retry.set_user_id(kUser);
  retry.set_delivery_id(id);
  const auto retried = client_->RetryDelivery(Deadline(), retry);
  ASSERT_TRUE(retried.ok()) << retried.status();
  AwaitState(id, v1::DELIVERY_STATE_DELIVERED);
  EXPECT_THAT(Delivery(id).attempts(), SizeIs(4));
}

TEST_F(SenderTest, ObeysTooManyRequestsWithoutCountingThem) {
  ReceivingServer server([](int nth, const http::Request&) {
    http::Response response = http::Response::Text("", nth <= 5 ? 429 : 200);
    if (nth <= 5) response.headers.Set("Retry-After", "100");
    return response;
  });
  CreateEndpoint(server.url());
  const int64_t id = Trigger("a").at(0);
  for (size_t nth = 1; nth <= 5; ++nth) {
    Await("an attempt", [&] {
      return Delivery(id).attempts_size() == static_cast<int>(nth) &&
             !Delivery(id).attempts(nth - 1).unfinished();
    });
    Advance(absl::Seconds(90));
    EXPECT_EQ(server.count(), nth) << "before it said";
    Advance(absl::Seconds(11));
  }
  AwaitState(id, v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(Delivery(id).delivery().attempt_count(), 1);
}

TEST_F(SenderTest, GoneDisablesTellsAndKeepsTheLog) {
  ReceivingServer server([](int, const http::Request&) { return http::Response::Text("", 410); });
  const auto created = CreateEndpoint(server.url());
  const int64_t id = Trigger("a").at(0);
  AwaitState(id, v1::DELIVERY_STATE_FAILED);
  EXPECT_EQ(Endpoint(created.endpoint().endpoint_id()).state(),
            v1::ENDPOINT_STATE_DISABLED_AS_GONE);
  ASSERT_THAT(Published<WebhookEndpointDisabled>(), SizeIs(1));
  EXPECT_EQ(Published<WebhookEndpointDisabled>()[0].reason(), "GONE");
  ASSERT_THAT(Published<NotificationRequested>(), SizeIs(1));
  EXPECT_EQ(Published<NotificationRequested>()[0].user_id(), kUser);
  // What comes meanwhile is in the log, not sent, and can be had afterwards.
  const int64_t later = Trigger("b").at(0);
  EXPECT_EQ(Delivery(later).delivery().failure(), v1::DELIVERY_FAILURE_DISABLED);
  EXPECT_EQ(server.count(), 1u);
  v1::RetryFailedDeliveriesRequest retry;
  retry.set_user_id(kUser);
  retry.set_endpoint_id(created.endpoint().endpoint_id());
  EXPECT_EQ(client_->RetryFailedDeliveries(Deadline(), retry).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(SenderTest, BulkRetrySendsInOrderOnceItWorksAgain) {
  std::atomic<bool> works = false;
  ReceivingServer server(
      [&](int, const http::Request&) { return http::Response::Text("", works ? 200 : 503); });
  const auto created = CreateEndpoint(server.url());
  std::vector<int64_t> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(Trigger(absl::StrCat("m", i)).at(0));
  Await("all to be given up", [&] {
    AdvanceWhenIdle(absl::Seconds(40));
    return Delivery(ids.back()).delivery().state() == v1::DELIVERY_STATE_FAILED;
  });
  works = true;
  const size_t before = server.count();
  v1::RetryFailedDeliveriesRequest retry;
  retry.set_user_id(kUser);
  retry.set_endpoint_id(created.endpoint().endpoint_id());
  const auto retried = client_->RetryFailedDeliveries(Deadline(), retry);
  ASSERT_TRUE(retried.ok()) << retried.status();
  EXPECT_EQ(retried->retried_count(), 3);
  AwaitState(ids.back(), v1::DELIVERY_STATE_DELIVERED);
  const std::vector<std::string> bodies = server.bodies();
  for (size_t i = 0; i < 3; ++i) EXPECT_THAT(bodies[before + i], HasSubstr(absl::StrCat("m", i)));
}

TEST_F(SenderTest, PersistentFailureDisables) {
  ReceivingServer server([](int, const http::Request&) { return http::Response::Text("", 500); });
  const auto created = CreateEndpoint(server.url());
  for (int i = 0; i < 6; ++i) Trigger("m");
  Await("it to be disabled", [&] {
    AdvanceWhenIdle(absl::Hours(12));
    return Endpoint(created.endpoint().endpoint_id()).state() ==
           v1::ENDPOINT_STATE_DISABLED_BY_FAILURES;
  });
  EXPECT_GE(server.count(), 10u);
  ASSERT_THAT(Published<NotificationRequested>(), SizeIs(1));
  EXPECT_EQ(Published<NotificationRequested>()[0].kind(), "webhook.endpoint.disabled");
}

TEST_F(SenderTest, SignsWithBothSecretsWhileOneReplacesTheOther) {
  ReceivingServer server;
  const auto created = CreateEndpoint(server.url());
  v1::RotateEndpointSecretRequest rotate;
  rotate.set_user_id(kUser);
  rotate.set_endpoint_id(created.endpoint().endpoint_id());
  rotate.set_overlap_seconds(3600);
  rotate.set_idempotency_key("rotate");
  const auto rotated = client_->RotateEndpointSecret(Deadline(), rotate);
  ASSERT_TRUE(rotated.ok()) << rotated.status();
  EXPECT_NE(rotated->secret(), created.secret());
  EXPECT_EQ(client_->RotateEndpointSecret(Deadline(), rotate)->secret(), rotated->secret());
  Trigger("a");
  Await("the message", [&] { return server.count() == 1; });
  EXPECT_TRUE(IsSigned(server.requests()[0], created.secret()));
  EXPECT_TRUE(IsSigned(server.requests()[0], rotated->secret()));
}

TEST_F(SenderTest, FollowsNoRedirectsAndReachesNoPrivateAddress) {
  ReceivingServer inside;
  ReceivingServer outside([&](int, const http::Request&) {
    http::Response response = http::Response::Text("", 302);
    response.headers.Set("Location", inside.url());
    return response;
  });
  CreateEndpoint(outside.url());
  const int64_t id = Trigger("a").at(0);
  Await("an attempt", [&] { return outside.count() == 1; });
  Await("its outcome", [&] {
    return Delivery(id).attempts_size() > 0 && Delivery(id).attempts(0).http_status() == 302;
  });
  EXPECT_EQ(inside.count(), 0u);
  StopMesh();

  Start({.allowed_networks = {"192.0.2.0/24"}});  // Which allows http, and not this machine.
  const auto local = CreateEndpoint(absl::StrCat("http://localhost:", inside.url().substr(17)));
  const std::vector<int64_t> refused = Trigger("b", local.endpoint().endpoint_id());
  Await("it to be refused", [&] {
    return Delivery(refused.back()).attempts_size() > 0 &&
           Delivery(refused.back()).attempts(0).failure() == v1::DELIVERY_FAILURE_ADDRESS;
  });
  EXPECT_EQ(inside.count(), 0u);
}

TEST_F(SenderTest, WhatACrashInterruptedIsSentAgainInOrder) {
  ReceivingServer server;
  const auto created = CreateEndpoint(server.url());
  const std::string id = created.endpoint().endpoint_id();
  StopMesh();
  // As a process leaves it that died with two attempts begun and its lease held.
  auto& database = DatabaseAs("");
  ASSERT_TRUE(database
                  .Write(Deadline(),
                         [&](postgres::Transaction& tx) -> absl::Status {
                           tx.Queue(
                               "INSERT INTO selfology.webhook_messages VALUES"
                               " ('msg_1', 0, 'webhook.test', '{\"n\":1}', now(), now()),"
                               " ('msg_2', 0, 'webhook.test', '{\"n\":2}', now(), now())");
                           tx.Queue(
                               "INSERT INTO selfology.webhook_deliveries (endpoint_id, message_id,"
                               " user_id, state, due_at, created_at, tried)"
                               " VALUES ($1, 'msg_1', $2, 1, now(), now(), 1),"
                               " ($1, 'msg_2', $2, 1, now(), now(), 1)",
                               id, kUser);
                           tx.Queue(
                               "INSERT INTO selfology.webhook_attempts (delivery_id, number,"
                               " started_at) SELECT delivery_id, 1, now()"
                               " FROM selfology.webhook_deliveries");
                           tx.Queue(
                               "UPDATE selfology.webhook_endpoints SET due_at = now(),"
                               " lease = 7, leased_until = now() + interval '90 s'");
                           return absl::OkStatus();
                         })
                  .ok());
  Start();
  Advance(absl::Seconds(91));
  Await("both", [&] { return server.count() == 2; });
  EXPECT_THAT(server.bodies(), ElementsAre(R"({"n":1})", R"({"n":2})"));
  v1::ListDeliveriesRequest list;
  list.set_user_id(kUser);
  Await("both to be delivered", [&] {
    list.set_state(v1::DELIVERY_STATE_DELIVERED);
    return client_->ListDeliveries(Deadline(), list)->deliveries_size() == 2;
  });
  const auto first =
      Delivery(client_->ListDeliveries(Deadline(), list)->deliveries(1).delivery_id());
  ASSERT_THAT(first.attempts(), SizeIs(2));
  EXPECT_EQ(first.attempts(0).failure(), v1::DELIVERY_FAILURE_UNKNOWN);
  EXPECT_EQ(first.delivery().attempt_count(), 1);
}

TEST_F(SenderTest, ASlowOrDeadEndpointHoldsUpNoOther) {
  ReceivingServer dead([](int, const http::Request&) {
    http::Response response;
    response.drop = true;
    return response;
  });
  ReceivingServer fine;
  const auto one = CreateEndpoint(dead.url());
  const auto other = CreateEndpoint(fine.url());
  Trigger("a");
  const std::vector<int64_t> ids = Trigger("b", other.endpoint().endpoint_id());
  AwaitState(ids.at(0), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(Endpoint(one.endpoint().endpoint_id()).state(), v1::ENDPOINT_STATE_ENABLED);
}

}  // namespace
}  // namespace selfology::webhook
