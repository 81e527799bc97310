#include "services/feed/feed/maintenance.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/feed/feed/feed_fixture_test.h"

namespace selfology::feed {
namespace {

using events::v1::FeedDigestReady;
using events::v1::FeedNudgeDue;
using events::v1::FeedStatusChanged;
using events::v1::FeedTrainingReady;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr absl::Duration kDay = absl::Hours(24);

class MaintenanceTest : public FeedTest {
 protected:
  void SetUp() override {
    FeedTest::SetUp();
    maintenance_ = std::make_unique<Maintenance>(
        Maintenance::Parts{.database = DatabaseAs("selfology_feed"),
                           .clock = [this] { return Now(); },
                           .ranked = std::make_shared<RankedFeed>(1000)});
  }

  // Trained, active, and with posts that she has not seen.
  void MakeActive(int64_t user_id) {
    std::vector<std::string> texts;
    for (int i = 0; i < 40; ++i) {
      texts.push_back(absl::StrCat(i % 2 == 0 ? "goal match striker " : "oven recipe butter ",
                                   "word", std::string(static_cast<size_t>(i) + 3, 'x')));
    }
    posts_ = MakeChannel(-100, "mixed", texts);
    Follow(user_id, "mixed");
    for (size_t i = 0; i < 10; ++i) {
      ASSERT_TRUE((i % 2 == 0 ? Like(user_id, posts_[i]) : Dislike(user_id, posts_[i])).ok());
    }
    v1::TrainRequest train;
    train.set_user_telegram_id(user_id);
    ASSERT_TRUE(feed_->Train(Deadline(), train)->success());
    Visit(user_id);
  }
  void Visit(int64_t user_id) {
    v1::RecordVisitRequest visit;
    visit.set_user_telegram_id(user_id);
    ASSERT_TRUE(feed_->RecordVisit(Deadline(), visit).ok());
  }
  size_t Nudges() {
    EXPECT_TRUE(maintenance_->Nudge(Deadline()).ok());
    return Published<FeedNudgeDue>().size();
  }

  std::vector<int64_t> posts_;
  std::unique_ptr<Maintenance> maintenance_;
};

TEST_F(MaintenanceTest, WhoStaysAwayForAWeekIsChurnedAndComesBack) {
  MakeActive(kAnn);
  Pass(7 * kDay - absl::Minutes(1));
  ASSERT_TRUE(maintenance_->Churn(Deadline()).ok());
  EXPECT_EQ(StatusOf(kAnn), v1::USER_STATUS_ACTIVE);
  Pass(absl::Minutes(2));
  ASSERT_TRUE(maintenance_->Churn(Deadline()).ok());
  ASSERT_TRUE(maintenance_->Churn(Deadline()).ok());
  EXPECT_EQ(StatusOf(kAnn), v1::USER_STATUS_CHURNED);
  EXPECT_EQ(Published<FeedStatusChanged>().back().to_status(), v1::USER_STATUS_CHURNED);
  ASSERT_TRUE(Like(kAnn, posts_[20]).ok());
  EXPECT_EQ(StatusOf(kAnn), v1::USER_STATUS_ACTIVE) << "a reaction is enough";
}

TEST_F(MaintenanceTest, WhoWaitsForPostsToTrainWithIsToldOnceWhenThereAreEnough) {
  Follow(kAnn, "slow");
  v1::SelectTrainingPostsRequest select;
  select.set_user_telegram_id(kAnn);
  const auto none = feed_->SelectTrainingPosts(Deadline(), select);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_THAT(none->posts(), IsEmpty());
  EXPECT_THAT(none->unread_channel_usernames(), ::testing::ElementsAre("slow"));
  MakeChannel(-100, "slow", {"goal", "match", "derby"});
  ASSERT_TRUE(maintenance_->TellReady(Deadline()).ok());
  EXPECT_THAT(Published<FeedTrainingReady>(), IsEmpty()) << "three are too few";
  MakeChannel(-100, "slow", {"goal", "match", "derby", "oven", "soup", "rocket", "comet", "tax"});
  ASSERT_TRUE(maintenance_->TellReady(Deadline()).ok());
  ASSERT_TRUE(maintenance_->TellReady(Deadline()).ok());
  const auto told = Published<FeedTrainingReady>();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].user_id(), kAnn);
  EXPECT_EQ(told[0].post_count(), 8);
}

// Told once more after every look, they would have a message every few seconds.
TEST_F(MaintenanceTest, WhatSeveralChannelsSayIsOnePostToTrainWith) {
  for (const char* name : {"one", "other", "slow"}) Follow(kAnn, name);
  const std::string story =
      "The central bank left its interest rate unchanged on Thursday while inflation slows down "
      "in most countries of the region according to the latest figures published by economists";
  MakeChannel(-100, "one", {story, "goal", "match", "derby"});
  MakeChannel(-200, "other", {story, "oven", "soup"});
  v1::SelectTrainingPostsRequest select;
  select.set_user_telegram_id(kAnn);
  const auto some = feed_->SelectTrainingPosts(Deadline(), select);
  ASSERT_TRUE(some.ok()) << some.status();
  EXPECT_THAT(some->posts(), SizeIs(6));
  ASSERT_TRUE(maintenance_->TellReady(Deadline()).ok());
  EXPECT_THAT(Published<FeedTrainingReady>(), IsEmpty()) << "six are too few";
}

