// Other people's webhooks, over real HTTP.
#include "services/edge/webhook/inbound/receiver.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/http/test_socket.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/queue.pb.h"
#include "selfology/events/v1/security.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/events/v1/webhook.pb.h"
#include "services/edge/webhook/inbound/digests.h"
#include "services/edge/webhook/webhook_fixture_test.h"

namespace selfology::webhook {
namespace {

using events::v1::AuditFactNoted;
using events::v1::JobRequested;
using events::v1::NotificationRequested;
using events::v1::PaymentFailed;
using events::v1::PaymentReceived;
using events::v1::WebhookReceived;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReceiverTest : public WebhookTest {
 protected:
  void SetUp() override { Start(); }

  static std::string Hex(const std::string& secret, const std::string& text) {
    return absl::BytesToHexString(Hmac(v1::HASH_ALGORITHM_SHA256, secret, text));
  }
  http::ClientResponse SendGithub(const v1::Source& source, const std::string& secret,
                                  const std::string& body, const std::string& delivery = "d1") {
    return Send(source, body,
                {{"X-GitHub-Event", "push"},
                 {"X-GitHub-Delivery", delivery},
                 {"Content-Type", "application/json"},
                 {"X-Hub-Signature-256", absl::StrCat("sha256=", Hex(secret, body))}});
  }
  http::ClientResponse SendStripe(const v1::Source& source, const std::string& secret,
                                  const std::string& body,
                                  absl::Duration age = absl::ZeroDuration()) {
    const std::string time = absl::StrCat(absl::ToUnixSeconds(Now() - age));
    return Send(source, body,
                {{"Stripe-Signature",
                  absl::StrCat("t=", time, ",v1=", Hex(secret, absl::StrCat(time, ".", body)))}});
  }
};

TEST_F(ReceiverTest, TakesAGenuineRequestOnceAndKeepsItAsItCame) {
  const auto source = CreateSource(v1::PROVIDER_GITHUB, "secret").source();
  const std::string body = "{ \"ref\": \"refs/heads/main\",\n \"n\": 1.0 }";
  EXPECT_EQ(SendGithub(source, "secret", body).status, 200);
  EXPECT_THAT(SendGithub(source, "secret", body).body, HasSubstr("repeated"));
  ASSERT_THAT(Published<WebhookReceived>(), SizeIs(1));
  const WebhookReceived event = Published<WebhookReceived>()[0];
  EXPECT_EQ(event.provider(), "github");
  EXPECT_EQ(event.provider_event_id(), "d1");
  EXPECT_EQ(event.event_kind(), "push");
  EXPECT_EQ(event.body(), body);
  EXPECT_EQ(event.user_id(), kUser);
  const auto received = Received();
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].times_received(), 2);
  EXPECT_THAT(received[0].matched_rules(), ElementsAre("github_push"));
  v1::GetReceivedRequest get;
  get.set_user_id(kUser);
  get.set_received_id(received[0].received_id());
  EXPECT_EQ(client_->GetReceived(Deadline(), get)->body(), body) << "letter for letter";
  get.set_user_id(kUser + 1);
  EXPECT_EQ(client_->GetReceived(Deadline(), get).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ReceiverTest, ManyAtOnceOfOneEventTakeEffectOnce) {
  const auto source = CreateSource(v1::PROVIDER_STRIPE, "secret", /*user_id=*/0).source();
  const std::string body =
      R"({"id":"evt_1","type":"invoice.payment_failed","data":{"object":{"id":"in_1","metadata":{"user_id":"77"}}}})";
  std::vector<std::thread> senders;
  for (int i = 0; i < 10; ++i) {
    senders.emplace_back([&] { EXPECT_EQ(SendStripe(source, "secret", body).status, 200); });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_THAT(Published<PaymentFailed>(), SizeIs(1));
  EXPECT_EQ(Received(0)[0].times_received(), 10);
}

TEST_F(ReceiverTest, RefusesForgedOldAndStrangeRequests) {
  const auto source = CreateSource(v1::PROVIDER_STRIPE, "secret").source();
  EXPECT_EQ(SendStripe(source, "guess", "{}").status, 401);
  EXPECT_EQ(SendStripe(source, "secret", "{}", absl::Minutes(6)).status, 401);
  EXPECT_EQ(Send(source, "{}").status, 400);
  EXPECT_THAT(Published<WebhookReceived>(), IsEmpty());
  const auto received = Received();
  ASSERT_THAT(received, SizeIs(3)) << "they are in the log";
  EXPECT_EQ(received[0].refusal(), "SIGNATURE_MISSING");
  EXPECT_EQ(received[1].refusal(), "TOO_OLD");
  EXPECT_EQ(received[2].refusal(), "SIGNATURE_MISMATCH");
  EXPECT_THAT(Published<AuditFactNoted>(), SizeIs(1)) << "one a minute";
  v1::Source other = source;
  for (const char* path : {"/webhooks/github/", "/webhooks/stripe/nobody", "/webhooks/stripe",
                           "/webhooks/stripe/a/b", "/webhooks/none/a", "/webhooks/stripe/%2e%2e"}) {
    other.set_path(path[17] == 0 ? path + source.endpoint_id() : std::string(path));
    const int status = Send(other, "{}").status;
    EXPECT_TRUE(status == 404 || status == 400) << path << " " << status;
  }
  EXPECT_EQ(Send(source, "", {}, "", "DELETE").status, 405);
  EXPECT_EQ(Send(source, std::string(Receiver::kMaxBodyBytes + 1, 'a')).status, 413);
}

TEST_F(ReceiverTest, TakesLargeBodiesByReference) {
  const auto source = CreateSource(v1::PROVIDER_GITHUB, "secret").source();
  const std::string body =
      absl::StrCat("{\"text\":\"", std::string(Receiver::kMaxBodyBytes - 11, 'a'), "\"}");
  ASSERT_EQ(body.size(), Receiver::kMaxBodyBytes);
  EXPECT_EQ(SendGithub(source, "secret", body).status, 200);
  ASSERT_THAT(Published<WebhookReceived>(), SizeIs(1));
  EXPECT_EQ(Published<WebhookReceived>()[0].body(), "");
  v1::GetReceivedRequest get;
  get.set_user_id(kUser);
  get.set_received_id(Published<WebhookReceived>()[0].received_id());
  const auto stored = client_->GetReceived(Deadline(), get);
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_TRUE(stored->truncated());
  EXPECT_EQ(stored->received().body_bytes(), static_cast<int32_t>(body.size()));
}

TEST_F(ReceiverTest, AnswersFacebooksChallenge) {
  v1::CreateSourceRequest request;
  request.set_user_id(kUser);
  request.set_provider(v1::PROVIDER_FACEBOOK);
  request.set_secret("app");
  request.set_verify_token("token");
  const auto source = CreateSource(request).source();
  const auto answer =
      Send(source, "", {}, "?hub.mode=subscribe&hub.verify_token=token&hub.challenge=115", "GET");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "115");
  EXPECT_EQ(
      Send(source, "", {}, "?hub.mode=subscribe&hub.verify_token=x&hub.challenge=1", "GET").status,
      403);
}

TEST_F(ReceiverTest, LimitsEachSourceByTheMinute) {
  StopMesh();
  Start({.received_per_minute = 3});
  const auto source = CreateSource(v1::PROVIDER_ZAPIER, "");
  const http::Headers headers = {{"Authorization", "Bearer " + source.secret()}};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Send(source.source(), absl::StrCat("{\"id\":\"", i, "\"}"), headers).status, 200);
  }
  const auto refused = Send(source.source(), "{}", headers);
  EXPECT_EQ(refused.status, 429);
  EXPECT_TRUE(refused.headers.Get("Retry-After").has_value());
}

