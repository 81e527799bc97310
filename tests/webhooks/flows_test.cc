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
#include "re2/re2.h"
#include "selfology/analytics/v1/analytics_service_client.h"
#include "selfology/notification/v1/local_message_service_client.h"
#include "selfology/notification/v1/notification_service_client.h"
#include "selfology/notification/v1/preferences_service_client.h"
#include "selfology/queue/v1/queue_service_client.h"
#include "selfology/security/v1/audit_service_client.h"
#include "selfology/user/v1/account_service_client.h"
#include "selfology/user/v1/subscription_service_client.h"
#include "selfology/webhook/v1/webhook_service_client.h"
#include "testing/eventually.h"
#include "tests/errors/whole_mesh_test.h"

ABSL_DECLARE_FLAG(bool, notification_local_messages);
ABSL_DECLARE_FLAG(std::string, webhook_listen);

namespace selfology {
namespace {

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
    absl::SetFlag(&FLAGS_notification_local_messages, true);
    WholeMeshTest::SetUp();
    if (HasFatalFailure()) return;
    webhooks_.emplace(Peer());
    subscriptions_.emplace(Peer());
    notifications_.emplace(Peer());
    audit_.emplace(Peer());
    jobs_.emplace(Peer());
    accounts_.emplace(Peer());
    mailbox_.emplace(Peer());
    analytics_.emplace(Peer());
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
  std::vector<notification::v1::LocalMessage> Mails() {
    notification::v1::ListLocalMessagesRequest request;
    request.set_channel(notification::v1::CHANNEL_EMAIL);
    const auto response = mailbox_->ListLocalMessages(Patient(), request);
    if (!response.ok()) return {};
    return {response->messages().begin(), response->messages().end()};
  }
  // Somebody with an account and a mail address that is theirs.
  int64_t Register(const std::string& email) {
    user::v1::RegisterRequest request;
    request.set_email(email);
    request.set_password("zanzibar teapot 42");
    request.set_first_name("Ann");
    const auto registered = accounts_->Register(Patient(), request);
    EXPECT_TRUE(registered.ok()) << registered.status();
    if (!registered.ok()) return 0;
    Await("the mail with the code", [&] { return !Mails().empty(); });
    std::string code;
    for (const auto& mail : Mails()) {
      RE2::PartialMatch(mail.text(), R"(code to confirm the address: (\S+))", &code);
    }
    user::v1::VerifyEmailRequest verify;
    verify.set_code(code);
    const auto verified = accounts_->VerifyEmail(Patient(), verify);
    EXPECT_TRUE(verified.ok()) << verified.status() << " " << code;
    return registered->user_id();
  }
  // Whatever time of the day it is.
  void HaveNoQuietHours(int64_t user_id) {
    notification::v1::UpdatePreferencesRequest request;
    request.mutable_preferences()->set_user_id(user_id);
    request.mutable_update_mask()->add_paths("quiet_from_minute");
    request.mutable_update_mask()->add_paths("quiet_until_minute");
    const notification::v1::PreferencesServiceClient preferences(Peer());
    const auto updated = preferences.UpdatePreferences(Patient(), request);
    ASSERT_TRUE(updated.ok()) << updated.status();
  }
  // How often the person did something, as analytics counts it.
  int64_t Counted(int64_t user_id, const std::string& metric) {
    analytics::v1::GetUserSeriesRequest request;
    request.set_user_id(user_id);
    request.set_metric(metric);
    const auto response = analytics_->GetUserSeries(Patient(), request);
    int64_t events = 0;
    if (response.ok()) {
      for (const auto& day : response->days()) events += day.events();
    }
    return events;
  }
  user::v1::SubscriptionStatus Subscription(int64_t user_id) {
    user::v1::GetSubscriptionRequest request;
    request.set_user_id(user_id);
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
  std::optional<user::v1::AccountServiceClient> accounts_;
  std::optional<notification::v1::LocalMessageServiceClient> mailbox_;
  std::optional<analytics::v1::AnalyticsServiceClient> analytics_;
};

TEST_F(WebhookFlowsTest, AFailedPaymentMakesTheSubscriptionPastDueAnAuditRecordAndOneMail) {
  const int64_t payer_id = Register("ann@example.org");
  HaveNoQuietHours(payer_id);
  const auto source = Source(Of(0, webhook::v1::PROVIDER_STRIPE)).source();
  const std::string payer =
      absl::StrCat("\"metadata\":{\"user_id\":\"", payer_id, "\",\"plan\":\"personal\"}");
  const int64_t later = absl::ToUnixSeconds(absl::Now() + absl::Hours(24 * 30));
  ASSERT_EQ(
      SendStripe(source, absl::StrCat(R"({"id":"evt_1","type":"invoice.paid","data":{"object":)",
                                      R"({"id":"in_1","period_end":)", later, ",", payer, "}}}")),
      200);
  Await("the subscription to be active",
        [&] { return Subscription(payer_id) == user::v1::SUBSCRIPTION_STATUS_ACTIVE; });
  ASSERT_EQ(SendStripe(source, absl::StrCat(R"({"id":"evt_2","type":"invoice.payment_failed",)",
                                            R"("data":{"object":{"id":"in_2",)", payer, "}}}")),
            200);
  Await("the subscription to be past due",
        [&] { return Subscription(payer_id) == user::v1::SUBSCRIPTION_STATUS_PAST_DUE; });
  Await("an audit record", [&] { return HasAudit("webhook.payment_failed"); });
  Await("a notice", [&] { return HasNotification(payer_id, "payment.failed"); });
  Await("a mail", [&] { return Mails().size() == 2; });
  EXPECT_EQ(Mails()[0].subject(), "Your payment did not come through");
  EXPECT_EQ(Mails()[0].to_address(), "ann@example.org");
  EXPECT_EQ(Inbox(payer_id).size(), 1) << "told once";
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

TEST_F(WebhookFlowsTest, AMentionIsToldAndCounted) {
  const auto source = Source(Of(kOwner, webhook::v1::PROVIDER_FACEBOOK)).source();
  const std::string body =
      R"({"object":"page","entry":[{"id":"12","changes":[{"field":"mention","value":{}}]}]})";
  ASSERT_EQ(Send(source, body, {{"X-Hub-Signature-256", absl::StrCat("sha256=", Signed(body))}}),
            200);
  Await("a notice", [&] { return HasNotification(kOwner, "webhook.facebook_page_mention"); });
  EXPECT_EQ(Inbox(kOwner)[0].title(), "Your page was mentioned on Facebook");
  Await("analytics to count it", [&] { return Counted(kOwner, "webhook.received") == 1; });
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
