// What goes out, over a real mail server's protocol and stand-ins for the push and SMS services.
#include "services/platform/notification/deliveries/delivery_runner.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/http/url.h"
#include "nlohmann/json.hpp"
#include "services/platform/notification/notification_fixture_test.h"
#include "services/platform/notification/push/signed_token.h"
#include "services/platform/notification/push/stand_ins_test.h"
#include "testing/servers/smtp_server.h"

ABSL_DECLARE_FLAG(selfology::service::Secret, notification_sms_url);
ABSL_DECLARE_FLAG(std::string, notification_sms_from);
ABSL_DECLARE_FLAG(selfology::service::Secret, notification_fcm_account);
ABSL_DECLARE_FLAG(std::string, notification_fcm_url);
ABSL_DECLARE_FLAG(selfology::service::Secret, notification_apns_key);
ABSL_DECLARE_FLAG(std::string, notification_apns_key_id);
ABSL_DECLARE_FLAG(std::string, notification_apns_team_id);
ABSL_DECLARE_FLAG(std::string, notification_apns_topic);
ABSL_DECLARE_FLAG(std::string, notification_apns_url);
ABSL_DECLARE_FLAG(std::string, notification_web_push_contact);

namespace selfology::notification {
namespace {

using events::v1::NotificationAddressStopped;
using events::v1::NotificationDeliveryFinished;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Pem(EVP_PKEY* key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  EVP_PKEY_free(key);
  return std::string(data, static_cast<size_t>(size));
}

constexpr char kApnsDevice[] = "abababababababababababababababababababababababababababababababab";

class DeliveryRunnerTest : public NotificationTest {
 protected:
  void SetUp() override {
    NotificationTest::SetUp();
    auto server = servers::SmtpServer::Start();
    ASSERT_TRUE(server.ok()) << server.status();
    mail_ = *std::move(server);
    absl::SetFlag(&FLAGS_notification_smtp_url, service::Secret{mail_->url()});
    absl::SetFlag(&FLAGS_notification_sms_url,
                  service::Secret{absl::StrCat("http://AC1:secret@", outside_.url().substr(7))});
    absl::SetFlag(&FLAGS_notification_sms_from, "+15005550006");
    const nlohmann::json account = {{"project_id", "test"},
                                    {"client_email", "push@test"},
                                    {"private_key", Pem(EVP_RSA_gen(2048))},
                                    {"token_uri", absl::StrCat(outside_.url(), "/token")}};
    absl::SetFlag(&FLAGS_notification_fcm_account, service::Secret{account.dump()});
    absl::SetFlag(&FLAGS_notification_fcm_url, outside_.url());
    absl::SetFlag(&FLAGS_notification_apns_key, service::Secret{Pem(EVP_EC_gen("P-256"))});
    absl::SetFlag(&FLAGS_notification_apns_key_id, "KEY1");
    absl::SetFlag(&FLAGS_notification_apns_team_id, "TEAM1");
    absl::SetFlag(&FLAGS_notification_apns_topic, "org.example.app");
    absl::SetFlag(&FLAGS_notification_apns_url, outside_.url());
    absl::SetFlag(&FLAGS_notification_web_push_contact, "mailto:ops@example.org");
  }

  std::unique_ptr<servers::SmtpServer> mail_;
  StandIns outside_;
};

TEST_F(DeliveryRunnerTest, AMailIsSentOnceAndLogged) {
  Start();
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_EMAIL}));
  const v1::Delivery delivery = AwaitStatus(sent, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_SENT);
  EXPECT_EQ(delivery.transport(), v1::TRANSPORT_SMTP);
  EXPECT_EQ(delivery.address(), kAnnsMail);
  ASSERT_THAT(delivery.attempts(), SizeIs(1));
  EXPECT_EQ(delivery.attempts(0).outcome(), v1::ATTEMPT_OUTCOME_ACCEPTED);
  EXPECT_EQ(delivery.attempts(0).code(), "250 2.0.0");
  ASSERT_THAT(mail_->mails(), SizeIs(1));
  EXPECT_EQ(mail_->mails()[0].to, kAnnsMail);
  EXPECT_THAT(mail_->mails()[0].message,
              HasSubstr(absl::StrCat("Message-ID: <", delivery.stable_id(), "@localhost>")));
  EXPECT_THAT(mail_->mails()[0].message, HasSubstr("List-Unsubscribe-Post: "));
  const auto finished = AwaitPublished<NotificationDeliveryFinished>();
  EXPECT_EQ(finished[0].status(), v1::DELIVERY_STATUS_SENT);
  EXPECT_EQ(finished[0].attempts(), 1);
}

