#include "services/feed/feed/feed_events.h"

#include <string>
#include <vector>

#include "services/feed/feed/feed_fixture_test.h"
#include "services/feed/feed/maintenance.h"

namespace selfology::feed {
namespace {

using events::v1::ChannelChanged;
using events::v1::ChannelFollowed;
using events::v1::ChannelPostDeleted;
using events::v1::ChannelPostEdited;
using events::v1::ChannelPostPublished;
using events::v1::ChannelUnfollowed;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

reader::Channel Channel(bool may_learn = true) {
  reader::Channel channel;
  channel.set_channel_id(500);
  channel.set_handle("football");
  channel.set_telegram_id(-100);
  channel.set_title("Football");
  channel.mutable_scope()->set_show(true);
  channel.mutable_scope()->set_keep(true);
  channel.mutable_scope()->set_learn_from_text(may_learn);
  return channel;
}

class FeedEventsTest : public FeedTest {
 protected:
  template <typename Event>
  void PublishPost(int64_t number, const std::string& text) {
    Event event;
    event.set_channel_id(500);
    *event.mutable_channel() = Channel();
    event.mutable_post()->set_channel_id(500);
    event.mutable_post()->set_post_number(number);
    event.mutable_post()->set_text(text);
    event.mutable_post()->set_link("https://t.me/football/1");
    *event.mutable_post()->mutable_posted_at() = timestamps::ToProto(Now() - absl::Hours(1));
    Publish(event);
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    for (const v1::Post& post : Best(kAnn)) texts.push_back(post.text());
    return texts;
  }
};

TEST_F(FeedEventsTest, PostsComeChangeAndGoAsTheReaderTells) {
  ChannelFollowed followed;
  followed.set_user_id(kAnn);
  followed.set_channel_id(500);
  *followed.mutable_channel() = Channel();
  Publish(followed);
  PublishPost<ChannelPostPublished>(1, "a goal");
  Await("the post", [&] { return Texts() == std::vector<std::string>{"a goal"}; });
  PublishPost<ChannelPostEdited>(1, "two goals");
  Await("the edit", [&] { return Texts() == std::vector<std::string>{"two goals"}; });
  ChannelPostDeleted deleted;
  deleted.set_channel_id(500);
  deleted.set_post_number(1);
  Publish(deleted);
  Await("the deletion", [&] { return Texts().empty(); });
  PublishPost<ChannelPostPublished>(1, "a goal");
  PublishPost<ChannelPostPublished>(2, "another");
  Await("the second post", [&] { return !Texts().empty(); });
  EXPECT_THAT(Texts(), ElementsAre("another")) << "what was deleted does not come back";
}

TEST_F(FeedEventsTest, EachLearnsWhomTheOthersPersonsFollow) {
  Follow(kAnn, "cooking");
  Await("the reader to know",
        [&] { return reader_->told() == std::vector<std::string>{"1001 follows cooking"}; });
  Await("the feed to know the reader's number", [&] {
    return Dump("SELECT coalesce(reader_id, 0)::text FROM selfology.feed_channels") == "500\n";
  });
  v1::ListUserChannelsRequest list;
  list.set_user_telegram_id(kAnn);
  const auto channels = feed_->ListUserChannels(Deadline(), list);
  ASSERT_TRUE(channels.ok()) << channels.status();
  ASSERT_THAT(channels->channels(), SizeIs(1));
  EXPECT_EQ(channels->channels(0).channel().title(), "Read by the reader");
  v1::UnfollowChannelRequest unfollow;
  unfollow.set_user_telegram_id(kAnn);
  unfollow.set_channel_id(channels->channels(0).channel().id());
  ASSERT_TRUE(feed_->UnfollowChannel(Deadline(), unfollow).ok());
  Await("the reader to know that, too", [&] { return reader_->told().size() == 2; });
  EXPECT_EQ(reader_->told()[1], "1001 unfollows 500");

  ChannelUnfollowed gone;
  gone.set_user_id(kBob);
  gone.set_channel_id(500);
  Publish(gone);
  AwaitHandled("feed", 1);
  EXPECT_THAT(reader_->told(), SizeIs(2)) << "it knows already";
}

TEST_F(FeedEventsTest, AReaderThatIsAwayIsToldLater) {
  reader_->away = true;
  const auto posts = MakeChannel(-200, "cooking", {"oven recipe"});
  Follow(kAnn, "cooking");
  EXPECT_THAT(Best(kAnn), SizeIs(1)) << "the last posts are served meanwhile";
  EXPECT_THAT(reader_->told(), IsEmpty());
  reader_->away = false;
  Await("the reader to know", [&] { return reader_->told().size() == 1; });
}

// Its owner's consent ends: what was learned from its words goes, from models, too.
TEST_F(FeedEventsTest, WhatMayNotBeLearnedAnyMoreIsForgotten) {
  PublishPost<ChannelPostPublished>(1, "goal match striker");
  AwaitHandled("feed", 1);
  ChannelFollowed followed;
  followed.set_user_id(kAnn);
  followed.set_channel_id(500);
  *followed.mutable_channel() = Channel();
  Publish(followed);
  AwaitHandled("feed", 2);
  const auto best = Best(kAnn);
  ASSERT_THAT(best, SizeIs(1));
  ASSERT_TRUE(Like(kAnn, best[0].id()).ok());
  const std::string models = "SELECT length(state)::text FROM selfology.feed_models";
  const std::string with_words = Dump(models);
  ChannelChanged changed;
  changed.set_channel_id(500);
  *changed.mutable_channel() = Channel(/*may_learn=*/false);
  changed.set_scope_changed(true);
  Publish(changed);
  AwaitHandled("feed", 3);
  EXPECT_EQ(Dump("SELECT length(features)::text FROM selfology.feed_posts"), "36\n");
  Maintenance maintenance({.database = DatabaseAs("selfology_feed"),
                           .clock = [this] { return Now(); },
                           .ranked = std::make_shared<RankedFeed>(10)});
  ASSERT_TRUE(maintenance.ForgetWords(Deadline()).ok());
  EXPECT_NE(Dump(models), with_words);
  // Bias, channel, length, media, hour and day of the week, 10 bytes each.
  EXPECT_EQ(Dump(models), "60\n");
  EXPECT_EQ(Dump("SELECT length(features)::text FROM selfology.feed_interactions"), "36\n");
  EXPECT_EQ(Dump("SELECT channel_id::text FROM selfology.feed_forgetting"), "");
}

}  // namespace
}  // namespace selfology::feed
