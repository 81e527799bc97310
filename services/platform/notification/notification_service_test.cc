#include "services/platform/notification/notification_service.h"

#include <string>
#include <vector>

#include "selfology/events/v1/gateway.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "services/platform/notification/notification_fixture_test.h"

namespace selfology::notification {
namespace {

using events::v1::MessageSendRequested;
using events::v1::NotificationAdded;
using events::v1::NotificationDeliveryFinished;
using events::v1::NotificationRead;
using events::v1::NotificationRequested;
using ::selfology::testing::EqualsProto;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class NotificationServiceTest : public NotificationTest {};

TEST_F(NotificationServiceTest, ANotificationIsDecidedOnceHoweverOftenItIsAskedFor) {
  Start();
  const v1::Notification first = Send(Of("generic", "k1", {v1::CHANNEL_EMAIL}));
  EXPECT_EQ(first.title(), "Title k1");
  EXPECT_EQ(first.decision(), v1::DECISION_DELIVERED);
  EXPECT_TRUE(first.in_inbox());
  EXPECT_THAT(Send(Of("generic", "k1", {v1::CHANNEL_EMAIL})), EqualsProto(first));
  AwaitStatus(first, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_SENT);
  EXPECT_THAT(Inbox(), SizeIs(1));
  EXPECT_EQ(Unread(), 1);
  const auto added = Published<NotificationAdded>();
  ASSERT_THAT(added, SizeIs(1));
  EXPECT_EQ(added[0].notification_id(), first.notification_id());
  EXPECT_EQ(added[0].unread(), 1);
  EXPECT_THAT(LocalMessages(), SizeIs(1));
}

TEST_F(NotificationServiceTest, AnEventIsTheSameAsACall) {
  Start();
  NotificationRequested event;
  event.set_user_id(kAnn);
  event.set_kind("task.due");
  (*event.mutable_parameters())["title"] = "Tea";
  event.set_deduplication_key("task:7");
  Publish(event);
  Publish(event);
  AwaitHandled("notification", 2);
  ASSERT_THAT(Inbox(), SizeIs(1));
  EXPECT_EQ(Inbox()[0].title(), "Due soon: Tea");
  const auto sent = AwaitPublished<MessageSendRequested>();
  ASSERT_THAT(sent, SizeIs(1)) << "Telegram is asked once";
  EXPECT_EQ(sent[0].user_id(), kAnn);
  EXPECT_EQ(sent[0].message_text(), "Due soon: Tea");
}

TEST_F(NotificationServiceTest, AMalformedEventHoldsUpNobody) {
  Start();
  NotificationRequested event;
  event.set_user_id(kAnn);
  event.set_kind("Not a kind");
  Publish(event);
  event.set_kind("generic");
  (*event.mutable_parameters())["title"] = "Good";
  Publish(event);
  Await("the good one", [&] { return Inbox().size() == 1; });
}

TEST_F(NotificationServiceTest, NamesAllThatIsWrongWithARequest) {
  Start();
  v1::SendNotificationRequest request;
  request.set_kind("generic");
  request.set_link("javascript:alert(1)");
  request.set_topic("Not a topic");
  std::vector<std::string> fields;
  const absl::Status bad = notifications_->SendNotification(Deadline(), request).status();
  for (const auto& violation : status::Violations(bad)) fields.push_back(violation.field);
  EXPECT_THAT(fields, ::testing::UnorderedElementsAre("user_id", "parameters[title]",
                                                      "deduplication_key", "link", "topic"));
  EXPECT_THAT(Published<NotificationAdded>(), IsEmpty());
}

TEST_F(NotificationServiceTest, ReadingIsSeenEverywhereAndCountedOnce) {
  Start();
  std::vector<v1::Notification> sent;
  for (int i = 0; i < 5; ++i) {
    sent.push_back(Send(Of("generic", absl::StrCat("k", i), {v1::CHANNEL_INBOX})));
  }
  EXPECT_THAT(Inbox(), SizeIs(5));
  EXPECT_EQ(Inbox()[0].title(), "Title k4") << "newest first";
  const v1::MarkReadResponse read = Read(sent[2].notification_id());
  EXPECT_TRUE(read.notification().has_read_at());
  EXPECT_EQ(read.unread(), 4);
  const v1::MarkReadResponse again = Read(sent[2].notification_id());
  EXPECT_EQ(again.unread(), 4);
  EXPECT_EQ(again.version(), read.version());
  EXPECT_THAT(Inbox(/*unread_only=*/true), SizeIs(4));

  v1::MarkAllReadRequest all;
  all.set_user_id(kAnn);
  all.set_up_to_notification_id(sent[3].notification_id());
  const auto marked = notifications_->MarkAllRead(Deadline(), all);
  ASSERT_TRUE(marked.ok()) << marked.status();
  EXPECT_EQ(marked->marked(), 3);
  EXPECT_EQ(marked->unread(), 1);
  const auto events = Published<NotificationRead>();
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[0].notification_id(), sent[2].notification_id());
  EXPECT_EQ(events[1].up_to_notification_id(), sent[3].notification_id());
  EXPECT_EQ(events[1].unread(), 1);
  EXPECT_GT(events[1].version(), events[0].version());

