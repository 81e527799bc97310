#include "services/edge/telegram_gateway/routing/channel_updates.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/synchronization/notification.h"
#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::SizeIs;

Update Read(std::string_view json) { return *ParseUpdate(json); }

TEST(ToldOfChannelTest, Posts) {
  const v1::ChannelUpdate told = ToldOfChannel(Read(R"({"update_id": 5, "channel_post": {
      "message_id": 9, "date": 1759312800, "chat": {"id": -100, "type": "channel"},
      "caption": "Spring", "photo": [], "media_group_id": "7", "author_signature": "Ann",
      "reply_to_message": {"message_id": 3}}})"));
  EXPECT_EQ(told.chat_id(), -100);
  EXPECT_EQ(told.post().message_id(), 9);
  EXPECT_EQ(told.post().posted_at().seconds(), 1759312800);
  EXPECT_FALSE(told.post().has_edited_at());
  EXPECT_EQ(told.post().text(), "Spring");
  EXPECT_EQ(told.post().album(), "7");
  EXPECT_EQ(told.post().author_signature(), "Ann");
  EXPECT_EQ(told.post().reply_to_message_id(), 3);
}

TEST(ToldOfChannelTest, WhatTheBotMayDo) {
  const auto membership = [](std::string_view member) {
    return ToldOfChannel(Read(absl::StrCat(
                             R"({"update_id": 5, "my_chat_member": {"from": {"id": 42},
                                 "chat": {"id": -100, "type": "channel"}, "new_chat_member": )",
                             member, "}}")))
        .membership();
  };
  const auto posts = membership(R"({"status": "administrator", "can_post_messages": true})");
  EXPECT_EQ(posts.role(), v1::CHANNEL_ROLE_ADMINISTRATOR);
  EXPECT_TRUE(posts.can_post());
  EXPECT_EQ(posts.changed_by_user_id(), 42);
  EXPECT_FALSE(membership(R"({"status": "administrator"})").can_post());
  EXPECT_EQ(membership(R"({"status": "left"})").role(), v1::CHANNEL_ROLE_NONE);
  EXPECT_EQ(membership(R"({"status": "kicked"})").role(), v1::CHANNEL_ROLE_NONE);
  EXPECT_EQ(membership(R"({"status": "member"})").role(), v1::CHANNEL_ROLE_MEMBER);
  EXPECT_EQ(membership(R"({"status": "sage"})").role(), v1::CHANNEL_ROLE_UNSPECIFIED);
}

TEST(ToldOfChannelTest, ReactionCounts) {
  const v1::ChannelUpdate told = ToldOfChannel(Read(R"({"update_id": 5,
      "message_reaction_count": {"message_id": 9, "chat": {"id": -100, "type": "channel"},
      "reactions": [{"type": {"type": "emoji", "emoji": "🔥"}, "total_count": 3},
                    {"type": {"type": "custom_emoji", "custom_emoji_id": "77"},
                     "total_count": 1}]}})"));
  ASSERT_THAT(told.reaction_counts().counts(), SizeIs(2));
  EXPECT_EQ(told.reaction_counts().message_id(), 9);
  EXPECT_EQ(told.reaction_counts().counts(0).emoji(), "🔥");
  EXPECT_EQ(told.reaction_counts().counts(0).count(), 3);
  EXPECT_EQ(told.reaction_counts().counts(1).emoji(), "custom:77");
}

TEST(AllowedUpdatesTest, WhatIsNeededAndWhatIsWishedFor) {
  v1::DialogDescription garden;
  garden.set_dialog("garden");
  EXPECT_THAT(AllowedUpdates(*Directory::Of({garden})),
              ElementsAre("message", "edited_message", "callback_query", "my_chat_member",
                          "message_reaction"));
  garden.add_channel_updates(v1::CHANNEL_UPDATE_KIND_POST);
  garden.add_channel_updates(v1::CHANNEL_UPDATE_KIND_REACTION_COUNTS);
  const std::vector<std::string> kinds = AllowedUpdates(*Directory::Of({garden}));
  EXPECT_THAT(kinds, Contains("channel_post"));
  EXPECT_THAT(kinds, Contains("message_reaction_count"));
  EXPECT_THAT(kinds, Not(Contains("edited_channel_post")));
}