// R004: 10 MB, 30 s, 1,000 a minute for each endpoint.
TEST_F(ReceiverTest, TheLimitsAreThoseOfTheDocument) {
  EXPECT_EQ(Receiver::kMaxBodyBytes, 10'000'000u);
  EXPECT_EQ(WebhookSettings().request_timeout, absl::Seconds(30));
  // Who asks for a source that is not there is counted, too, and costs little.
  v1::Source nobody;
  nobody.set_path("/webhooks/github/nobody");
  int status = 0;
  int allowed = 0;
  while (allowed < 1100 && (status = Send(nobody, "{}").status) == 404) ++allowed;
  EXPECT_EQ(status, 429);
  // More only where Redis was too slow to count.
  EXPECT_GE(allowed, 1000);
  EXPECT_EQ(Send(CreateSource(v1::PROVIDER_GITHUB, "secret").source(), "{}").status, 400)
      << "another one has its own";
}

TEST_F(ReceiverTest, ARequestThatTakesTooLongIsGivenUp) {
  StopMesh();
  Start({.request_timeout = absl::Milliseconds(300)});
  const auto source = CreateSource(v1::PROVIDER_GITHUB, "secret").source();
  http::TestSocket slow(port_);
  slow.Send(absl::StrCat("POST ", source.path(),
                         " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\npart"));
  EXPECT_THAT(slow.ReadAll(), IsEmpty());
  EXPECT_TRUE(slow.closed());
  // And one that is here, but cannot be written down in time: its sender comes again.
  const auto held =
      DatabaseAs("").Write(Deadline(), [&](postgres::Transaction& tx) -> absl::Status {
        RETURN_IF_ERROR(
            tx.Execute("LOCK TABLE selfology.webhook_received IN ACCESS EXCLUSIVE MODE").status());
        const int status = SendGithub(source, "secret", "{}").status;
        EXPECT_TRUE(status == 503 || status == 504) << status;
        return absl::OkStatus();
      });
  EXPECT_TRUE(held.ok()) << held;
  Await("it to be taken", [&] { return SendGithub(source, "secret", "{}").status == 200; });
  EXPECT_THAT(Published<WebhookReceived>(), SizeIs(1));
}