// Many persons, one by one: none of them waits for all others.
TEST_F(MaintenanceTest, EachReaderForgetsWordsThatMayNotBeLearnedAnyMore) {
  const auto posts = MakeChannel(-100, "owned", {"goal match striker", "derby"});
  for (int64_t user_id = kAnn; user_id < kAnn + 3; ++user_id) {
    ASSERT_TRUE(Like(user_id, posts[0]).ok());
  }
  v1::SyncChannelRequest channel;
  channel.set_telegram_id(-100);
  channel.set_may_learn_text(false);
  ASSERT_TRUE(feed_->SyncChannel(Deadline(), channel).ok());
  const std::string lengths =
      "SELECT DISTINCT length(features)::text FROM selfology.feed_interactions";
  EXPECT_NE(Dump(lengths), "36\n");
  ASSERT_TRUE(maintenance_->ForgetWords(Deadline()).ok());
  EXPECT_EQ(Dump(lengths), "36\n");
  EXPECT_EQ(Dump("SELECT DISTINCT length(state)::text FROM selfology.feed_models"), "60\n");
  EXPECT_EQ(Dump("SELECT channel_id::text FROM selfology.feed_forgetting"), "");
}

TEST_F(MaintenanceTest, WhoIsAwayIsNudgedByTheRules) {
  MakeActive(kAnn);
  EXPECT_EQ(Nudges(), 0) << "she is here";
  Pass(kDay);
  EXPECT_EQ(Nudges(), 1);
  EXPECT_EQ(Nudges(), 1) << "once a day";
  const FeedNudgeDue nudge = Published<FeedNudgeDue>().at(0);
  EXPECT_THAT(nudge.post().text(), ::testing::HasSubstr("goal"));
  EXPECT_GE(nudge.score_quantile(), 0.8);
  for (int day = 0; day < 20; ++day) {
    Pass(kDay);
    Nudges();
  }
  EXPECT_EQ(Nudges(), 3) << "none after three that were ignored";
  Visit(kAnn);
  Pass(kDay);
  EXPECT_EQ(Nudges(), 4);
}

TEST_F(MaintenanceTest, WhoWantsNoNudgesGetsNone) {
  MakeActive(kAnn);
  v1::UpdateFeedSettingsRequest settings;
  settings.set_user_telegram_id(kAnn);
  settings.mutable_settings()->set_nudges_off(true);
  ASSERT_TRUE(feed_->UpdateFeedSettings(Deadline(), settings).ok());
  Pass(3 * kDay);
  EXPECT_EQ(Nudges(), 0);
}

TEST_F(MaintenanceTest, ADigestComesOnceADayAtTheChosenHour) {
  MakeActive(kAnn);
  v1::UpdateFeedSettingsRequest settings;
  settings.set_user_telegram_id(kAnn);
  settings.mutable_settings()->set_digest_hour(15);
  settings.mutable_settings()->set_time_zone("Europe/Berlin");
  settings.mutable_settings()->set_language("ru");
  ASSERT_TRUE(feed_->UpdateFeedSettings(Deadline(), settings).ok());
  ASSERT_TRUE(maintenance_->MakeDigests(Deadline()).ok());
  EXPECT_THAT(Published<FeedDigestReady>(), IsEmpty()) << "it is 14:00 there";
  Pass(absl::Hours(1));
  ASSERT_TRUE(maintenance_->MakeDigests(Deadline()).ok());
  ASSERT_TRUE(maintenance_->MakeDigests(Deadline()).ok());
  const auto digests = Published<FeedDigestReady>();
  ASSERT_THAT(digests, SizeIs(1));
  EXPECT_THAT(digests[0].posts(), Not(IsEmpty()));
  EXPECT_EQ(digests[0].language(), "ru");
}

TEST_F(MaintenanceTest, ForgetsLogsAfterNinetyDays) {
  MakeActive(kAnn);
  Pass(91 * kDay);
  Visit(kAnn);
  ASSERT_TRUE(maintenance_->ForgetOld(Deadline()).ok());
  v1::ListUserLogRequest log;
  log.set_user_telegram_id(kAnn);
  EXPECT_THAT(feed_->ListUserLog(Deadline(), log)->entries(), SizeIs(1));
}

TEST(DigestDueTest, IsDueFromTheHourOnForThreeHoursOnceADay) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilDay day(2025, 10, 11);
  const auto at = [&](int hour) { return absl::FromCivil(absl::CivilHour(day) + hour, utc); };
  EXPECT_EQ(DigestDue(at(8), utc, 9, std::nullopt), std::nullopt);
  EXPECT_EQ(DigestDue(at(9), utc, 9, std::nullopt), day);
  EXPECT_EQ(DigestDue(at(11), utc, 9, day - 1), day);
  EXPECT_EQ(DigestDue(at(12), utc, 9, std::nullopt), std::nullopt);
  EXPECT_EQ(DigestDue(at(9), utc, 9, day), std::nullopt);
  EXPECT_EQ(DigestDue(at(0), utc, 24, day - 1), day) << "24 is midnight";
  EXPECT_EQ(DigestDue(at(23), utc, 23, day - 1), day);
}

}  // namespace
}  // namespace selfology::feed