class ChannelUpdatesTest : public GatewayTest {
 protected:
  static void AskFor(FakeDialog& dialog, const std::vector<v1::ChannelUpdateKind>& kinds) {
    for (const v1::ChannelUpdateKind kind : kinds) dialog.description.add_channel_updates(kind);
  }
  static void WishForAll(FakeDialog& dialog) {
    AskFor(dialog, {v1::CHANNEL_UPDATE_KIND_POST, v1::CHANNEL_UPDATE_KIND_EDITED_POST,
                    v1::CHANNEL_UPDATE_KIND_MEMBERSHIP, v1::CHANNEL_UPDATE_KIND_REACTION_COUNTS});
  }
  // Of Ann's, and the bot may post there.
  int64_t AddChannel() {
    const auto channel =
        telegram().AddGroup({.type = "channel", .title = "News", .owner_id = ann()});
    EXPECT_TRUE(channel.ok()) << channel.status();
    EXPECT_TRUE(telegram().SetBotStatus(*channel, "administrator").ok());
    return *channel;
  }
  int64_t Post(int64_t channel, std::string_view text) {
    const auto post = telegram().SendText(ann(), text, 0, channel);
    EXPECT_TRUE(post.ok()) << post.status();
    return post.ok() ? post->id : 0;
  }
  static std::vector<v1::TakeChannelUpdateRequest> Told(FakeDialog& dialog) {
    return dialog.Do([](FakeDialog& d) { return d.told_of_channels; });
  }
  // What each was, in order: its words, or "membership", "reactions".
  static std::vector<std::string> ToldInShort(FakeDialog& dialog) {
    std::vector<std::string> told;
    for (const v1::TakeChannelUpdateRequest& request : Told(dialog)) {
      const v1::ChannelUpdate& update = request.update();
      told.push_back(update.has_post()          ? update.post().text()
                     : update.has_edited_post() ? update.edited_post().text()
                     : update.has_membership()  ? "membership"
                                                : "reactions");
    }
    return told;
  }
  void AwaitTold(FakeDialog& dialog, size_t updates) {
    MeshTest::Await("the dialog to be told", [&] { return Told(dialog).size() >= updates; });
  }
};

TEST_F(ChannelUpdatesTest, ADialogIsToldWhatItWishesToKnow) {
  WishForAll(garden());
  Start();
  Meet();
  AwaitQuiet();
  const int64_t channel = AddChannel();
  const int64_t post = Post(channel, "It rains.");
  ASSERT_TRUE(telegram().EditText(ann(), post, "It pours.", channel).ok());
  ASSERT_TRUE(telegram().React(ann(), post, {"👍"}, channel).ok());
  AwaitTold(garden(), 4);
  AwaitQuiet();
  EXPECT_THAT(ToldInShort(garden()),
              ElementsAre("membership", "It rains.", "It pours.", "reactions"));
  const std::vector<v1::TakeChannelUpdateRequest> told = Told(garden());
  for (const v1::TakeChannelUpdateRequest& request : told) {
    EXPECT_EQ(request.dialog(), "garden");
    EXPECT_EQ(request.update().chat_id(), channel);
    EXPECT_EQ(request.update_key(), absl::StrCat("tg:", request.update_number()));
  }
  EXPECT_TRUE(told[0].update().membership().can_post());
  EXPECT_EQ(told[1].update().post().message_id(), post);
  EXPECT_EQ(Count("", channel), 0) << "nothing is said there unasked";
}

TEST_F(ChannelUpdatesTest, WhatNobodyWishesForIsNotAskedFor) {
  FakeDialog& orchard = AddDialog("orchard");
  AskFor(orchard, {v1::CHANNEL_UPDATE_KIND_MEMBERSHIP});
  Start();
  const int64_t channel = AddChannel();
  AwaitTold(orchard, 1);
  Post(channel, "It rains.");
  Await("garden: /garden", Say("/garden"));
  AwaitQuiet();
  EXPECT_THAT(ToldInShort(orchard), ElementsAre("membership"));
  EXPECT_THAT(Told(garden()), SizeIs(0));
  // Until somebody does.
  garden().Do(
      [](FakeDialog& d) { d.description.add_channel_updates(v1::CHANNEL_UPDATE_KIND_POST); });
  const auto asked = telegram().AwaitCall(
      [](const ApiCall& call) {
        return call.method == "getUpdates" &&
               absl::StrContains(call.parameters.dump(), "channel_post");
      },
      testing::kPatience);
  EXPECT_TRUE(asked.ok()) << asked.status();
  Post(channel, "It pours.");
  AwaitTold(garden(), 1);
  EXPECT_THAT(ToldInShort(garden()), ElementsAre("It pours."));
}