TEST_F(ReceiverTest, AFailedPaymentMakesItsEventAndAnAuditEntry) {
  const auto source = CreateSource(v1::PROVIDER_STRIPE, "secret", /*user_id=*/0).source();
  EXPECT_EQ(
      SendStripe(
          source, "secret",
          R"({"id":"evt_1","type":"invoice.payment_failed","data":{"object":{"id":"in_1","metadata":{"user_id":"77","team_id":"5"}}}})")
          .status,
      200);
  ASSERT_THAT(Published<PaymentFailed>(), SizeIs(1));
  EXPECT_EQ(Published<PaymentFailed>()[0].user_id(), 77);
  EXPECT_EQ(Published<PaymentFailed>()[0].team_id(), 5);
  EXPECT_EQ(Published<PaymentFailed>()[0].payment_id(), "in_1");
  ASSERT_THAT(Published<AuditFactNoted>(), SizeIs(1));
  EXPECT_EQ(Published<AuditFactNoted>()[0].subject_id(), 77);
  // Notification tells of the event itself.
  EXPECT_THAT(Published<NotificationRequested>(), IsEmpty());
  EXPECT_EQ(
      SendStripe(
          source, "secret",
          R"({"id":"evt_2","type":"invoice.paid","data":{"object":{"id":"in_2","period_end":1767168000,"metadata":{"user_id":"77","plan":"team"}}}})")
          .status,
      200);
  ASSERT_THAT(Published<PaymentReceived>(), SizeIs(1));
  EXPECT_EQ(Published<PaymentReceived>()[0].plan(), user::v1::PLAN_TEAM);
  EXPECT_EQ(Published<PaymentReceived>()[0].paid_until().seconds(), 1767168000);
}

TEST_F(ReceiverTest, WhatTheInstallationReceivedOfAPersonIsErasedWithThem) {
  const auto source = CreateSource(v1::PROVIDER_STRIPE, "secret", /*user_id=*/0).source();
  for (const char* user : {"77", "78"}) {
    SendStripe(source, "secret",
               absl::StrCat(R"({"id":"evt_)", user,
                            R"(","type":"invoice.payment_failed","data":{"object":{"metadata":)",
                            R"({"user_id":")", user, R"("}}}})"));
  }
  ASSERT_THAT(Received(0), SizeIs(2));
  v1::DeleteUserDataRequest request;
  request.set_user_id(77);
  ASSERT_TRUE(client_->DeleteUserData(Deadline(), request).ok());
  ASSERT_THAT(Received(0), SizeIs(1));
  EXPECT_EQ(Received(0)[0].provider_event_id(), "evt_78");
}