TEST_F(DeliveryRunnerTest, AMailThatIsRefusedForNowIsTriedAgainUnderItsId) {
  Start();
  mail_->Reply("RCPT", "451 4.7.1 come later");
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_EMAIL}));
  const v1::Delivery waiting = AwaitAttempts(sent, v1::CHANNEL_EMAIL, 1);
  EXPECT_EQ(waiting.status(), v1::DELIVERY_STATUS_WAITING);
  EXPECT_EQ(waiting.attempts(0).outcome(), v1::ATTEMPT_OUTCOME_REFUSED_FOR_NOW);
  // The next one of the same person waits behind it.
  const v1::Notification next = Send(Of("task.due", "k2", {v1::CHANNEL_EMAIL}));
  mail_->Reply("RCPT", "");
  Pass(absl::Minutes(1));
  const v1::Delivery done = AwaitStatus(sent, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_SENT);
  EXPECT_EQ(done.stable_id(), waiting.stable_id());
  EXPECT_THAT(done.attempts(), SizeIs(2));
  AwaitStatus(next, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_SENT);
  ASSERT_THAT(mail_->mails(), SizeIs(2));
  EXPECT_THAT(mail_->mails()[0].message, HasSubstr("Title k1"));
}

TEST_F(DeliveryRunnerTest, AnAttemptOfWhichNobodyKnowsIsTriedAgainUnderItsId) {
  Start();
  mail_->HangUpAfter("DATA.");  // It has taken the mail and says nothing.
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_EMAIL}));
  EXPECT_EQ(AwaitAttempts(sent, v1::CHANNEL_EMAIL, 1).attempts(0).outcome(),
            v1::ATTEMPT_OUTCOME_UNKNOWN);
  mail_->HangUpAfter("");
  Pass(absl::Minutes(1));
  const v1::Delivery done = AwaitStatus(sent, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_SENT);
  ASSERT_THAT(mail_->mails(), SizeIs(2)) << "at least once, and the reader sees that it is one";
  for (const auto& mail : mail_->mails()) {
    EXPECT_THAT(mail.message, HasSubstr(absl::StrCat("Message-ID: <", done.stable_id())));
  }
}

TEST_F(DeliveryRunnerTest, AHardBounceStopsAnAddressAtOnce) {
  Start();
  mail_->Reply("RCPT", "550 5.1.1 no such user");
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_EMAIL}));
  EXPECT_EQ(AwaitStatus(sent, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_FAILED).reason(),
            "address_stopped");
  const auto stopped = AwaitPublished<NotificationAddressStopped>();
  ASSERT_THAT(stopped, SizeIs(1));
  EXPECT_EQ(stopped[0].reason(), "hard_bounce");
  mail_->Reply("RCPT", "");
  const v1::Notification next = Send(Of("task.due", "k2", {v1::CHANNEL_EMAIL}));
  EXPECT_EQ(AwaitStatus(next, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_DROPPED).reason(),
            "address_stopped");
  EXPECT_THAT(mail_->mails(), IsEmpty());
  v1::ListAddressesRequest list;
  list.set_user_id(kAnn);
  const auto addresses = subscriptions_->ListAddresses(Deadline(), list);
  ASSERT_TRUE(addresses.ok()) << addresses.status();
  ASSERT_THAT(addresses->addresses(), SizeIs(1));
  EXPECT_TRUE(addresses->addresses(0).stopped());
}

TEST_F(DeliveryRunnerTest, TheFifthSoftBounceInAWeekStopsAnAddress) {
  Start();
  AwaitStatus(Send(Of("task.due", "k", {v1::CHANNEL_EMAIL})), v1::CHANNEL_EMAIL,
              v1::DELIVERY_STATUS_SENT);
  const auto report = [&](const std::string& id) {
    v1::ReportBounceRequest request;
    request.set_channel(v1::CHANNEL_EMAIL);
    request.set_address(kAnnsMail);
    request.set_status_code("4.2.2");
    request.set_bounce_id(id);
    const auto response = notifications_->ReportBounce(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() && response->stopped();
  };
  EXPECT_FALSE(report("1"));
  Pass(absl::Hours(8 * 24));  // That one is over.
  for (const char* id : {"2", "3", "4", "4", "5"}) EXPECT_FALSE(report(id)) << id;
  EXPECT_TRUE(report("6"));
  EXPECT_THAT(Published<NotificationAddressStopped>(), SizeIs(1));
}

TEST_F(DeliveryRunnerTest, WithoutAnAddressNothingIsSentAndTheLogSaysSo) {
  users_->Set(kAnn, kAnnsMail, /*verified=*/false);
  Start();
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_EMAIL, v1::CHANNEL_SMS}));
  EXPECT_EQ(AwaitStatus(sent, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_DROPPED).reason(),
            "no_address");
  EXPECT_EQ(AwaitStatus(sent, v1::CHANNEL_SMS, v1::DELIVERY_STATUS_DROPPED).reason(), "no_address");
}

