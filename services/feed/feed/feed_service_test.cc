#include "services/feed/feed/feed_service.h"

#include <set>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "services/feed/feed/feed_fixture_test.h"
#include "services/feed/feed/following.h"
#include "testing/proto_matchers.h"

namespace selfology::feed {
namespace {

using events::v1::FeedChannelFollowed;
using events::v1::FeedInteractionRecorded;
using events::v1::FeedModelTrained;
using events::v1::FeedStatusChanged;
using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<std::string> kFootball = {
    "match goal referee stadium", "league coach goal transfer", "striker penalty match derby",
    "goal keeper season corner",  "team goal stadium league",   "derby goal coach striker",
    "match team penalty goal",    "referee transfer goal match"};
const std::vector<std::string> kCooking = {"oven butter recipe flour",  "garlic onion sauce recipe",
                                           "simmer soup pepper recipe", "dough bake oven recipe",
                                           "roast pepper oven garlic",  "cheese sauce flour recipe",
                                           "soup onion recipe simmer",  "butter dough recipe bake"};

class FeedServiceTest : public FeedTest {
 protected:
  std::string ModelOf(int64_t user_id) {
    return Dump(
        absl::StrCat("SELECT encode(state, 'hex') || ' ' || rated_count FROM selfology.feed_models"
                     " WHERE user_id = ",
                     user_id));
  }
  std::string Counts() { return Dump("SELECT c::text FROM selfology.feed_counts c ORDER BY 1"); }
};

TEST_F(FeedServiceTest, APersonIsKnownOnceAndFollowsTheDefaultChannels) {
  MakeChannel(-100, "defaults", {"goal"});
  v1::SyncChannelRequest channel;
  channel.set_telegram_id(-100);
  channel.set_is_default(true);
  ASSERT_TRUE(feed_->SyncChannel(Deadline(), channel).ok());
  v1::RegisterUserRequest request;
  request.set_telegram_id(kAnn);
  request.set_username("ann");
  const auto first = feed_->RegisterUser(Deadline(), request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(first->is_new());
  EXPECT_EQ(first->status(), v1::USER_STATUS_NEW);
  const auto again = feed_->RegisterUser(Deadline(), request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->is_new());
  EXPECT_THAT(Published<FeedStatusChanged>(), SizeIs(1));
  EXPECT_THAT(Best(kAnn), SizeIs(1));
}

// R003-9's way from the first word to the feed.
TEST_F(FeedServiceTest, APersonTrainsAndTheFeedKnows) {
  const auto football = MakeChannel(-100, "football", kFootball);
  const auto cooking = MakeChannel(-200, "cooking", kCooking);
  v1::SelectTrainingPostsRequest select;
  select.set_user_telegram_id(kAnn);
  select.add_channel_usernames("@Football");
  select.add_channel_usernames("https://t.me/cooking");
  select.add_channel_usernames("@nobody_read_it");
  select.set_posts_per_channel(4);
  const auto training = feed_->SelectTrainingPosts(Deadline(), select);
  ASSERT_TRUE(training.ok()) << training.status();
  EXPECT_THAT(training->posts(), SizeIs(8));
  EXPECT_THAT(training->unread_channel_usernames(), ElementsAre("nobody_read_it"));
  EXPECT_EQ(training->status(), v1::USER_STATUS_TRAINING);
  EXPECT_THAT(*feed_->SelectTrainingPosts(Deadline(), select), EqualsProto(*training));

  const std::set<int64_t> liked(football.begin(), football.end());
  for (const v1::Post& post : training->posts()) {
    ASSERT_TRUE(
        (liked.contains(post.id()) ? Like(kAnn, post.id()) : Dislike(kAnn, post.id())).ok());
  }
  v1::TrainRequest train;
  train.set_user_telegram_id(kAnn);
  const auto trained = feed_->Train(Deadline(), train);
  ASSERT_TRUE(trained.ok()) << trained.status();
  EXPECT_TRUE(trained->success()) << trained->message();
  EXPECT_EQ(trained->status(), v1::USER_STATUS_TRAINED);
  EXPECT_THAT(Published<FeedModelTrained>(), SizeIs(1));

  const auto best = Best(kAnn, 4);
  ASSERT_THAT(best, SizeIs(4));
  for (const v1::Post& post : best) {
    EXPECT_TRUE(liked.contains(post.id())) << post.text();
    EXPECT_GT(post.relevance_score(), 0.5);
    EXPECT_FALSE(post.reasons().empty());
  }
  v1::ListFeedRequest feed;
  feed.set_user_telegram_id(kAnn);
  const auto page = feed_->ListFeed(Deadline(), feed);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->status(), v1::USER_STATUS_ACTIVE);
  std::vector<v1::UserStatus> statuses;
  for (const auto& event : Published<FeedStatusChanged>()) statuses.push_back(event.to_status());
  EXPECT_THAT(statuses,
              ElementsAre(v1::USER_STATUS_NEW, v1::USER_STATUS_ONBOARDING, v1::USER_STATUS_TRAINING,
                          v1::USER_STATUS_TRAINED, v1::USER_STATUS_ACTIVE));
}

// As a dialog asks, card by card.
TEST_F(FeedServiceTest, TrainingGoesThroughTheChannelsInTurn) {
  const auto football = MakeChannel(-100, "football", kFootball);
  MakeChannel(-200, "cooking", kCooking);
  Follow(kAnn, "football");
  Follow(kAnn, "cooking");
  Follow(kAnn, "not_read_yet");
  const std::set<int64_t> about_football(football.begin(), football.end());
  v1::SelectTrainingPostsRequest select;
  select.set_user_telegram_id(kAnn);
  std::string order;
  for (int card = 0; card < 6; ++card) {
    const auto training = feed_->SelectTrainingPosts(Deadline(), select);
    ASSERT_TRUE(training.ok()) << training.status();
    EXPECT_THAT(training->unread_channel_usernames(), ElementsAre("not_read_yet"));
    order += about_football.contains(training->posts(0).id()) ? 'f' : 'c';
    ASSERT_TRUE(Like(kAnn, training->posts(0).id()).ok());
  }
  EXPECT_THAT(order, ::testing::AnyOf("fcfcfc", "cfcfcf"));
}

TEST_F(FeedServiceTest, TrainingNeedsRatings) {
  const auto posts = MakeChannel(-100, "football", kFootball);
  ASSERT_TRUE(Like(kAnn, posts[0]).ok());
  v1::TrainRequest train;
  train.set_user_telegram_id(kAnn);
  const auto trained = feed_->Train(Deadline(), train);
  ASSERT_TRUE(trained.ok()) << trained.status();
  EXPECT_FALSE(trained->success());
  EXPECT_THAT(trained->message(), HasSubstr("rated so far: 1"));
  EXPECT_THAT(Published<FeedModelTrained>(), IsEmpty());
}

TEST_F(FeedServiceTest, TheNextCardKnowsTheReaction) {
  const auto football = MakeChannel(-100, "football", kFootball);
  const auto cooking = MakeChannel(-200, "cooking", kCooking);
  Follow(kAnn, "football");
  Follow(kAnn, "cooking");
  v1::RecordInteractionRequest request;
  request.set_user_telegram_id(kAnn);
  request.set_post_id(cooking[0]);
  request.set_interaction_type(v1::INTERACTION_TYPE_LIKE);
  request.set_want_next(true);
  auto reacted = feed_->RecordInteraction(Deadline(), request);
  ASSERT_TRUE(reacted.ok()) << reacted.status();
  EXPECT_EQ(reacted->next_post().channel_username(), "cooking");
  request.set_interaction_type(v1::INTERACTION_TYPE_DISLIKE);
  reacted = feed_->RecordInteraction(Deadline(), request);
  ASSERT_TRUE(reacted.ok()) << reacted.status();
  EXPECT_EQ(reacted->next_post().channel_username(), "football");
}

TEST_F(FeedServiceTest, AReactionSentTwiceCountsOnce) {
  const auto posts = MakeChannel(-100, "football", kFootball);
  const auto first = React(kAnn, posts[0], v1::INTERACTION_TYPE_LIKE, "key");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(*React(kAnn, posts[0], v1::INTERACTION_TYPE_LIKE, "key"), EqualsProto(*first));
  EXPECT_EQ(Like(kAnn, posts[0])->id(), first->id()) << "without a key, too";
  EXPECT_THAT(Published<FeedInteractionRecorded>(), SizeIs(1));
  // A swipe that was undone meanwhile and is sent once more by its device stays undone.
  ASSERT_TRUE(React(kAnn, posts[0], v1::INTERACTION_TYPE_UNDO).ok());
  EXPECT_THAT(*React(kAnn, posts[0], v1::INTERACTION_TYPE_LIKE, "key"), EqualsProto(*first));
  EXPECT_EQ(Counts(), "");
}

TEST_F(FeedServiceTest, UndoAndANewJudgementLeaveNoTraceInTheModel) {
  const auto posts = MakeChannel(-100, "football", kFootball);
  ASSERT_TRUE(Like(kAnn, posts[0]).ok());
  const std::string before = ModelOf(kAnn);
  ASSERT_TRUE(React(kAnn, posts[1], v1::INTERACTION_TYPE_SAVE).ok());
  ASSERT_TRUE(Dislike(kAnn, posts[2]).ok());
  ASSERT_NE(ModelOf(kAnn), before);
  ASSERT_TRUE(React(kAnn, posts[1], v1::INTERACTION_TYPE_UNDO).ok());
  ASSERT_TRUE(React(kAnn, posts[2], v1::INTERACTION_TYPE_UNDO).ok());
  EXPECT_EQ(ModelOf(kAnn), before);
  ASSERT_TRUE(Dislike(kAnn, posts[0]).ok());
  ASSERT_TRUE(Dislike(kBob, posts[0]).ok());
  EXPECT_EQ(ModelOf(kAnn), ModelOf(kBob)) << "as if it had been the first";
  EXPECT_THAT(Counts(), HasSubstr("0,2,0,0,0"));
  const auto nothing = React(kBob, posts[5], v1::INTERACTION_TYPE_UNDO);
  EXPECT_EQ(nothing.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(FeedServiceTest, ATrainingBuildsTheVeryModelThatWasLearnedStepByStep) {
  const auto posts = MakeChannel(-100, "football", kFootball);
  const v1::InteractionType types[] = {v1::INTERACTION_TYPE_LIKE, v1::INTERACTION_TYPE_DISLIKE,
                                       v1::INTERACTION_TYPE_SKIP, v1::INTERACTION_TYPE_SAVE};
  for (size_t i = 0; i < posts.size(); ++i) {
    ASSERT_TRUE(React(kAnn, posts[i], types[i % 4]).ok());
  }
  const std::string learned = ModelOf(kAnn);
  v1::TrainRequest train;
  train.set_user_telegram_id(kAnn);
  ASSERT_TRUE(feed_->Train(Deadline(), train).ok());
  EXPECT_EQ(ModelOf(kAnn), learned);
}

TEST_F(FeedServiceTest, ErasingAPersonLeavesWhatTheOthersAloneGive) {
  const auto posts = MakeChannel(-100, "football", kFootball);
  const std::string state =
      "SELECT x FROM (SELECT c::text AS x FROM selfology.feed_counts c UNION ALL"
      " SELECT m::text FROM selfology.feed_models m UNION ALL"
      " SELECT p::text FROM selfology.feed_posts p UNION ALL"
      " SELECT c::text FROM selfology.feed_channels c) s ORDER BY 1";
  ASSERT_TRUE(Like(kBob, posts[0]).ok());
  ASSERT_TRUE(Dislike(kBob, posts[1]).ok());
  const std::string others = Dump(state);

  ASSERT_TRUE(Like(kAnn, posts[0]).ok());
  ASSERT_TRUE(React(kAnn, posts[2], v1::INTERACTION_TYPE_SAVE).ok());
  ASSERT_TRUE(React(kAnn, posts[3], v1::INTERACTION_TYPE_VIEW).ok());
  ASSERT_TRUE(React(kAnn, posts[2], v1::INTERACTION_TYPE_UNDO).ok());
  Follow(kAnn, "a_channel_of_hers_alone");
  Await("the reader to be told", [&] { return !reader_->told().empty(); });
  ASSERT_NE(Dump(state), others);
  v1::DeleteUserDataRequest request;
  request.set_user_id(kAnn);
  const auto erased = feed_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_GT(erased->deleted_rows(), 5);
  Await("what she did to be gone", [&] {
    return Dump("SELECT user_id::text FROM selfology.feed_people ORDER BY 1") ==
           absl::StrCat(kBob, "\n");
  });
  // The reader read the channel that she named, and may have told of it: that is the reader's.
  const std::string left = Dump(
      "SELECT x FROM (SELECT c::text AS x FROM selfology.feed_counts c UNION ALL"
      " SELECT m::text FROM selfology.feed_models m UNION ALL"
      " SELECT p::text FROM selfology.feed_posts p UNION ALL"
      " SELECT c::text FROM selfology.feed_channels c WHERE reader_id IS NULL) s ORDER BY 1");
  EXPECT_EQ(left, others);
}

// The next card knows who else liked what was liked, where the terms let it.
TEST_F(FeedServiceTest, WhatThoseAlikeLikeComesUpAtOnceUnlessItsChannelForbidsIt) {
  const std::vector<std::string> texts = {"one", "two", "three", "four", "five", "six"};
  const auto open = MakeChannel(-100, "open", texts);
  const auto closed = MakeChannel(-200, "closed", texts, /*may_learn=*/false);
  reader_->closed = "closed";
  Follow(kAnn, "open");
  Follow(kAnn, "closed");
  for (int64_t other = 2000; other < 2006; ++other) {
    for (const auto& posts : {open, closed}) {
      ASSERT_TRUE(Like(other, posts[0]).ok());
      ASSERT_TRUE(Like(other, posts[3]).ok());
    }
  }
  const auto says_alike = [&](int64_t post_id) {
    v1::ExplainPostRequest request;
    request.set_user_telegram_id(kAnn);
    request.set_post_id(post_id);
    const auto explained = feed_->ExplainPost(Deadline(), request);
    EXPECT_TRUE(explained.ok()) << explained.status();
    return explained.ok() &&
           std::any_of(
               explained->post().reasons().begin(), explained->post().reasons().end(),
               [](const v1::Reason& reason) { return reason.kind() == v1::REASON_KIND_ALIKE; });
  };
  EXPECT_FALSE(says_alike(open[3])) << "she liked nothing yet";
  ASSERT_TRUE(Like(kAnn, closed[0]).ok());
  EXPECT_FALSE(says_alike(open[3])) << "what she liked is closed";
  ASSERT_TRUE(Like(kAnn, open[0]).ok());
  EXPECT_TRUE(says_alike(open[3]));
  EXPECT_FALSE(says_alike(closed[3]));
  EXPECT_FALSE(says_alike(open[4])) << "nobody liked it";

  // The others take it back, and the card knows that, too.
  for (int64_t other = 2000; other < 2006; ++other) {
    ASSERT_TRUE(React(other, open[3], v1::INTERACTION_TYPE_UNDO).ok());
  }
  EXPECT_FALSE(says_alike(open[3]));
}

TEST_F(FeedServiceTest, NearlyTheSamePostsOfTwoChannelsAreShownOnce) {
  const std::string story =
      "The central bank left its interest rate unchanged on Thursday while inflation slows down "
      "in most countries of the region according to the latest figures published by economists";
  MakeChannel(-100, "one", {story});
  MakeChannel(-200, "two", {absl::StrCat(story, "\n\nSubscribe: @two"), "goal match"});
  Follow(kAnn, "one");
  Follow(kAnn, "two");
  const auto best = Best(kAnn);
  ASSERT_THAT(best, SizeIs(2));
  EXPECT_EQ(best[0].duplicate_count() + best[1].duplicate_count(), 1);
  const int64_t shown = best[0].duplicate_count() == 1 ? best[0].id() : best[1].id();
  ASSERT_TRUE(Like(kAnn, shown).ok());
  EXPECT_THAT(Best(kAnn), SizeIs(1)) << "the other one says the same";
}

TEST_F(FeedServiceTest, MutedWordsAndChannelsAreLeftOut) {
  MakeChannel(-100, "football", {"The match was lost", "matches of the week", "a transfer"});
  MakeChannel(-200, "cooking", kCooking);
  Follow(kAnn, "football");
  Follow(kAnn, "cooking");
  v1::UpdateFeedSettingsRequest settings;
  settings.set_user_telegram_id(kAnn);
  settings.mutable_settings()->add_muted_words("Match");
  settings.mutable_settings()->set_time_zone("Europe/Berlin");
  ASSERT_TRUE(feed_->UpdateFeedSettings(Deadline(), settings).ok());
  EXPECT_THAT(Best(kAnn, 100), SizeIs(1 + kCooking.size())) << "in every form of the word";
  v1::FollowChannelRequest mute;
  mute.set_user_telegram_id(kAnn);
  mute.set_channel_username("@cooking");
  mute.set_is_muted(true);
  ASSERT_TRUE(feed_->FollowChannel(Deadline(), mute).ok());
  EXPECT_THAT(Best(kAnn, 100), SizeIs(1));

  for (const char* zone : {"/etc/localtime", "localtime", "Fixed/UTC+01:00:00"}) {
    v1::UpdateFeedSettingsRequest bad;
    bad.set_user_telegram_id(kAnn);
    bad.mutable_settings()->set_time_zone(zone);
    EXPECT_THAT(status::Violations(feed_->UpdateFeedSettings(Deadline(), bad).status()), SizeIs(1))
        << zone;
  }
  settings.mutable_settings()->add_muted_words("two words");
  settings.mutable_settings()->set_time_zone("Mars/Phobos");
  settings.mutable_settings()->set_digest_hour(25);
  EXPECT_THAT(status::Violations(feed_->UpdateFeedSettings(Deadline(), settings).status()),
              SizeIs(3));
}

TEST_F(FeedServiceTest, PagesOfOneReadingDoNotRepeatThemselvesAndAreLogged) {
  MakeChannel(-100, "football", kFootball);
  Follow(kAnn, "football");
  v1::ListFeedRequest request;
  request.set_user_telegram_id(kAnn);
  request.set_session_key("morning");
  request.set_page_size(3);
  std::set<int64_t> seen;
  for (int page = 0; page < 4; ++page) {
    const auto posts = feed_->ListFeed(Deadline(), request);
    ASSERT_TRUE(posts.ok()) << posts.status();
    for (const v1::Post& post : posts->posts()) EXPECT_TRUE(seen.insert(post.id()).second);
  }
  EXPECT_THAT(seen, SizeIs(kFootball.size()));
  EXPECT_EQ(Dump("SELECT count(*)::text FROM selfology.feed_shown WHERE propensity > 0"
                 " AND propensity <= 1"),
            absl::StrCat(kFootball.size(), "\n"));
  request.set_session_key("evening");
  EXPECT_THAT(feed_->ListFeed(Deadline(), request)->posts(), SizeIs(3));
}

TEST_F(FeedServiceTest, ExplainsAPlaceAndWhatItWouldBeOtherwise) {
  const auto football = MakeChannel(-100, "football", kFootball);
  MakeChannel(-200, "cooking", kCooking);
  Follow(kAnn, "football");
  Follow(kAnn, "cooking");
  for (size_t i = 0; i < 4; ++i) ASSERT_TRUE(Like(kAnn, football[i]).ok());
  v1::ExplainPostRequest request;
  request.set_user_telegram_id(kAnn);
  request.set_post_id(football[6]);
  const auto explained = feed_->ExplainPost(Deadline(), request);
  ASSERT_TRUE(explained.ok()) << explained.status();
  ASSERT_THAT(explained->post().reasons(), ::testing::Not(IsEmpty()));
  ASSERT_THAT(explained->place_without(), SizeIs(explained->post().reasons_size()));
  EXPECT_GT(explained->place_without(0), explained->place());
  EXPECT_EQ(explained->candidate_count(), 16);
  bool has_words = false;
  for (const v1::Reason& reason : explained->post().reasons()) {
    if (reason.kind() == v1::REASON_KIND_WORDS) {
      has_words = true;
      EXPECT_THAT(explained->post().text(), HasSubstr(reason.words(0)));
    }
  }
  EXPECT_TRUE(has_words);
}

TEST_F(FeedServiceTest, AProposedChannelThatIsKeptIsABonus) {
  const auto football = MakeChannel(-100, "football", kFootball);
  MakeChannel(-200, "cooking", kCooking);
  MakeChannel(-300, "derby", {"derby goal match striker", "league goal match derby"});
  Follow(kAnn, "football");
  for (size_t i = 0; i < 6; ++i) ASSERT_TRUE(Like(kAnn, football[i]).ok());
  v1::ProposeChannelsRequest propose;
  propose.set_user_telegram_id(kAnn);
  propose.set_limit(1);
  const auto proposed = feed_->ProposeChannels(Deadline(), propose);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  ASSERT_THAT(proposed->proposals(), SizeIs(1));
  EXPECT_EQ(proposed->proposals(0).channel().username(), "derby");
  Follow(kAnn, "@derby");
  Follow(kAnn, "@cooking");
  v1::GetFeedUserRequest user;
  user.set_user_telegram_id(kAnn);
  EXPECT_EQ(feed_->GetFeedUser(Deadline(), user)->user().bonus_channels_count(), 1);
  std::vector<bool> bonus;
  for (const auto& event : Published<FeedChannelFollowed>()) bonus.push_back(event.is_bonus());
  EXPECT_THAT(bonus, ElementsAre(false, true, false));
}

TEST_F(FeedServiceTest, FeedReadersGetRssByASecretAddress) {
  MakeChannel(-100, "football", kFootball);
  Follow(kAnn, "football");
  v1::CreateFeedLinkRequest request;
  request.set_user_telegram_id(kAnn);
  const auto first = feed_->CreateFeedLink(Deadline(), request);
  const auto second = feed_->CreateFeedLink(Deadline(), request);
  ASSERT_TRUE(first.ok() && second.ok());
  const auto get = [&](const std::string& path) {
    v1::GetRssRequest rss;
    rss.set_key(path.substr(path.rfind('/') + 1));
    return feed_->GetRss(Deadline(), rss);
  };
  EXPECT_EQ(get(first->path())->status(), 404) << "it was replaced";
  const auto rss = get(second->path());
  ASSERT_TRUE(rss.ok()) << rss.status();
  EXPECT_EQ(rss->status(), 200);
  EXPECT_THAT(rss->body(), HasSubstr("<link>https://t.me/football/8</link>"));
  EXPECT_EQ(get("/api/feed/rss/x")->status(), 404);
}

TEST_F(FeedServiceTest, SavedPostsStatisticsAndTheLogAreThere) {
  const auto posts = MakeChannel(-100, "football", kFootball);
  Follow(kAnn, "football");
  ASSERT_TRUE(Like(kAnn, posts[0]).ok());
  ASSERT_TRUE(Dislike(kAnn, posts[1]).ok());
  for (size_t i = 2; i < 5; ++i) ASSERT_TRUE(React(kAnn, posts[i], v1::INTERACTION_TYPE_SAVE).ok());
  v1::ListSavedPostsRequest saved;
  saved.set_user_telegram_id(kAnn);
  saved.set_page_size(2);
  auto page = feed_->ListSavedPosts(Deadline(), saved);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_THAT(page->posts(), SizeIs(2));
  EXPECT_EQ(page->posts(0).id(), posts[4]) << "the last first";
  EXPECT_TRUE(page->posts(0).is_saved());
  saved.set_page_token(page->next_page_token());
  page = feed_->ListSavedPosts(Deadline(), saved);
  EXPECT_THAT(page->posts(), SizeIs(1));
  EXPECT_EQ(page->next_page_token(), "");

  v1::GetStatisticsRequest request;
  request.set_user_telegram_id(kAnn);
  const auto statistics = feed_->GetStatistics(Deadline(), request);
  ASSERT_TRUE(statistics.ok()) << statistics.status();
  ASSERT_THAT(statistics->days(), SizeIs(1));
  EXPECT_EQ(statistics->days(0).day(), "2025-10-11");
  EXPECT_EQ(statistics->days(0).saves(), 3);
  EXPECT_EQ(statistics->rated_count(), 2);
  EXPECT_DOUBLE_EQ(statistics->like_share_now(), 0.5);
  ASSERT_THAT(statistics->channels(), SizeIs(1));
  EXPECT_EQ(statistics->channels(0).likes(), 4);
  EXPECT_THAT(statistics->tastes(), ::testing::Not(IsEmpty()));

  v1::ListUserLogRequest log;
  log.set_user_telegram_id(kAnn);
  const auto entries = feed_->ListUserLog(Deadline(), log);
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_EQ(entries->entries(0).action(), "interaction.save");
  EXPECT_THAT(entries->entries(), SizeIs(5 + 3)) << "new, onboarding, and the channel";
}

TEST_F(FeedServiceTest, NamesAllThatIsWrongWithARequest) {
  EXPECT_THAT(status::Violations(
                  feed_->RecordInteraction(Deadline(), v1::RecordInteractionRequest()).status()),
              SizeIs(3));
  EXPECT_THAT(status::Violations(feed_->AddPosts(Deadline(), v1::AddPostsRequest()).status()),
              SizeIs(2));
  v1::AddPostsRequest posts;
  posts.set_channel_telegram_id(-1);
  posts.add_posts()->set_text(std::string(20000, 'a'));
  EXPECT_THAT(status::Violations(feed_->AddPosts(Deadline(), posts).status()), SizeIs(3));
  v1::FollowChannelRequest follow;
  follow.set_user_telegram_id(kAnn);
  follow.set_channel_username("two words");
  EXPECT_THAT(status::Violations(feed_->FollowChannel(Deadline(), follow).status()), SizeIs(1));
  EXPECT_EQ(Like(kAnn, 4242).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Published<FeedStatusChanged>(), IsEmpty()) << "nothing of it happened";
}

TEST_F(FeedServiceTest, AnEditedPostIsUpdatedAndADeletedChannelNameIsTakenOver) {
  const auto posts = MakeChannel(-100, "football", {"goal"});
  const auto again = MakeChannel(-100, "football", {"an oven and a recipe"});
  EXPECT_EQ(again, posts);
  Follow(kAnn, "new_name");
  v1::SyncChannelRequest renamed;
  renamed.set_telegram_id(-100);
  renamed.set_username("new_name");
  ASSERT_TRUE(feed_->SyncChannel(Deadline(), renamed).ok());
  const auto best = Best(kAnn);
  ASSERT_THAT(best, SizeIs(1)) << "who followed the name follows the channel";
  EXPECT_EQ(best[0].text(), "an oven and a recipe");
}

}  // namespace
}  // namespace selfology::feed
