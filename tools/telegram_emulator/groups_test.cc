// Groups, channels and reactions, without sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tools/telegram_emulator/world.h"

namespace selfology::telegram_emulator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class GroupsTest : public testing::Test {
 protected:
  GroupsTest() {
    ann_ = chats_.AddUser({.first_name = "Ann", .language_code = "en"})->id;
    bob_ = chats_.AddUser({.first_name = "Bob", .language_code = "en"})->id;
    world_.updates.Allow({"message", "edited_message", "channel_post", "edited_channel_post",
                          "callback_query", "my_chat_member", "message_reaction",
                          "message_reaction_count"});
  }

  int64_t Add(const char* type, const char* status, bool may_post = true) {
    const int64_t id =
        chats_.AddGroup({.type = type, .title = "Together", .username = type, .owner_id = ann_})
            ->id;
    EXPECT_TRUE(chats_.SetBotStatus(id, status, may_post, kNow).ok());
    world_.updates.DropAll();
    return id;
  }
  std::vector<Json> TakeUpdates() {
    std::vector<Json> updates;
    for (const Update& update : world_.updates.Get(0, 100)) {
      Json json = Json::object();
      json[update.kind] = update.value;
      updates.push_back(std::move(json));
    }
    world_.updates.DropAll();
    return updates;
  }
  std::vector<std::string> TakeKinds() {
    std::vector<std::string> kinds;
    for (const Json& update : TakeUpdates()) kinds.push_back(update.begin().key());
    return kinds;
  }
  static Draft Text(std::string_view text) { return {.text = *PlainText(text)}; }
  static std::string Words(const absl::Status& status) { return std::string(status.message()); }

  World world_{{.bot = {.id = 42}}};
  Chats& chats_ = world_.chats;
  int64_t ann_ = 0;
  int64_t bob_ = 0;
};

TEST_F(GroupsTest, TheBotLearnsThatItWasAddedAndThrownOut) {
  const int64_t group =
      chats_.AddGroup({.type = "supergroup", .title = "Together", .owner_id = ann_})->id;
  EXPECT_LT(group, -(int64_t{1} << 32));
  EXPECT_EQ(Words(chats_.BotSends(group, Text("Hi"), kNow).status()), "chat not found");
  ASSERT_TRUE(chats_.SetBotStatus(group, "member", true, kNow).ok());
  const std::vector<Json> added = TakeUpdates();
  ASSERT_EQ(added.size(), 2u);
  const Json& change = added[0]["my_chat_member"];
  EXPECT_EQ(change["chat"]["type"], "supergroup");
  EXPECT_EQ(change["from"]["id"], ann_);
  EXPECT_EQ(change["old_chat_member"]["status"], "left");
  EXPECT_EQ(change["new_chat_member"]["status"], "member");
  EXPECT_EQ(added[1]["message"]["new_chat_members"][0]["id"], 42);
  EXPECT_TRUE(chats_.BotSends(group, Text("Hi"), kNow).ok());
  ASSERT_TRUE(chats_.SetBotStatus(group, "kicked", true, kNow).ok());
  EXPECT_THAT(TakeKinds(), ElementsAre("my_chat_member"));
  const absl::Status refused = chats_.BotSends(group, Text("Hi"), kNow).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Words(refused), "bot was kicked from the supergroup chat");
}

TEST_F(GroupsTest, AMemberReadsOnlyWhatIsMeantForIt) {
  const int64_t group = Add("supergroup", "member");
  ASSERT_TRUE(chats_.UserSends(bob_, "just talking", 0, kNow, group).ok());
  EXPECT_THAT(TakeKinds(), IsEmpty());
  ASSERT_TRUE(chats_.UserSends(bob_, "/start", 0, kNow, group).ok());
  const std::vector<Json> updates = TakeUpdates();
  ASSERT_EQ(updates.size(), 1u);
  EXPECT_EQ(updates[0]["message"]["from"]["id"], bob_);
  EXPECT_EQ(updates[0]["message"]["chat"]["id"], group);
  const Message said = *chats_.BotSends(group, Text("Hello"), kNow);
  ASSERT_TRUE(chats_.UserSends(bob_, "an answer", said.id, kNow, group).ok());
  ASSERT_TRUE(chats_.UserSends(bob_, "hey @selfology_bot", 0, kNow, group).ok());
  EXPECT_THAT(TakeKinds(), ElementsAre("message", "message"));
  ASSERT_TRUE(chats_.SetBotStatus(group, "administrator", true, kNow).ok());
  ASSERT_TRUE(chats_.UserSends(bob_, "all of it now", 0, kNow, group).ok());
  EXPECT_THAT(TakeKinds(), ElementsAre("my_chat_member", "message"));
}

TEST_F(GroupsTest, AChannelsPostsComeFromTheChannel) {
  const int64_t channel = Add("channel", "administrator");
  const Message post = *chats_.UserSends(ann_, "News", 0, kNow, channel);
  EXPECT_EQ(post.id, 1);
  const std::vector<Json> posted = TakeUpdates();
  ASSERT_EQ(posted.size(), 1u);
  const Json& shown = posted[0]["channel_post"];
  EXPECT_EQ(shown["text"], "News");
  EXPECT_EQ(shown["sender_chat"]["id"], channel);
  EXPECT_FALSE(shown.contains("from"));
  ASSERT_TRUE(chats_.UserEdits(ann_, post.id, "Old news", kNow, channel).ok());
  EXPECT_EQ(TakeUpdates()[0]["edited_channel_post"]["text"], "Old news");
  EXPECT_FALSE(chats_.UserSends(bob_, "Mine", 0, kNow, channel).ok());
  // The bot's own posts are no news to it.
  const Message own = *chats_.BotSends(channel, Text("By the bot"), kNow);
  EXPECT_EQ(own.id, 2);
  EXPECT_THAT(TakeKinds(), IsEmpty());
  EXPECT_EQ(chats_.ChatNamed("@CHANNEL"), channel);
  EXPECT_EQ(chats_.ChatNamed("@other"), 0);
}