TEST_F(DeliveryRunnerTest, WaitsWhileAddressesCannotBeAsked) {
  users_->away = true;
  Start();
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_EMAIL}));
  Await("the delivery to be put off", [&] {
    const auto deliveries = Deliveries(sent.notification_id());
    return deliveries.size() == 1 && deliveries[0].status() == v1::DELIVERY_STATUS_WAITING &&
           deliveries[0].due_at().seconds() > absl::ToUnixSeconds(Now());
  });
  users_->away = false;
  Pass(absl::Seconds(30));
  EXPECT_THAT(AwaitStatus(sent, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_SENT).attempts(), SizeIs(1));
}

TEST_F(DeliveryRunnerTest, PushesGoToEveryDevice) {
  Start();
  ASSERT_TRUE(Register(v1::DEVICE_KIND_FCM, "fcm-token").ok());
  ASSERT_TRUE(Register(v1::DEVICE_KIND_APNS, kApnsDevice).ok());
  const PrivateKey browser = PrivateKey::Generate();
  ASSERT_TRUE(Register(v1::DEVICE_KIND_WEB_PUSH, absl::StrCat(outside_.url(), "/push/abc"),
                       ToBase64Url(browser.Point()), ToBase64Url(std::string(16, 'a')))
                  .ok());
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_PUSH}));
  Await("three deliveries", [&] {
    int done = 0;
    for (const v1::Delivery& delivery : Deliveries(sent.notification_id())) {
      done += delivery.status() == v1::DELIVERY_STATUS_SENT ? 1 : 0;
    }
    return done == 3;
  });
  const auto fcm = outside_.Taken("/v1/projects/test/messages:send");
  ASSERT_THAT(fcm, SizeIs(1));
  EXPECT_EQ(fcm[0].headers.Get("Authorization"), "Bearer ya29.test");
  const auto message = nlohmann::json::parse(fcm[0].body)["message"];
  EXPECT_EQ(message["token"], "fcm-token");
  EXPECT_EQ(message["notification"]["title"], "Due soon: Title k1");
  EXPECT_EQ(message["data"]["unread"], "1");
  const auto apns = outside_.Taken("/3/device/");
  ASSERT_THAT(apns, SizeIs(1));
  EXPECT_EQ(apns[0].path, absl::StrCat("/3/device/", kApnsDevice));
  EXPECT_EQ(nlohmann::json::parse(apns[0].body)["aps"]["badge"], 1);
  EXPECT_EQ(apns[0].headers.Get("apns-topic"), "org.example.app");
  const auto web = outside_.Taken("/push/");
  ASSERT_THAT(web, SizeIs(1));
  EXPECT_EQ(web[0].headers.Get("Content-Encoding"), "aes128gcm");
  const auto key = devices_->GetPushKey(Deadline(), {});
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_THAT(std::string(*web[0].headers.Get("Authorization")),
              HasSubstr(absl::StrCat("k=", key->public_key())));
}

TEST_F(DeliveryRunnerTest, NoSubscriptionLeadsToTheMachinesAroundUs) {
  absl::SetFlag(&FLAGS_notification_local_messages, false);
  Start();
  ASSERT_TRUE(Register(v1::DEVICE_KIND_WEB_PUSH, absl::StrCat(outside_.url(), "/push/abc"),
                       ToBase64Url(PrivateKey::Generate().Point()),
                       ToBase64Url(std::string(16, 'a')))
                  .ok());
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_PUSH}));
  const v1::Delivery refused = AwaitStatus(sent, v1::CHANNEL_PUSH, v1::DELIVERY_STATUS_FAILED);
  EXPECT_EQ(refused.attempts(0).code(), "address not allowed");
  EXPECT_THAT(outside_.Taken("/push/"), IsEmpty());
}