TEST_F(ChannelUpdatesTest, WhileADialogIsAwayTheyWaitInTheirOrder) {
  WishForAll(garden());
  Start();
  Meet();
  AwaitQuiet();
  const int64_t channel = AddChannel();
  AwaitTold(garden(), 1);
  garden().Fail("TakeChannelUpdate", absl::UnavailableError("down"));
  Post(channel, "One.");
  Post(channel, "Two.");
  AwaitHeld(2);
  EXPECT_TRUE(telegram().AwaitQuiet(testing::kPatience).ok());
  // People do not wait for channels.
  Await("garden heard: Hello?", Say("Hello?"));
  garden().Fail("TakeChannelUpdate", absl::OkStatus());
  AwaitTold(garden(), 3);
  AwaitHeld(0);
  EXPECT_THAT(ToldInShort(garden()), ElementsAre("membership", "One.", "Two."));
  EXPECT_EQ(Count("takes longer"), 0) << "nobody is told";
  EXPECT_EQ(Count("", channel), 0);
}

TEST_F(ChannelUpdatesTest, WhatADialogRefusesOthersHearOfAllTheSame) {
  FakeDialog& orchard = AddDialog("orchard");
  WishForAll(garden());
  WishForAll(orchard);
  Start();
  Await("Welcome to the garden", Say("/start garden"));
  const int64_t channel = AddChannel();
  AwaitTold(garden(), 1);
  AwaitQuiet();
  garden().Fail("TakeChannelUpdate", absl::InvalidArgumentError("no"));
  Post(channel, "One.");
  AwaitTold(orchard, 2);
  AwaitQuiet();
  garden().Fail("TakeChannelUpdate", absl::OkStatus());
  Post(channel, "Two.");
  AwaitTold(garden(), 2);
  AwaitTold(orchard, 3);
  EXPECT_THAT(ToldInShort(garden()), ElementsAre("membership", "Two."));
  EXPECT_THAT(ToldInShort(orchard), ElementsAre("membership", "One.", "Two."));
  EXPECT_EQ(Rows("SELECT count(*) FROM held_updates"), 0);
}

TEST_F(ChannelUpdatesTest, OneThatIsAwayKeepsNothingFromTheOthers) {
  FakeDialog& orchard = AddDialog("orchard");
  WishForAll(garden());
  WishForAll(orchard);
  Start();
  Await("Welcome to the garden", Say("/start garden"));
  const int64_t channel = AddChannel();
  AwaitTold(orchard, 1);
  garden().Fail("TakeChannelUpdate", absl::UnavailableError("down"));
  Post(channel, "One.");
  AwaitTold(orchard, 2);
  AwaitHeld(1);
  garden().Fail("TakeChannelUpdate", absl::OkStatus());
  AwaitTold(garden(), 2);
  AwaitHeld(0);
  EXPECT_THAT(ToldInShort(garden()), ElementsAre("membership", "One."));
}

TEST_F(ChannelUpdatesTest, OneThatIsCalledTooOftenIsNotCalledAboutChannels) {
  WishForAll(garden());
  Start([](GatewaySettings& s) { s.patience.calls = 1; });
  Meet();
  const auto hangs = std::make_shared<absl::Notification>();
  garden().Do([&](FakeDialog& d) { d.held = hangs; });
  Say("Hello?");
  MeshTest::Await("the words to be heard", [&] { return garden().Heard().size() == 1; });
  v1::HandleUpdateRequest post;
  post.set_update_json(R"({"update_id": 900000, "channel_post": {"message_id": 9, "text": "One.",
      "chat": {"id": -100, "type": "channel"}}})");
  EXPECT_TRUE(absl::IsUnavailable(gateway().HandleUpdate(Deadline(), post).status()));
  EXPECT_THAT(Told(garden()), SizeIs(0));
  hangs->Notify();
  Await("garden heard: Hello?");
  EXPECT_EQ(gateway().HandleUpdate(Deadline(), post)->outcome(), v1::UPDATE_OUTCOME_HANDLED);
  EXPECT_THAT(ToldInShort(garden()), ElementsAre("One."));
}

}  // namespace
}  // namespace selfology::telegram_gateway
