#include "tools/telegram_emulator/public_channels.h"

#include <map>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::telegram_emulator {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

TEST(PublicChannelsTest, APostIsShownOnceItsTimeHasCome) {
  PublicChannels channels;
  ASSERT_TRUE(channels.Add({.username = "Daily_Tea", .title = "Tea"}).ok());
  ASSERT_TRUE(channels
                  .Do("daily_tea",
                      [](PublicChannel& channel) {
                        channel.Add({.at = kNow, .text = "steeped"});
                        channel.Add({.at = kNow + absl::Minutes(1), .text = "poured"});
                      })
                  .ok());
  EXPECT_THAT(channels.Preview("DAILY_tea", {}, kNow).body,
              ::testing::AllOf(HasSubstr("steeped"), Not(HasSubstr("poured"))));
  EXPECT_THAT(channels.Preview("daily_tea", {}, kNow + absl::Minutes(2)).body, HasSubstr("poured"));
  EXPECT_FALSE(channels.Add({.username = "1st"}).ok());
  EXPECT_FALSE(channels.Do("nobody", [](PublicChannel&) {}).ok());
}

TEST(PublicChannelsTest, WhoHasNoPreviewIsSentToTheirName) {
  PublicChannels channels;
  ASSERT_TRUE(channels.Add({.username = "hidden", .title = "Hidden", .kind = "hidden"}).ok());
  for (const char* name : {"hidden", "nobody"}) {
    const Page page = channels.Preview(name, {}, kNow);
    EXPECT_EQ(page.status, 302);
    EXPECT_EQ(page.location, std::string("/") + name);
  }
  EXPECT_THAT(channels.Name("hidden", kNow).body, HasSubstr("subscribers"));
  EXPECT_THAT(channels.Name("nobody", kNow).body, HasSubstr("right away"));
}

TEST(PublicChannelsTest, FaultsHitAsOftenAsAskedAndOnlyWhom) {
  PublicChannels channels;
  ASSERT_TRUE(channels.Add({.username = "daily_tea", .title = "Tea"}).ok());
  ASSERT_TRUE(
      channels.AddFault({.kind = "429", .username = "daily_tea", .times = 2, .seconds = 30}).ok());
  EXPECT_EQ(channels.Preview("other", {}, kNow).status, 302);
  EXPECT_EQ(channels.Preview("daily_tea", {}, kNow).retry_after_s, 30);
  EXPECT_EQ(channels.Preview("daily_tea", {}, kNow).status, 429);
  const std::string whole = channels.Preview("daily_tea", {}, kNow).body;
  EXPECT_TRUE(absl::StrContains(whole, "</html>"));
  ASSERT_TRUE(channels.AddFault({.kind = "cut"}).ok());
  EXPECT_EQ(channels.Preview("daily_tea", {}, kNow).body.size(), whole.size() / 2);
  ASSERT_TRUE(channels.AddFault({.kind = "shell"}).ok());
  channels.ClearFaults();
  EXPECT_EQ(channels.Preview("daily_tea", {}, kNow).body, whole);
  EXPECT_FALSE(channels.AddFault({.kind = "flood"}).ok());
}

TEST(LivelyChannelsTest, ADozenChannelsShowEveryKindOfPostAndMoreToCome) {
  std::set<std::string> kinds;
  int channels = 0;
  int later = 0;
  std::set<int64_t> ids;
  for (const PublicChannel& channel : LivelyChannels(kNow, "http://emulator")) {
    EXPECT_TRUE(ids.insert(channel.telegram_id).second);
    if (channel.kind != "channel") continue;
    ++channels;
    int64_t last = 0;
    absl::Time at = absl::InfinitePast();
    for (const PublicPost& post : channel.posts) {
      EXPECT_GT(post.id, last);
      EXPECT_GE(post.at, at) << channel.username << post.id;
      last = post.last_id();
      at = post.at;
      if (post.at > kNow) ++later;
      if (post.is_album()) kinds.insert("album");
      for (const auto& media : post.media) kinds.insert(media.kind);
      if (!post.poll.empty()) kinds.insert("poll");
      if (post.reply_to > 0) kinds.insert("reply");
      if (!post.forwarded_from.empty()) kinds.insert("forward");
    }
  }
  EXPECT_EQ(channels, 12);
  EXPECT_GE(later, 12);
  for (const char* kind : {"album", "photo", "video", "large_video", "voice", "round", "document",
                           "audio", "location", "poll", "reply", "forward"}) {
    EXPECT_TRUE(kinds.contains(kind)) << kind;
  }
}

TEST(LivelyChannelsTest, DrawsPicturesOfAnyWords) {
  for (const char* words :
       {"Oolong", "Маяк", "", "a word that is far too long to stand on one line"}) {
    const auto png = DrawPicture(words);
    ASSERT_TRUE(png.ok());
    EXPECT_TRUE(png->starts_with("\x89PNG"));
  }
}

TEST(PublicPostTest, UnknownFieldsAreRefused) {
  EXPECT_FALSE(PublicPostFromJson({{"txet", "a"}}, kNow).ok());
  EXPECT_FALSE(PublicPostFromJson(Json::array(), kNow).ok());
  const auto post = PublicPostFromJson({{"text", "a"}, {"media", {{{"kind", "video"}}}}}, kNow);
  ASSERT_TRUE(post.ok());
  EXPECT_EQ(post->at, kNow);
  EXPECT_EQ(post->media[0].kind, "video");
}

}  // namespace
}  // namespace selfology::telegram_emulator