TEST_F(GroupsTest, InAChannelTheBotNeedsTheRightToPost) {
  const int64_t channel = Add("channel", "administrator", /*may_post=*/false);
  EXPECT_EQ(Words(chats_.BotSends(channel, Text("Hi"), kNow).status()),
            "need administrator rights in the channel chat");
  EXPECT_FALSE(chats_.SetBotStatus(channel, "member", true, kNow).ok());
}

TEST_F(GroupsTest, ReactionsInAPrivateChatSayWhose) {
  const Message start = *chats_.UserSends(ann_, "/start", 0, kNow);
  const Message hello = *chats_.BotSends(ann_, Text("Hello"), kNow);
  world_.updates.DropAll();
  ASSERT_TRUE(chats_.UserReacts(ann_, hello.id, {"👍"}, kNow).ok());
  ASSERT_TRUE(chats_.UserReacts(ann_, hello.id, {"👍"}, kNow).ok());
  ASSERT_TRUE(chats_.UserReacts(ann_, hello.id, {}, kNow).ok());
  const std::vector<Json> updates = TakeUpdates();
  ASSERT_EQ(updates.size(), 2u) << "the same again is no change";
  const Json thumb = {{{"type", "emoji"}, {"emoji", "👍"}}};
  EXPECT_EQ(updates[0]["message_reaction"]["user"]["id"], ann_);
  EXPECT_EQ(updates[0]["message_reaction"]["old_reaction"], Json::array());
  EXPECT_EQ(updates[0]["message_reaction"]["new_reaction"], thumb);
  EXPECT_EQ(updates[1]["message_reaction"]["old_reaction"], thumb);
  EXPECT_FALSE(chats_.UserReacts(ann_, hello.id, {"🧦"}, kNow).ok());
  ASSERT_TRUE(chats_.BotReacts(ann_, start.id, {"🔥"}).ok());
  EXPECT_THAT(chats_.Messages(ann_)[0].reactions.at(0), ElementsAre("🔥"));
  EXPECT_EQ(Words(chats_.BotReacts(ann_, start.id, {"🔥", "👍"})), "REACTIONS_TOO_MANY");
}

TEST_F(GroupsTest, AChannelOnlyCountsReactions) {
  const int64_t channel = Add("channel", "administrator");
  const Message post = *chats_.UserSends(ann_, "News", 0, kNow, channel);
  ASSERT_TRUE(chats_.UserReacts(ann_, post.id, {"👍"}, kNow, channel).ok());
  world_.updates.DropAll();
  ASSERT_TRUE(chats_.UserReacts(bob_, post.id, {"👍"}, kNow, channel).ok());
  const std::vector<Json> updates = TakeUpdates();
  ASSERT_EQ(updates.size(), 1u);
  const Json& count = updates[0]["message_reaction_count"];
  EXPECT_EQ(count["message_id"], post.id);
  EXPECT_EQ(count["reactions"],
            Json({{{"type", {{"type", "emoji"}, {"emoji", "👍"}}}, {"total_count", 2}}}));
  EXPECT_FALSE(count.contains("user"));
}

TEST_F(GroupsTest, TheBotDeletesOnlyWhatItMay) {
  const int64_t group = Add("supergroup", "member");
  const Message theirs = *chats_.UserSends(bob_, "/start", 0, kNow, group);
  const Message own = *chats_.BotSends(group, Text("Hi"), kNow);
  EXPECT_EQ(Words(chats_.BotDeletes(group, theirs.id, kNow)), "message can't be deleted");
  EXPECT_EQ(Words(chats_.BotDeletes(group, {own.id, theirs.id}, kNow)), "message can't be deleted");
  EXPECT_EQ(chats_.Messages(group).back().deleted, false) << "all or none";
  ASSERT_TRUE(chats_.SetBotStatus(group, "administrator", true, kNow).ok());
  EXPECT_TRUE(chats_.BotDeletes(group, {own.id, theirs.id, 999}, kNow).ok());
  EXPECT_TRUE(chats_.Messages(group).back().deleted);
}

TEST_F(GroupsTest, LeavingIsToldAndLasts) {
  const int64_t group = Add("supergroup", "member");
  ASSERT_TRUE(chats_.BotLeaves(group, kNow).ok());
  EXPECT_EQ(TakeUpdates()[0]["my_chat_member"]["from"]["id"], 42);
  World restored({.bot = {.id = 42}});
  for (const Change& change : world_.changes.After(0)) restored.Restore(change.kind, change.value);
  EXPECT_EQ(Words(restored.chats.BotSends(group, Text("Hi"), kNow).status()),
            "bot is not a member of the supergroup chat");
}

TEST_F(GroupsTest, QuotesCarryTheirPlace) {
  const Message said = *chats_.UserSends(ann_, "😀 one two", 0, kNow);
  Draft draft = Text("Two what?");
  draft.reply_to_id = said.id;
  draft.quote = "two";
  const Json shown = chats_.MessageForBot(*chats_.BotSends(ann_, draft, kNow));
  EXPECT_EQ(shown["quote"], Json({{"text", "two"}, {"position", 7}, {"is_manual", true}}));
  EXPECT_EQ(shown["reply_to_message"]["message_id"], said.id);
}

}  // namespace
}  // namespace selfology::telegram_emulator