// What a person's own source says about payments is the person's word only.
TEST_F(ReceiverTest, APersonsSourceActsForItsOwnerOnly) {
  const auto source = CreateSource(v1::PROVIDER_STRIPE, "secret").source();
  EXPECT_EQ(
      SendStripe(
          source, "secret",
          R"({"id":"evt_1","type":"invoice.payment_failed","data":{"object":{"id":"in_1","metadata":{"user_id":"77"}}}})")
          .status,
      200);
  EXPECT_THAT(Published<PaymentFailed>(), IsEmpty());
  EXPECT_THAT(Published<NotificationRequested>(), IsEmpty());
  EXPECT_THAT(Published<WebhookReceived>(), SizeIs(1));
}

TEST_F(ReceiverTest, AZapBecomesAJobAndAMentionANotification) {
  const auto zap = CreateSource(v1::PROVIDER_ZAPIER, "");
  EXPECT_EQ(Send(zap.source(), R"({"id":"zap-1","event":"row_added","data":{"title":"A"}})",
                 {{"X-Webhook-Secret", zap.secret()}})
                .status,
            200);
  ASSERT_THAT(Published<JobRequested>(), SizeIs(1));
  const JobRequested job = Published<JobRequested>()[0];
  EXPECT_EQ(job.job().queue(), "webhook_processing_queue");
  EXPECT_EQ(job.user_id(), kUser);
  EXPECT_EQ(job.job().kind(), "external_event");
  const auto& payload = job.job().payload().fields();
  EXPECT_EQ(payload.at("provider").string_value(), "zapier");
  EXPECT_EQ(payload.at("event_kind").string_value(), "row_added");
  EXPECT_EQ(payload.at("delivery_id").string_value(),
            absl::StrCat(Published<WebhookReceived>()[0].received_id()));

  const auto page = CreateSource(v1::PROVIDER_FACEBOOK, "app").source();
  const std::string body =
      R"({"object":"page","entry":[{"id":"12","changes":[{"field":"mention","value":{"item":"post"}}]}]})";
  EXPECT_EQ(
      Send(page, body, {{"X-Hub-Signature-256", absl::StrCat("sha256=", Hex("app", body))}}).status,
      200);
  ASSERT_THAT(Published<NotificationRequested>(), SizeIs(1));
  EXPECT_EQ(Published<NotificationRequested>()[0].user_id(), kUser);
  EXPECT_EQ(Published<NotificationRequested>()[0].kind(), "webhook.facebook_page_mention");
  EXPECT_EQ(Published<WebhookReceived>()[1].kind(), "facebook_page_mention");
}

TEST_F(ReceiverTest, RulesRouteAndCanBeTriedOnWhatCame) {
  v1::CreateSourceRequest request;
  request.set_user_id(kUser);
  request.set_provider(v1::PROVIDER_GITHUB);
  request.set_secret("secret");
  auto& drop = *request.add_rules();
  drop.set_rule_id("branches");
  drop.set_when(R"(not body.ref == "refs/heads/main")");
  drop.add_actions()->set_drop(true);
  auto& main = *request.add_rules();
  main.set_rule_id("main");
  main.add_actions()->mutable_job()->set_kind("build");
  (*main.mutable_actions(0)->mutable_job()).set_payload_path("body.commits[0]");
  const auto source = CreateSource(request).source();
  SendGithub(source, "secret", R"({"ref":"refs/heads/main","commits":[{"id":"a1"}]})", "1");
  SendGithub(source, "secret", R"({"ref":"refs/heads/other","commits":[]})", "2");
  ASSERT_THAT(Published<JobRequested>(), SizeIs(1));
  EXPECT_EQ(Published<JobRequested>()[0].job().payload().fields().at("id").string_value(), "a1");
  EXPECT_THAT(Published<WebhookReceived>(), SizeIs(1));
  const auto received = Received();
  EXPECT_EQ(received[0].state(), v1::RECEIVED_STATE_DROPPED);
  EXPECT_EQ(received[1].state(), v1::RECEIVED_STATE_ROUTED);

  v1::TryRuleRequest trial;
  trial.set_user_id(kUser);
  trial.set_endpoint_id(source.endpoint_id());
  trial.set_when(R"(body.ref ends_with "other")");
  const auto tried = client_->TryRule(Deadline(), trial);
  ASSERT_TRUE(tried.ok()) << tried.status();
  ASSERT_THAT(tried->trials(), SizeIs(2));
  EXPECT_TRUE(tried->trials(0).matches());
  EXPECT_FALSE(tried->trials(1).matches());
  trial.set_when("body.ref ends_with");
  EXPECT_EQ(client_->TryRule(Deadline(), trial).status().code(),
            absl::StatusCode::kInvalidArgument);

  // Mended rules can be applied to what was dropped.
  v1::UpdateSourceRequest update;
  update.set_user_id(kUser);
  update.set_endpoint_id(source.endpoint_id());
  *update.mutable_rules()->add_rules() = main;
  ASSERT_TRUE(client_->UpdateSource(Deadline(), update).ok());
  v1::RouteReceivedRequest again;
  again.set_user_id(kUser);
  again.set_received_id(received[0].received_id());
  again.set_idempotency_key("again");
  EXPECT_EQ(client_->RouteReceived(Deadline(), again)->received().state(),
            v1::RECEIVED_STATE_ROUTED);
  ASSERT_TRUE(client_->RouteReceived(Deadline(), again).ok());
  EXPECT_THAT(Published<JobRequested>(), SizeIs(2));
}