  v1::MarkReadRequest other;
  other.set_user_id(kAnn + 1);
  other.set_notification_id(sent[4].notification_id());
  EXPECT_TRUE(absl::IsNotFound(notifications_->MarkRead(Deadline(), other).status()));
}

TEST_F(NotificationServiceTest, WhatWasReadInTheInboxIsNotSentAnyMore) {
  Start();
  SetClock(At(1, 23, 0));
  const v1::Notification waiting = Send(Of("generic", "k1", {v1::CHANNEL_EMAIL}));
  EXPECT_EQ(waiting.decision_reason(), "quiet_hours");
  EXPECT_EQ(DeliveryOf(waiting, v1::CHANNEL_EMAIL).status(), v1::DELIVERY_STATUS_WAITING);
  Read(waiting.notification_id());
  SetClock(At(2, 8, 0));
  EXPECT_EQ(AwaitStatus(waiting, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_DROPPED).reason(), "read");
  EXPECT_THAT(LocalMessages(), IsEmpty());
}

TEST_F(NotificationServiceTest, QuietHoursArePersonsOwn) {
  Start();
  Prefer({"time_zone"}, [](v1::Preferences& p) { p.set_time_zone("Asia/Kolkata"); });
  SetClock(At(1, 18, 0));  // 23:30 there.
  const v1::Notification waiting = Send(Of("generic", "k1", {v1::CHANNEL_EMAIL}));
  const v1::Notification urgent = Send([&] {
    auto request = Of("security.alert", "k2", {v1::CHANNEL_EMAIL});
    (*request.mutable_parameters())["what"] = "Somebody signed in.";
    return request;
  }());
  AwaitStatus(urgent, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_SENT);
  EXPECT_EQ(DeliveryOf(waiting, v1::CHANNEL_EMAIL).status(), v1::DELIVERY_STATUS_WAITING);
  SetClock(At(2, 2, 30));
  AwaitStatus(waiting, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_SENT);
}

TEST_F(NotificationServiceTest, OneReminderADayOverAll) {
  Start();
  Prefer({"reminders"}, [](v1::Preferences& p) { p.set_reminders(true); });
  v1::TakeReminderDayRequest check_in;
  check_in.set_user_id(kAnn);
  check_in.set_reminder_key("check_in");
  const auto taken = notifications_->TakeReminderDay(Deadline(), check_in);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_TRUE(taken->taken());
  EXPECT_EQ(taken->day(), "2026-06-01");
  const v1::Notification second = Send(Of("task.reminder", "k1"));
  EXPECT_EQ(second.decision_reason(), "reminder_sent_today");
  EXPECT_THAT(Deliveries(second.notification_id()), IsEmpty());
  EXPECT_EQ(Unread(), 1) << "it lies in the inbox";
  SetClock(At(2, 12, 0));
  const v1::Notification next = Send(Of("task.reminder", "k2"));
  EXPECT_EQ(next.decision_reason(), "");
  EXPECT_THAT(Deliveries(next.notification_id()), SizeIs(1)) << "Telegram; there is no device";
  EXPECT_FALSE(notifications_->TakeReminderDay(Deadline(), check_in)->taken());
}

TEST_F(NotificationServiceTest, CodesGoToTheAddressTheyProveAndAreForgotten) {
  Start();
  events::v1::EmailVerificationRequested event;
  event.set_user_id(kAnn);
  event.set_email("new@example.org");
  event.set_language("ru");
  event.set_code("code-4711");
  Publish(event);
  Await("the mail", [&] { return LocalMessages(v1::CHANNEL_EMAIL).size() == 1; });
  const v1::LocalMessage mail = LocalMessages(v1::CHANNEL_EMAIL)[0];
  EXPECT_EQ(mail.to_address(), "new@example.org");
  EXPECT_EQ(mail.subject(), "Подтвердите адрес");
  EXPECT_THAT(mail.text(), HasSubstr("code-4711"));
  EXPECT_THAT(mail.raw_content(), Not(HasSubstr("List-Unsubscribe")));
  Await("the code to be forgotten",
        [&] { return Count("SELECT count(*) FROM notifications WHERE body LIKE '%4711%'") == 0; });
  EXPECT_THAT(Inbox(), IsEmpty());
  const auto page = local_->ShowLocalMailbox(Deadline(), {});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(page->body(), HasSubstr("new@example.org"));
}

TEST_F(NotificationServiceTest, WhoKeptAWebAccountIsWrittenToInTheLinkedChat) {
  Start();
  constexpr int64_t kWeb = (int64_t{1} << 52) + 7;
  NotificationRequested request;
  request.set_user_id(kWeb);
  request.set_kind("task.due");
  (*request.mutable_parameters())["title"] = "Tea";
  request.set_deduplication_key("task:1");
  Publish(request);
  AwaitHandled("notification", 1);
  EXPECT_THAT(Published<MessageSendRequested>(), IsEmpty()) << "no chat yet";
  events::v1::UserAccountsLinked linked;
  linked.set_user_id(kWeb);
  linked.set_telegram_id(kAnn);
  linked.set_former_user_id(kAnn);
  Publish(linked);
  request.set_deduplication_key("task:2");
  Publish(request);
  const auto sent = AwaitPublished<MessageSendRequested>();
  EXPECT_EQ(sent[0].user_id(), kWeb);
}

TEST_F(NotificationServiceTest, WordsAreInThePersonsLanguage) {
  Start();
  events::v1::UserRegistered event;
  event.set_user_id(kAnn);
  event.set_language("ru");
  Publish(event);
  AwaitHandled("notification", 1);
  EXPECT_EQ(Send(Of("task.due", "k1")).title(), "Скоро срок: Title k1");
  auto english = Of("task.due", "k2");
  english.set_language("en");
  EXPECT_EQ(Send(english).title(), "Due soon: Title k2");
}

TEST_F(NotificationServiceTest, DigestsCloseInOrderEachOnce) {
  Start();
  v1::Subscription choice;
  choice.set_topic("tasks");
  choice.set_digest(v1::DIGEST_PERIOD_HOURLY);
  choice.add_channels(v1::CHANNEL_EMAIL);
  Choose(choice);
  const v1::Notification a = Send(Of("task.due", "a"));
  const v1::Notification b = Send(Of("task.due", "b"));
  const v1::Notification c = Send(Of("task.due", "c"));
  EXPECT_EQ(a.decision(), v1::DECISION_DIGESTED);
  EXPECT_EQ(Unread(), 3);
  Read(b.notification_id());
  Pass(absl::Hours(1));
  Await("the digest", [&] { return LocalMessages(v1::CHANNEL_EMAIL).size() == 1; });
  const v1::LocalMessage mail = LocalMessages(v1::CHANNEL_EMAIL)[0];
  EXPECT_EQ(mail.subject(), "News for you: 2");
  EXPECT_THAT(mail.text(), HasSubstr("• Due soon: Title a\n• Due soon: Title c"));
  EXPECT_EQ(Unread(), 2) << "a digest is not counted besides what it tells";
  for (const v1::Notification& item : Inbox()) EXPECT_NE(item.digest_id(), 0);

  Send(Of("task.due", "d"));
  Pass(absl::Hours(1));
  Await("the next digest", [&] { return LocalMessages(v1::CHANNEL_EMAIL).size() == 2; });
  EXPECT_EQ(LocalMessages(v1::CHANNEL_EMAIL)[0].subject(), "News for you: 1");
}

TEST_F(NotificationServiceTest, ADigestOfNothingIsNone) {
  Start();
  auto request = Of("task.due", "a", {v1::CHANNEL_EMAIL});
  request.set_digest(true);
  Read(Send(request).notification_id());
  Pass(absl::Hours(1));
  Await("the digest to be closed", [&] {
    return Count("SELECT count(*) FROM notification_digests WHERE notification_id = 0") == 1;
  });
  EXPECT_THAT(LocalMessages(), IsEmpty());
}

TEST_F(NotificationServiceTest, AMailsLinkMutesItsTopic) {
  Start();
  const v1::Notification first = Send(Of("task.due", "k1", {v1::CHANNEL_EMAIL}));
  AwaitStatus(first, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_SENT);
  const std::string raw = LocalMessages(v1::CHANNEL_EMAIL)[0].raw_content();
  constexpr std::string_view kBegin =
      "List-Unsubscribe: <https://example.org/api/notifications/unsubscribe/";
  const size_t begin = raw.find(kBegin);
  ASSERT_NE(begin, std::string::npos) << raw;
  const size_t token = begin + kBegin.size();
  v1::ShowUnsubscribeRequest show;
  show.set_token(raw.substr(token, raw.find('>', token) - token));
  const auto page = subscriptions_->ShowUnsubscribe(Deadline(), show);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(page->body(), HasSubstr("tasks"));
  AwaitStatus(Send(Of("task.due", "k2", {v1::CHANNEL_EMAIL})), v1::CHANNEL_EMAIL,
              v1::DELIVERY_STATUS_SENT);  // Looking changes nothing.

  v1::UnsubscribeRequest click;
  click.set_token(show.token());
  ASSERT_TRUE(subscriptions_->Unsubscribe(Deadline(), click).ok());
  ASSERT_TRUE(subscriptions_->Unsubscribe(Deadline(), click).ok());
  const v1::Notification muted = Send(Of("task.due", "k3", {v1::CHANNEL_EMAIL}));
  EXPECT_EQ(muted.decision_reason(), "topic_muted");
  EXPECT_THAT(Deliveries(muted.notification_id()), IsEmpty());
  click.set_token("AAAA" + show.token());
  EXPECT_TRUE(absl::IsInvalidArgument(subscriptions_->Unsubscribe(Deadline(), click).status()));
}

TEST_F(NotificationServiceTest, AJobSendsByOneMoreChannelOnce) {
  Start();
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_INBOX}));
  queue::v1::LeasedJob job;
  job.set_kind("email_notification");
  job.set_user_id(kAnn);
  (*job.mutable_payload()->mutable_fields())["notification_id"].set_number_value(
      static_cast<double>(sent.notification_id()));
  queue_->Give(job);
  queue_->Give(job);
  Await("both jobs to be done", [&] { return queue_->completed().size() == 2; });
  AwaitStatus(sent, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_SENT);
  EXPECT_THAT(LocalMessages(v1::CHANNEL_EMAIL), SizeIs(1));
  (*job.mutable_payload()->mutable_fields())["notification_id"].set_number_value(1e6);
  queue_->Give(job);
  Await("the job to fail", [&] { return queue_->failed() == 1; });
}

TEST_F(NotificationServiceTest, ErasesAPersonForGood) {
  Start();
  ASSERT_TRUE(Register(v1::DEVICE_KIND_FCM, "token").ok());
  Prefer({"reminders"}, [](v1::Preferences& p) { p.set_reminders(true); });
  const v1::Notification sent = Send(Of("task.due", "k1", {v1::CHANNEL_EMAIL, v1::CHANNEL_PUSH}));
  AwaitStatus(sent, v1::CHANNEL_EMAIL, v1::DELIVERY_STATUS_SENT);
  AwaitStatus(sent, v1::CHANNEL_PUSH, v1::DELIVERY_STATUS_SENT);
  v1::DeleteUserDataRequest request;
  request.set_user_id(kAnn);
  const auto erased = preferences_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_GE(erased->deleted_rows(), 8);
  EXPECT_THAT(Inbox(), IsEmpty());
  EXPECT_THAT(Deliveries(), IsEmpty());
  EXPECT_EQ(Unread(), 0);
  EXPECT_THAT(LocalMessages(), IsEmpty());
}

}  // namespace
}  // namespace selfology::notification