TEST_F(DeliveryRunnerTest, ADeviceThatIsGoneIsDroppedWithItsAttempt) {
  Start();
  ASSERT_TRUE(Register(v1::DEVICE_KIND_FCM, "fcm-token").ok());
  ASSERT_TRUE(Register(v1::DEVICE_KIND_APNS, kApnsDevice).ok());
  outside_.Answer("/3/device/", 410, R"({"reason":"Unregistered"})");
  outside_.Answer("/v1/projects/", 404, R"({"error":{"details":[{"errorCode":"UNREGISTERED"}]}})");
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_PUSH}));
  Await("both to fail", [&] {
    const auto deliveries = Deliveries(sent.notification_id());
    return deliveries.size() == 2 && deliveries[0].reason() == "device_gone" &&
           deliveries[1].reason() == "device_gone";
  });
  v1::ListDevicesRequest list;
  list.set_user_id(kAnn);
  EXPECT_THAT(devices_->ListDevices(Deadline(), list)->devices(), IsEmpty());
  const v1::Notification next = Send(Of("task.due", "k2", {v1::CHANNEL_PUSH}));
  EXPECT_THAT(Deliveries(next.notification_id()), IsEmpty());
}

TEST_F(DeliveryRunnerTest, ComesBackToPushServicesWhenTheyAskForIt) {
  Start();
  ASSERT_TRUE(Register(v1::DEVICE_KIND_APNS, kApnsDevice).ok());
  outside_.Answer("/3/device/", 503, R"({"reason":"ServiceUnavailable"})");
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_PUSH}));
  EXPECT_EQ(AwaitAttempts(sent, v1::CHANNEL_PUSH, 1).attempts(0).code(), "503 ServiceUnavailable");
  outside_.Answer("/3/device/", 0);
  Pass(absl::Seconds(10));
  const v1::Delivery done = AwaitStatus(sent, v1::CHANNEL_PUSH, v1::DELIVERY_STATUS_SENT);
  const auto taken = outside_.Taken("/3/device/");
  ASSERT_THAT(taken, SizeIs(2));
  EXPECT_EQ(taken[0].headers.Get("apns-id"), done.stable_id());
  EXPECT_EQ(taken[1].headers.Get("apns-id"), done.stable_id());
}

TEST_F(DeliveryRunnerTest, GivesUpAfterTheLastAttemptAndSaysSo) {
  Start();
  ASSERT_TRUE(Register(v1::DEVICE_KIND_APNS, kApnsDevice).ok());
  outside_.Answer("/3/device/", 503);
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_PUSH}));
  for (int attempt = 1; attempt <= 6; ++attempt) {
    AwaitAttempts(sent, v1::CHANNEL_PUSH, attempt);
    if (attempt < 6) Pass(absl::Hours(2));
  }
  EXPECT_EQ(AwaitStatus(sent, v1::CHANNEL_PUSH, v1::DELIVERY_STATUS_FAILED).reason(), "gave_up");
  const auto finished = AwaitPublished<NotificationDeliveryFinished>();
  EXPECT_EQ(finished[0].reason(), "gave_up");
}

TEST_F(DeliveryRunnerTest, AnSmsOfWhichNobodyKnowsIsLookedUpBeforeItIsSentAgain) {
  Start();
  v1::SetPhoneRequest phone;
  phone.set_user_id(kAnn);
  phone.set_phone("+4915112345678");
  ASSERT_TRUE(subscriptions_->SetPhone(Deadline(), phone).ok());
  constexpr char kPath[] = "/2010-04-01/";
  outside_.Answer(kPath, 201, "", /*drop=*/true);
  const v1::Notification sent = Send(Of("generic", "k1", {v1::CHANNEL_SMS}));
  EXPECT_EQ(AwaitAttempts(sent, v1::CHANNEL_SMS, 1).attempts(0).outcome(),
            v1::ATTEMPT_OUTCOME_UNKNOWN);
  ASSERT_THAT(outside_.Taken(kPath), SizeIs(1));
  const auto form = http::ParseForm(outside_.Taken(kPath)[0].body);
  ASSERT_TRUE(form.ok());
  EXPECT_EQ((*form)[0].second, "+4915112345678");
  const nlohmann::json list = {{"messages", {{{"body", (*form)[2].second}}}}};
  outside_.Answer(kPath, 200, list.dump());
  Pass(absl::Minutes(1));
  const v1::Delivery done = AwaitStatus(sent, v1::CHANNEL_SMS, v1::DELIVERY_STATUS_SENT);
  EXPECT_EQ(done.attempts(1).code(), "found");
  int posts = 0;
  for (const auto& call : outside_.Taken(kPath)) posts += call.method == "POST" ? 1 : 0;
  EXPECT_EQ(posts, 1);
}

