#include "services/platform/notification/decisions/decision.h"

#include <random>
#include <string>

#include "common/timestamps/local_time.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/notification/preferences/preference_rules.h"

namespace selfology::notification {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

absl::Time At(const std::string& civil, const std::string& zone = "UTC") {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", civil, timestamps::ZoneOf(zone), &time, &error));
  return time;
}

const absl::Time kNoon = At("2026-06-01 12:00");
const absl::Time kNight = At("2026-06-01 23:30");

v1::SendNotificationRequest Of(const std::string& kind) {
  v1::SendNotificationRequest request;
  request.set_user_id(7);
  request.set_kind(kind);
  return request;
}

Recipient Somebody() { return {.preferences = DefaultPreferences(7)}; }

Plan DecideOn(const v1::SendNotificationRequest& request, const Recipient& recipient,
              absl::Time now) {
  return Decide(request, KindOf(request.kind()), recipient, now);
}

std::vector<v1::Channel> ChannelsOf(const Plan& plan) {
  std::vector<v1::Channel> channels;
  for (const PlannedDelivery& delivery : plan.deliveries) channels.push_back(delivery.channel);
  return channels;
}

TEST(DecisionTest, GoesOutByTheKindsChannelsAtOnce) {
  const Plan plan = DecideOn(Of("task.due"), Somebody(), kNoon);
  EXPECT_EQ(plan.decision, v1::DECISION_DELIVERED);
  EXPECT_EQ(plan.topic, "tasks");
  EXPECT_TRUE(plan.in_inbox);
  EXPECT_THAT(ChannelsOf(plan), ::testing::ElementsAre(v1::CHANNEL_PUSH, v1::CHANNEL_TELEGRAM));
  EXPECT_EQ(plan.deliveries[0].due_at, kNoon);
  EXPECT_EQ(plan.reason, "");
}

TEST(DecisionTest, ChannelsAreTheRequestsThenTheTopicsThenAllTopics) {
  Recipient ann = Somebody();
  ann.of_all.emplace().add_channels(v1::CHANNEL_SMS);
  EXPECT_THAT(ChannelsOf(DecideOn(Of("task.due"), ann, kNoon)),
              ::testing::ElementsAre(v1::CHANNEL_SMS));
  ann.of_topic.emplace().add_channels(v1::CHANNEL_EMAIL);
  EXPECT_THAT(ChannelsOf(DecideOn(Of("task.due"), ann, kNoon)),
              ::testing::ElementsAre(v1::CHANNEL_EMAIL));
  auto request = Of("task.due");
  request.add_channels(v1::CHANNEL_PUSH);
  request.add_channels(v1::CHANNEL_PUSH);
  request.add_channels(v1::CHANNEL_INBOX);
  EXPECT_THAT(ChannelsOf(DecideOn(request, ann, kNoon)), ::testing::ElementsAre(v1::CHANNEL_PUSH));
}

TEST(DecisionTest, LowStaysInTheInboxUnlessChannelsAreNamed) {
  auto request = Of("task.due");
  request.set_priority(v1::PRIORITY_LOW);
  EXPECT_THAT(DecideOn(request, Somebody(), kNoon).deliveries, IsEmpty());
  request.add_channels(v1::CHANNEL_EMAIL);
  EXPECT_THAT(DecideOn(request, Somebody(), kNoon).deliveries, SizeIs(1));
}

TEST(DecisionTest, NothingButUrgentGoesOutInQuietHours) {
  const Plan waits = DecideOn(Of("payment.failed"), Somebody(), kNight);
  EXPECT_EQ(waits.reason, "quiet_hours");
  for (const PlannedDelivery& delivery : waits.deliveries) {
    EXPECT_EQ(delivery.due_at, At("2026-06-02 08:00"));
  }
  Recipient there = Somebody();
  there.preferences.set_time_zone("America/New_York");  // Evening, not night.
  EXPECT_EQ(DecideOn(Of("payment.failed"), there, kNight).reason, "");
  const Plan urgent = DecideOn(Of("security.alert"), Somebody(), kNight);
  EXPECT_EQ(urgent.reason, "");
  EXPECT_EQ(urgent.deliveries.at(0).due_at, kNight);
}

TEST(DecisionTest, AMutedTopicStaysInTheInboxButForUrgent) {
  Recipient ann = Somebody();
  ann.of_topic.emplace().set_muted(true);
  const Plan plan = DecideOn(Of("task.due"), ann, kNoon);
  EXPECT_EQ(plan.reason, "topic_muted");
  EXPECT_TRUE(plan.in_inbox);
  EXPECT_THAT(plan.deliveries, IsEmpty());
  EXPECT_THAT(DecideOn(Of("security.alert"), ann, kNoon).deliveries, SizeIs(3));
}

TEST(DecisionTest, RemindersAreForWhoWantsThemOnceADay) {
  Recipient ann = Somebody();
  EXPECT_EQ(DecideOn(Of("task.reminder"), ann, kNoon).reason, "reminders_off");
  ann.preferences.set_reminders(true);
  const Plan first = DecideOn(Of("task.reminder"), ann, kNoon);
  EXPECT_TRUE(first.takes_reminder_day);
  EXPECT_THAT(first.deliveries, SizeIs(2));
  ann.had_reminder_today = true;
  const Plan second = DecideOn(Of("task.reminder"), ann, kNoon);
  EXPECT_EQ(second.reason, "reminder_sent_today");
  EXPECT_THAT(second.deliveries, IsEmpty());
  EXPECT_TRUE(second.in_inbox);
  EXPECT_FALSE(second.takes_reminder_day);
}

TEST(DecisionTest, WhatIsTooLateGoesNowhere) {
  auto request = Of("task.due");
  *request.mutable_expires_at() = timestamps::ToProto(kNoon);
  const Plan plan = DecideOn(request, Somebody(), kNoon);
  EXPECT_EQ(plan.decision, v1::DECISION_SUPPRESSED);
  EXPECT_EQ(plan.reason, "expired");
  EXPECT_FALSE(plan.in_inbox);
}

TEST(DecisionTest, DigestsCollectWhatIsNotHigh) {
  Recipient ann = Somebody();
  auto request = Of("task.due");
  request.set_digest(true);
  const Plan hourly = DecideOn(request, ann, At("2026-06-01 12:20"));
  EXPECT_EQ(hourly.decision, v1::DECISION_DIGESTED);
  EXPECT_EQ(hourly.digest_closes_at, At("2026-06-01 13:00"));
  EXPECT_THAT(hourly.deliveries, IsEmpty());
  EXPECT_TRUE(hourly.in_inbox);
  ann.of_topic.emplace().set_digest(v1::DIGEST_PERIOD_WEEKLY);
  EXPECT_EQ(DecideOn(request, ann, At("2026-06-02 12:00")).digest_closes_at, At("2026-06-08 19:00"))
      << "a Monday";
  request.set_priority(v1::PRIORITY_HIGH);
  EXPECT_EQ(DecideOn(request, ann, kNoon).decision, v1::DECISION_DELIVERED);
}

TEST(DecisionTest, DigestsEndByThePersonsClock) {
  v1::Preferences preferences = DefaultPreferences(7);
  preferences.set_time_zone("Asia/Kolkata");
  EXPECT_EQ(DigestEnd(v1::DIGEST_PERIOD_HOURLY, preferences, At("2026-06-01 12:00")),
            At("2026-06-01 18:00", "Asia/Kolkata"));
  EXPECT_EQ(DigestEnd(v1::DIGEST_PERIOD_DAILY, preferences, At("2026-06-01 19:00", "Asia/Kolkata")),
            At("2026-06-02 19:00", "Asia/Kolkata"));
}

// Whoever sends what to whomever: the promises hold.
TEST(DecisionTest, AnyDecisionKeepsThePromises) {
  std::mt19937 random(20261130);  // Seeded: the same decisions each time.
  const auto one_of = [&](size_t below) { return random() % below; };
  const char* const zones[] = {"", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"};
  int waiting = 0, collected = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Kind& kind = Kinds()[one_of(Kinds().size())];
    v1::SendNotificationRequest request = Of(std::string(kind.name));
    request.set_priority(static_cast<v1::Priority>(one_of(5)));
    request.set_digest(one_of(3) == 0);
    if (one_of(3) == 0) request.add_channels(static_cast<v1::Channel>(1 + one_of(5)));
    Recipient ann = Somebody();
    ann.preferences.set_time_zone(zones[one_of(4)]);
    ann.preferences.set_reminders(one_of(2) == 0);
    ann.preferences.set_quiet_from_minute(static_cast<int>(one_of(1440)));
    ann.preferences.set_quiet_until_minute(static_cast<int>(one_of(1440)));
    ann.had_reminder_today = one_of(2) == 0;
    if (one_of(2) == 0) {
      ann.of_topic.emplace().set_muted(one_of(2) == 0);
      ann.of_topic->set_digest(static_cast<v1::DigestPeriod>(one_of(4)));
    }
    const absl::Time now = absl::FromUnixSeconds(1'767'000'000 + random() % 40'000'000);
    const Plan plan = Decide(request, kind, ann, now);
    const bool urgent = plan.priority == v1::PRIORITY_URGENT;
    EXPECT_NE(plan.decision, v1::DECISION_UNSPECIFIED);
    if (plan.decision == v1::DECISION_SUPPRESSED) {
      EXPECT_NE(plan.reason, "");
    }
    for (const PlannedDelivery& delivery : plan.deliveries) {
      EXPECT_NE(delivery.channel, v1::CHANNEL_INBOX);
      EXPECT_GE(delivery.due_at, now);
      if (!urgent) {
        EXPECT_EQ(QuietUntil(ann.preferences, delivery.due_at), std::nullopt);
      }
      if (delivery.due_at > now) ++waiting;
      if (!urgent && kind.is_reminder) {
        EXPECT_TRUE(ann.preferences.reminders() && !ann.had_reminder_today);
      }
      if (!urgent && ann.of_topic.has_value()) {
        EXPECT_FALSE(ann.of_topic->muted());
      }
    }
    if (plan.digest_closes_at.has_value()) {
      ++collected;
      EXPECT_GT(*plan.digest_closes_at, now);
      EXPECT_LE(plan.priority, v1::PRIORITY_NORMAL);
      EXPECT_THAT(plan.deliveries, IsEmpty());
    }
  }
  EXPECT_GT(waiting, 1000);
  EXPECT_GT(collected, 1000);
}

}  // namespace
}  // namespace selfology::notification
