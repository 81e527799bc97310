// What other people's webhooks make happen in the whole mesh, from the HTTP request to what a person and an operator see.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/crypto.h"
#include "common/http/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/notification/v1/notification_service_client.h"
#include "selfology/queue/v1/queue_service_client.h"
#include "selfology/security/v1/audit_service_client.h"
#include "selfology/user/v1/subscription_service_client.h"
#include "selfology/webhook/v1/webhook_service_client.h"
#include "testing/eventually.h"
#include "tests/errors/whole_mesh_test.h"

ABSL_DECLARE_FLAG(std::string, webhook_listen);

namespace selfology {
namespace {

constexpr int64_t kPayer = 4'503'599'627'370'497;
constexpr int64_t kOwner = 4'503'599'627'370'498;
constexpr char kSecret[] = "It is a secret to everybody";

uint16_t FreePort() {
  const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(socket_fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(socket_fd);
  return ntohs(address.sin_port);
}

class WebhookFlowsTest : public WholeMeshTest {
 protected:
  void SetUp() override {
    port_ = FreePort();
    absl::SetFlag(&FLAGS_webhook_listen, absl::StrCat("127.0.0.1:", port_));
    WholeMeshTest::SetUp();
    if (HasFatalFailure()) return;
    webhooks_.emplace(Peer());
    subscriptions_.emplace(Peer());
    notifications_.emplace(Peer());
    audit_.emplace(Peer());
    jobs_.emplace(Peer());
  }

  static void Await(const char* what, const std::function<bool()>& condition) {
    EXPECT_TRUE(::selfology::testing::Eventually(condition, kPatience)) << what;
  }
  static Call Patient() { return Call::Background(kPatience); }

  webhook::v1::CreateSourceResponse Source(webhook::v1::CreateSourceRequest request) {
    request.set_idempotency_key(absl::StrCat("source-", ++keys_));
    auto response = webhooks_->CreateSource(Patient(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(webhook::v1::CreateSourceResponse());
  }
  webhook::v1::CreateSourceRequest Of(int64_t user_id, webhook::v1::Provider provider,
                                      const std::string& secret = kSecret) {
    webhook::v1::CreateSourceRequest request;
    request.set_user_id(user_id);
    request.set_provider(provider);
    request.set_secret(secret);
    return request;
  }

  // Until the door is open: 0 is no answer.
  int Send(const webhook::v1::Source& source, const std::string& body,
           const http::Headers& headers) {
    int status = 0;
    Await("the door to answer", [&] {
      const auto response =
          http_.Send(Patient(), {.method = "POST",
                                 .url = absl::StrCat("http://127.0.0.1:", port_, source.path()),
                                 .headers = headers,
                                 .body = body});
      status = response.ok() ? response->status : 0;
      return status != 0;
    });
    return status;
  }
  static std::string Signed(const std::string& text) {
    return absl::BytesToHexString(crypto::HmacSha256(kSecret, text));
  }
  int SendStripe(const webhook::v1::Source& source, const std::string& body) {
    const std::string time = absl::StrCat(absl::ToUnixSeconds(absl::Now()));
    return Send(source, body,
                {{"Stripe-Signature",
                  absl::StrCat("t=", time, ",v1=", Signed(absl::StrCat(time, ".", body)))}});
  }

  std::vector<notification::v1::Notification> Inbox(int64_t user_id) {
    notification::v1::ListNotificationsRequest request;
    request.set_user_id(user_id);
    const auto response = notifications_->ListNotifications(Patient(), request);
    if (!response.ok()) return {};
    return {response->notifications().begin(), response->notifications().end()};
  }
  bool HasNotification(int64_t user_id, const std::string& kind) {
    for (const auto& one : Inbox(user_id)) {
      if (one.kind() == kind) return true;
    }
    return false;
  }
  bool HasAudit(const std::string& action) {
    security::v1::ListAuditRecordsRequest request;
    request.set_action(action);
    const auto response = audit_->ListAuditRecords(Patient(), request);
    return response.ok() && response->records_size() > 0;
  }
  user::v1::SubscriptionStatus Subscription() {
    user::v1::GetSubscriptionRequest request;
    request.set_user_id(kPayer);
    const auto response = subscriptions_->GetSubscription(Patient(), request);
    return response.ok() ? response->subscription().status()
                         : user::v1::SUBSCRIPTION_STATUS_UNSPECIFIED;
  }

  const absl::FlagSaver flags_;
  uint16_t port_ = 0;
  int keys_ = 0;
  http::Client http_{{}};
  std::optional<webhook::v1::WebhookServiceClient> webhooks_;
  std::optional<user::v1::SubscriptionServiceClient> subscriptions_;
  std::optional<notification::v1::NotificationServiceClient> notifications_;
  std::optional<security::v1::AuditServiceClient> audit_;
  std::optional<queue::v1::QueueServiceClient> jobs_;
};

TEST_F(WebhookFlowsTest, AFailedPaymentMakesTheSubscriptionPastDueAnAuditRecordAndANotice) {
  const auto source = Source(Of(0, webhook::v1::PROVIDER_STRIPE)).source();
  const std::string payer =
      absl::StrCat("\"metadata\":{\"user_id\":\"", kPayer, "\",\"plan\":\"personal\"}");
  const int64_t later = absl::ToUnixSeconds(absl::Now() + absl::Hours(24 * 30));
  ASSERT_EQ(
      SendStripe(source, absl::StrCat(R"({"id":"evt_1","type":"invoice.paid","data":{"object":)",
                                      R"({"id":"in_1","period_end":)", later, ",", payer, "}}}")),
      200);
  Await("the subscription to be active",
        [&] { return Subscription() == user::v1::SUBSCRIPTION_STATUS_ACTIVE; });
  ASSERT_EQ(SendStripe(source, absl::StrCat(R"({"id":"evt_2","type":"invoice.payment_failed",)",
                                            R"("data":{"object":{"id":"in_2",)", payer, "}}}")),
            200);
  Await("the subscription to be past due",
        [&] { return Subscription() == user::v1::SUBSCRIPTION_STATUS_PAST_DUE; });
  Await("an audit record", [&] { return HasAudit("webhook.payment_failed"); });
  Await("a notice", [&] { return HasNotification(kPayer, "webhook.payment_failed"); });
}

TEST_F(WebhookFlowsTest, APushIsInTheAuditAndTold) {
  auto request = Of(0, webhook::v1::PROVIDER_GITHUB);
  auto& rule = *request.add_rules();
  rule.set_rule_id("push");
  rule.set_when("event_kind == \"push\"");
  rule.add_actions()->mutable_audit()->set_action("repository.pushed");
  auto& notice = *rule.add_actions()->mutable_notification();
  notice.set_user_id(kOwner);
  (*notice.mutable_parameter_paths())["ref"] = "body.ref";
  const auto source = Source(request).source();
  const std::string body = R"({"ref":"refs/heads/main"})";
  ASSERT_EQ(Send(source, body,
                 {{"X-GitHub-Event", "push"},
                  {"X-GitHub-Delivery", "d1"},
                  {"X-Hub-Signature-256", absl::StrCat("sha256=", Signed(body))}}),
            200);
  Await("an audit record", [&] { return HasAudit("repository.pushed"); });
  Await("a notice", [&] { return HasNotification(kOwner, "webhook.received"); });
}

TEST_F(WebhookFlowsTest, AMentionIsTold) {
  const auto source = Source(Of(kOwner, webhook::v1::PROVIDER_FACEBOOK)).source();
  const std::string body =
      R"({"object":"page","entry":[{"id":"12","changes":[{"field":"mention","value":{}}]}]})";
  ASSERT_EQ(Send(source, body, {{"X-Hub-Signature-256", absl::StrCat("sha256=", Signed(body))}}),
            200);
  Await("a notice", [&] { return HasNotification(kOwner, "webhook.facebook_page_mention"); });
}

TEST_F(WebhookFlowsTest, AZapBecomesAJobThatIsWorked) {
  const auto zap = Source(Of(kOwner, webhook::v1::PROVIDER_ZAPIER, ""));
  ASSERT_EQ(Send(zap.source(), R"({"id":"z1","event":"row_added"})",
                 {{"X-Webhook-Secret", zap.secret()}}),
            200);
  Await("the job to be completed", [&] {
    queue::v1::ListJobsRequest request;
    request.set_user_id(kOwner);
    request.set_status(queue::v1::JOB_STATUS_COMPLETED);
    const auto response = jobs_->ListJobs(Patient(), request);
    return response.ok() && response->jobs_size() == 1 &&
           response->jobs(0).kind() == "external_event";
  });
}

}  // namespace
}  // namespace selfology