TEST_F(DeliveryRunnerTest, WhatACrashInterruptedGoesOn) {
  Start();
  ASSERT_TRUE(Register(v1::DEVICE_KIND_APNS, kApnsDevice).ok());
  outside_.Answer("/3/device/", 503);
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_PUSH}));
  AwaitAttempts(sent, v1::CHANNEL_PUSH, 1);
  // As a process leaves it that ended within its second attempt.
  ASSERT_EQ(Count("WITH begun AS (INSERT INTO notification_attempts (delivery_id, number, user_id,"
                  " began_at) SELECT delivery_id, 2, user_id, due_at FROM notification_deliveries"
                  " RETURNING 1), lost AS (UPDATE notification_deliveries SET status = 'SENDING',"
                  " attempts = 2, lease = lease + 1, due_at = due_at + interval '5 minutes'"
                  " RETURNING 1) SELECT count(*) FROM begun, lost"),
            1);
  outside_.Answer("/3/device/", 0);
  Pass(absl::Minutes(6));
  const v1::Delivery done = AwaitStatus(sent, v1::CHANNEL_PUSH, v1::DELIVERY_STATUS_SENT);
  ASSERT_THAT(done.attempts(), SizeIs(3));
  EXPECT_EQ(done.attempts(1).outcome(), v1::ATTEMPT_OUTCOME_UNSPECIFIED) << "nobody knows";
  EXPECT_EQ(done.attempts(2).outcome(), v1::ATTEMPT_OUTCOME_ACCEPTED);
}

TEST_F(DeliveryRunnerTest, TheNextPersonAtABrowserGetsNothingOfTheOneBefore) {
  Start();
  SetClock(At(1, 23, 0));
  ASSERT_TRUE(Register(v1::DEVICE_KIND_FCM, "token").ok());
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_PUSH}));
  ASSERT_TRUE(Register(v1::DEVICE_KIND_FCM, "token", "", "", kAnn + 1).ok());
  SetClock(At(2, 8, 0));
  EXPECT_EQ(AwaitStatus(sent, v1::CHANNEL_PUSH, v1::DELIVERY_STATUS_DROPPED).reason(),
            "device_gone");
  for (const auto& call : outside_.Taken("/v1/projects/")) {
    EXPECT_THAT(call.body, ::testing::Not(HasSubstr("Title k1")));
  }
}

// 1,000 random notifications and reads: what REST says, what devices are told over their socket (the
// events of the audience SUBJECT) and the badge of pushes agree.
TEST_F(DeliveryRunnerTest, TheUnreadCountIsTheSameEverywhere) {
  Start();
  ASSERT_TRUE(Register(v1::DEVICE_KIND_APNS, kApnsDevice).ok());
  std::mt19937 random(20261130);  // Seeded: the same steps each time.
  std::vector<int64_t> unread;
  const auto badge = [&] {
    const auto taken = outside_.Taken("/3/device/");
    return taken.empty() ? int64_t{0}
                         : nlohmann::json::parse(taken.back().body)["aps"]["badge"].get<int64_t>();
  };
  for (int step = 0; step < 1000; ++step) {
    if (unread.empty() || random() % 2 == 0) {
      const bool pushed = random() % 2 == 0;
      unread.push_back(Send(Of("generic", absl::StrCat("k", step),
                               {pushed ? v1::CHANNEL_PUSH : v1::CHANNEL_INBOX}))
                           .notification_id());
    } else {
      const size_t which = random() % unread.size();
      EXPECT_EQ(Read(unread[which]).unread(), static_cast<int64_t>(unread.size()) - 1);
      unread.erase(unread.begin() + static_cast<int64_t>(which));
    }
    if (step % 100 == 99) {
      EXPECT_EQ(Unread(), static_cast<int64_t>(unread.size()));
      Await("the badge to agree", [&] { return badge() == static_cast<int64_t>(unread.size()); });
    }
  }
  std::map<int64_t, int64_t> by_version;
  for (const auto& event : Published<events::v1::NotificationAdded>()) {
    EXPECT_TRUE(by_version.emplace(event.version(), event.unread()).second);
  }
  for (const auto& event : Published<events::v1::NotificationRead>()) {
    EXPECT_TRUE(by_version.emplace(event.version(), event.unread()).second);
  }
  ASSERT_THAT(by_version, SizeIs(1000)) << "each change once";
  int64_t before = 0;
  for (const auto& [version, count] : by_version) {
    EXPECT_EQ(std::abs(count - before), 1) << version;
    before = count;
  }
  EXPECT_EQ(before, Unread());
}

}  // namespace
}  // namespace selfology::notification