TEST_F(ReceiverTest, SecretsAreReplacedWithAnOverlap) {
  const auto source = CreateSource(v1::PROVIDER_GITHUB, "old").source();
  v1::UpdateSourceRequest update;
  update.set_user_id(kUser);
  update.set_endpoint_id(source.endpoint_id());
  update.set_secret("new");
  update.add_further_secrets("old");
  ASSERT_TRUE(client_->UpdateSource(Deadline(), update).ok());
  EXPECT_EQ(SendGithub(source, "old", "{}", "1").status, 200);
  EXPECT_EQ(SendGithub(source, "new", "{}", "2").status, 200);
  update.clear_further_secrets();
  ASSERT_TRUE(client_->UpdateSource(Deadline(), update).ok());
  EXPECT_EQ(SendGithub(source, "old", "{}", "3").status, 401);
  update.clear_secret();
  update.set_enabled(false);
  ASSERT_TRUE(client_->UpdateSource(Deadline(), update).ok());
  EXPECT_EQ(SendGithub(source, "new", "{}", "4").status, 404);
}

// Nothing that a sender nests may keep a consumer from reading the event.
TEST_F(ReceiverTest, WhatIsNestedDeepBecomesAJobWithoutItsBody) {
  v1::CreateSourceRequest request;
  request.set_user_id(kUser);
  request.set_provider(v1::PROVIDER_ZAPIER);
  auto& rule = *request.add_rules();
  rule.set_rule_id("all");
  rule.add_actions()->mutable_job()->set_kind("own");
  const auto zap = CreateSource(request);
  for (const int depth : {15, 60, 200}) {
    const std::string body = std::string(depth, '[') + std::string(depth, ']');
    EXPECT_EQ(Send(zap.source(), body, {{"X-Webhook-Secret", zap.secret()}}).status, 200);
  }
  const auto jobs = Published<JobRequested>();
  ASSERT_THAT(jobs, SizeIs(3));
  EXPECT_TRUE(jobs[0].job().payload().fields().contains("body"));
  EXPECT_FALSE(jobs[1].job().payload().fields().contains("body"));
  EXPECT_TRUE(jobs[1].job().payload().fields().contains("received_id"));
  // More levels than are read as JSON: a text.
  EXPECT_TRUE(jobs[2].job().payload().fields().at("body").has_string_value());
}

TEST_F(ReceiverTest, WhatIsNoTextIsTakenAndNotRouted) {
  const auto source = CreateSource(v1::PROVIDER_GITHUB, "secret").source();
  EXPECT_EQ(SendGithub(source, "secret", "\xff\xfe{").status, 200);
  EXPECT_EQ(Received()[0].state(), v1::RECEIVED_STATE_UNREADABLE);
  EXPECT_THAT(Published<WebhookReceived>(), SizeIs(1));
  EXPECT_THAT(Published<NotificationRequested>(), IsEmpty());
}

}  // namespace
}  // namespace selfology::webhook
