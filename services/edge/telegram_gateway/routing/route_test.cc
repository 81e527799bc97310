#include "services/edge/telegram_gateway/routing/route.h"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

constexpr char kBot[] = "selfology_bot";

Update Message(std::string text) {
  return {.update_id = 1,
          .kind = UpdateKind::kMessage,
          .user_id = 42,
          .chat_id = 42,
          .private_chat = true,
          .content = Content::kText,
          .text = std::move(text)};
}

TEST(ActOfTest, KnowsCommands) {
  EXPECT_EQ(ActOf(Message("/start"), kBot), Act(Command{"start"}));
  EXPECT_EQ(ActOf(Message("/start ref_123"), kBot), Act(Command{"start", "ref_123"}));
  EXPECT_EQ(ActOf(Message(" /HELP@Selfology_Bot "), kBot), Act(Command{"help"}));
  EXPECT_EQ(ActOf(Message("/language@selfology_bot ru"), kBot), Act(Command{"language", "ru"}));
  EXPECT_EQ(ActOf(Message("/help@anything"), ""), Act(Command{"help"}));
  EXPECT_EQ(ActOf(Message("/start\nmore"), kBot), Act(Command{"start", "more"}));
}

TEST(ActOfTest, TakesEverythingElseForWords) {
  EXPECT_EQ(ActOf(Message("I paint."), kBot), Act(Words{"I paint."}));
  EXPECT_EQ(ActOf(Message("/"), kBot), Act(Words{"/"}));
  EXPECT_EQ(ActOf(Message("/ slowly"), kBot), Act(Words{"/ slowly"}));
  EXPECT_EQ(ActOf(Message("/start/stop"), kBot), Act(Words{"/start/stop"}));
  EXPECT_EQ(ActOf(Message("не /start"), kBot), Act(Words{"не /start"}));
}

TEST(ActOfTest, IgnoresWhatIsNotMeantForIt) {
  const auto ignored = [](const Update& update) {
    return std::holds_alternative<Ignored>(ActOf(update, kBot));
  };
  Update group = Message("/start");
  group.private_chat = false;
  group.chat_id = -100;
  EXPECT_TRUE(ignored(group));
  Update bot = Message("hi");
  bot.from_bot = true;
  EXPECT_TRUE(ignored(bot));
  Update channel = Message("news");
  channel.user_id = 0;
  EXPECT_TRUE(ignored(channel));
  Update unknown = Message("?");
  unknown.kind = UpdateKind::kOther;
  EXPECT_TRUE(ignored(unknown));
  Update pinned = Message("");
  pinned.content = Content::kNone;
  EXPECT_TRUE(ignored(pinned));
  EXPECT_TRUE(ignored(Message("/start@other_bot")));
  EXPECT_TRUE(ignored(Message("  ")));
  // Somebody walks about with a live location.
  Update walk = Message("");
  walk.kind = UpdateKind::kEditedMessage;
  walk.content = Content::kOther;
  EXPECT_TRUE(ignored(walk));
}

TEST(ActOfTest, KnowsWhatIsNoText) {
  Update photo = Message("");
  photo.content = Content::kPicture;
  photo.caption = "me";
  EXPECT_EQ(ActOf(photo, kBot), Act(NotText{Content::kPicture, "me"}));
  Update edited = Message("better");
  edited.kind = UpdateKind::kEditedMessage;
  EXPECT_EQ(ActOf(edited, kBot), Act(Edited{"better"}));
  photo.kind = UpdateKind::kEditedMessage;
  EXPECT_EQ(ActOf(photo, kBot), Act(Edited{"me"}));
}

TEST(ActOfTest, ReadsButtons) {
  Update press = Message("consent:yes:2025-10-01");
  press.kind = UpdateKind::kButton;
  press.callback_id = "77";
  press.message_id = 8;
  EXPECT_EQ(ActOf(press, kBot), Act(Press{"77", 8, "consent", "yes:2025-10-01"}));
  press.text = "resume";
  EXPECT_EQ(ActOf(press, kBot), Act(Press{"77", 8, "resume", ""}));
  // Under a message that Telegram does not show any more.
  press.private_chat = false;
  press.chat_id = 0;
  EXPECT_EQ(ActOf(press, kBot), Act(Press{"77", 8, "resume", ""}));
}

TEST(ActOfTest, NoticesWhoLeaves) {
  Update membership = Message("");
  membership.kind = UpdateKind::kMembership;
  membership.blocked = true;
  EXPECT_EQ(ActOf(membership, kBot), Act(Left{}));
  membership.blocked = false;
  EXPECT_TRUE(std::holds_alternative<Ignored>(ActOf(membership, kBot)));
}

Update InAGroup(std::string text) {
  Update update = Message(std::move(text));
  update.private_chat = false;
  update.group = true;
  update.chat_id = -100;
  return update;
}

TEST(ActOfTest, KnowsWhenAGroupSpeaksToIt) {
  for (const char* text :
       {"/start", "/help@Selfology_Bot", "Hi @selfology_bot!", "@SELFOLOGY_BOT"}) {
    EXPECT_EQ(ActOf(InAGroup(text), kBot), Act(InGroup{})) << text;
  }
  for (const char* text : {"hi", "/start@other_bot", "@selfology_bots", "selfology_bot", ""}) {
    EXPECT_TRUE(std::holds_alternative<Ignored>(ActOf(InAGroup(text), kBot))) << text;
  }
  Update edited = InAGroup("/start");
  edited.kind = UpdateKind::kEditedMessage;
  EXPECT_TRUE(std::holds_alternative<Ignored>(ActOf(edited, kBot)));
}

TEST(ActOfTest, KnowsWhenItIsAddedToAGroup) {
  Update added = InAGroup("");
  added.kind = UpdateKind::kMembership;
  added.role_before = "left";
  added.role = "member";
  EXPECT_EQ(ActOf(added, kBot), Act(InGroup{}));
  added.role_before = "member";
  added.role = "administrator";
  EXPECT_TRUE(std::holds_alternative<Ignored>(ActOf(added, kBot)));
  added.role = "kicked";
  added.blocked = true;
  EXPECT_TRUE(std::holds_alternative<Ignored>(ActOf(added, kBot))) << "nobody has left";
}

TEST(ActOfTest, KnowsWhatHappensInChannels) {
  Update post;
  post.update_id = 1;
  post.kind = UpdateKind::kPost;
  post.channel = true;
  post.chat_id = -100;
  EXPECT_EQ(ActOf(post, kBot), Act(InChannel{v1::CHANNEL_UPDATE_KIND_POST}));
  post.kind = UpdateKind::kMembership;
  post.blocked = true;
  EXPECT_EQ(ActOf(post, kBot), Act(InChannel{v1::CHANNEL_UPDATE_KIND_MEMBERSHIP}));
  post.kind = UpdateKind::kMessage;
  EXPECT_TRUE(std::holds_alternative<Ignored>(ActOf(post, kBot)));
}

TEST(ActOfTest, ReadsReactions) {
  Update reaction = Message("");
  reaction.kind = UpdateKind::kReaction;
  reaction.emoji = {{.emoji = "👍", .count = 1}};
  EXPECT_EQ(ActOf(reaction, kBot), Act(Reacted{{"👍"}}));
  reaction.private_chat = false;
  reaction.group = true;
  reaction.chat_id = -100;
  EXPECT_TRUE(std::holds_alternative<Ignored>(ActOf(reaction, kBot)));
}

TEST(HasWordsTest, WhatAGuardSees) {
  EXPECT_TRUE(HasWords(Words{"x"}));
  EXPECT_TRUE(HasWords(Edited{"x"}));
  EXPECT_TRUE(HasWords(NotText{Content::kPicture, "x"}));
  EXPECT_FALSE(HasWords(NotText{Content::kPicture, " "}));
  EXPECT_TRUE(HasWords(Command{"start", "x"})) << "people write behind commands as well";
  EXPECT_FALSE(HasWords(Command{"start", ""}));
  EXPECT_FALSE(HasWords(Press{"77", 8, "x", "y"}));
}

TEST(ToldOfTest, SaysWhatTheyDid) {
  EXPECT_EQ(ToldOf(Words{"x"}).words(), "x");
  EXPECT_EQ(ToldOf(Edited{"x"}).edited_words(), "x");
  EXPECT_EQ(ToldOf(Command{"walk", "fast"}).command().name(), "walk");
  EXPECT_EQ(ToldOf(Command{"walk", "fast"}).command().argument(), "fast");
  EXPECT_EQ(ToldOf(Press{"77", 8, "a", "b:c"}).button().action(), "a");
  EXPECT_EQ(ToldOf(Press{"77", 8, "a", "b:c"}).button().argument(), "b:c");
  EXPECT_EQ(ToldOf(NotText{Content::kSticker, ""}).content().kind(), v1::CONTENT_KIND_STICKER);
  EXPECT_EQ(ToldOf(NotText{Content::kOther, "x"}).content().kind(), v1::CONTENT_KIND_UNSPECIFIED);
  EXPECT_EQ(ToldOf(NotText{Content::kOther, "x"}).content().caption(), "x");
  EXPECT_TRUE(ToldOf(Left{}).left());
  EXPECT_EQ(ToldOf(Reacted{{"👍"}}).reaction().emoji(0), "👍");
  EXPECT_EQ(ToldOf(Reacted{}).what_case(), v1::DialogUpdate::kReaction) << "none is there any more";
}

v1::DialogDescription Describe(const std::string& name, const std::vector<std::string>& commands) {
  v1::DialogDescription description;
  description.set_dialog(name);
  for (const std::string& command : commands) {
    v1::DialogCommand& added = *description.add_commands();
    added.set_name(command);
    added.add_descriptions()->set_text("...");
  }
  description.add_button_actions(name);
  return description;
}

Directory One() { return *Directory::Of({Describe("feed", {"read", "pause", "settings"})}); }
Directory Several() {
  return *Directory::Of({Describe("feed", {"read", "settings"}), Describe("tasks", {"add"}),
                         Describe("feed_plus", {"more"})});
}

// "tasks: /start spring", "menu", ...
std::string InShort(const v1::DialogUpdate& update) {
  if (update.has_command()) {
    return "/" + update.command().name() +
           (update.command().argument().empty() ? "" : " " + update.command().argument());
  }
  return update.has_button() ? update.button().action() + ":" + update.button().argument()
                             : update.words();
}

std::string Follow(const Act& act, const Directory& dialogs, std::string_view listening = "",
                   std::string_view author = "") {
  const Route route = RouteOf(act, dialogs, listening, author);
  if (const auto* ask = std::get_if<AskDialog>(&route)) {
    return ask->dialog + ": " + InShort(ask->update) + (ask->chosen ? " (chosen)" : "");
  }
  if (std::holds_alternative<Part>(route)) return "part";
  if (std::holds_alternative<Nothing>(route)) return "nothing";
  const Say& say = std::get<Say>(route);
  switch (say.what) {
    case Say::What::kMenu:
      return "menu";
    case Say::What::kHelp:
      return "help";
    case Say::What::kUnknownCommand:
      return "unknown " + say.nearest;
    case Say::What::kNothingToCancel:
      return "nothing to cancel";
    case Say::What::kNothingToSet:
      return "nothing to set";
    case Say::What::kStaleButton:
      return "stale";
  }
  return "?";
}

TEST(RouteOfTest, WordsGoToWhoListens) {
  EXPECT_EQ(Follow(Words{"hi"}, One(), "feed"), "feed: hi");
  EXPECT_EQ(Follow(Words{"hi"}, Several(), "tasks"), "tasks: hi");
  EXPECT_EQ(Follow(Words{"hi"}, Several()), "menu");
}

TEST(RouteOfTest, CommandsAndButtonsGoToTheirOwners) {
  EXPECT_EQ(Follow(Command{"add", "milk"}, Several(), "feed"), "tasks: /add milk");
  EXPECT_EQ(Follow(Press{"77", 8, "tasks", "done:5"}, Several(), "feed"), "tasks: tasks:done:5");
  EXPECT_EQ(Follow(Press{"77", 8, "pond", ""}, Several(), "feed"), "stale");
  EXPECT_EQ(Follow(Press{"77", 8, "open", "tasks"}, Several()), "tasks: /start (chosen)");
  EXPECT_EQ(Follow(Press{"77", 8, "open", "gone"}, Several()), "stale");
  EXPECT_EQ(Follow(Press{"77", 8, "open", ""}, Several(), "feed"), "menu");
  EXPECT_EQ(Follow(Press{"77", 8, "open", ""}, One(), "feed"), "stale");
}

TEST(RouteOfTest, Start) {
  EXPECT_EQ(Follow(Command{"start", "tasks_spring"}, One(), "feed"), "feed: /start tasks_spring");
  EXPECT_EQ(Follow(Command{"start"}, Several()), "menu");
  EXPECT_EQ(Follow(Command{"start", "spring"}, Several()), "menu");
  EXPECT_EQ(Follow(Command{"start", "spring"}, Several(), "tasks"), "tasks: /start spring");
  EXPECT_EQ(Follow(Command{"start", "tasks"}, Several(), "feed"), "tasks: /start (chosen)");
  EXPECT_EQ(Follow(Command{"start", "tasks_a_b"}, Several()), "tasks: /start a_b (chosen)");
  EXPECT_EQ(Follow(Command{"start", "feed_plus_x"}, Several()), "feed_plus: /start x (chosen)");
  EXPECT_EQ(Follow(Command{"start", "feed_plusx"}, Several()), "feed: /start plusx (chosen)");
  EXPECT_EQ(Follow(Command{"start", "feeding"}, Several()), "menu");
}

TEST(RouteOfTest, TheGatewaysOtherCommands) {
  EXPECT_EQ(Follow(Command{"help"}, One(), "feed"), "help");
  EXPECT_EQ(Follow(Command{"settings"}, Several(), "tasks"), "feed: /settings");
  EXPECT_EQ(Follow(Command{"settings"}, Several(), "feed"), "feed: /settings");
  EXPECT_EQ(Follow(Command{"cancel"}, Several(), "feed"), "nothing to cancel");
  const Directory both = *Directory::Of({Describe("a", {"settings"}), Describe("b", {"settings"})});
  EXPECT_EQ(Follow(Command{"settings"}, both, "b"), "b: /settings");
  EXPECT_EQ(Follow(Command{"settings"}, both), "nothing to set");
}

TEST(RouteOfTest, GuessesWhatWasMeant) {
  EXPECT_EQ(Follow(Command{"raed"}, One(), "feed"), "unknown read");
  EXPECT_EQ(Follow(Command{"puase"}, One(), "feed"), "unknown pause");
  EXPECT_EQ(Follow(Command{"stat"}, One(), "feed"), "unknown start");
  EXPECT_EQ(Follow(Command{"somersault"}, One(), "feed"), "unknown ");
  // All of it would have to be replaced.
  EXPECT_EQ(Follow(Command{"xy"}, One(), "feed"), "unknown ");
  EXPECT_EQ(Follow(Command{std::string(4000, 'a')}, One(), "feed"), "unknown ");
}

TEST(RouteOfTest, CommandsHaveOtherNames) {
  v1::DialogDescription feed = Describe("feed", {"read", "settings"});
  feed.mutable_commands(0)->add_aliases("browse");
  feed.mutable_commands(1)->add_aliases("options");
  v1::DialogDescription hidden = Describe("tasks", {"add"});
  hidden.mutable_commands(0)->clear_descriptions();
  hidden.mutable_commands(0)->add_aliases("append");
  const Directory dialogs = *Directory::Of({feed, hidden});
  EXPECT_EQ(Follow(Command{"browse", "all"}, dialogs, "tasks"), "feed: /read all");
  EXPECT_EQ(Follow(Command{"options"}, dialogs, "tasks"), "feed: /settings");
  EXPECT_EQ(Follow(Command{"append", "milk"}, dialogs), "tasks: /add milk");
  EXPECT_EQ(Follow(Command{"brwose"}, dialogs), "unknown browse");
  EXPECT_EQ(Follow(Command{"apend"}, dialogs), "unknown ") << "no menu has it";
}

TEST(RouteOfTest, WhoLeavesIsSentNothingMore) {
  EXPECT_EQ(Follow(Left{}, Several(), "feed"), "part");
}

TEST(RouteOfTest, WhatRefersToADialogsMessageGoesThere) {
  EXPECT_EQ(Follow(Words{"hi"}, Several(), "feed", "tasks"), "tasks: hi");
  EXPECT_EQ(Follow(Words{"hi"}, Several(), "", "tasks"), "tasks: hi");
  EXPECT_EQ(Follow(Words{"hi"}, Several(), "feed", "gone"), "feed: hi");
  EXPECT_EQ(Follow(Command{"add"}, Several(), "feed", "feed"), "tasks: /add");
  EXPECT_EQ(Follow(Reacted{{"👍"}}, Several(), "feed", "tasks"), "tasks: ");
  EXPECT_EQ(Follow(Reacted{{"👍"}}, Several(), "feed"), "feed: ");
  EXPECT_EQ(Follow(Reacted{{"👍"}}, Several()), "nothing") << "nobody is asked whom to talk with";
}

TEST(RouteOfTest, GroupsAndChannelsHaveNone) {
  EXPECT_EQ(Follow(InGroup{}, One(), "feed"), "nothing");
  EXPECT_EQ(Follow(InChannel{v1::CHANNEL_UPDATE_KIND_POST}, One(), "feed"), "nothing");
}

TEST(EditDistanceTest, CountsLetters) {
  EXPECT_EQ(EditDistance("", ""), 0);
  EXPECT_EQ(EditDistance("pause", "pause"), 0);
  EXPECT_EQ(EditDistance("", "abc"), 3);
  EXPECT_EQ(EditDistance("puase", "pause"), 1);
  EXPECT_EQ(EditDistance("pase", "pause"), 1);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
}

TEST(EditDistanceTest, IsTheSameBothWays) {
  std::mt19937 random(20251007);
  const auto word = [&] {
    std::string letters(random() % 8, ' ');
    for (char& c : letters) c = static_cast<char>('a' + random() % 3);
    return letters;
  };
  for (int round = 0; round < 2000; ++round) {
    const std::string a = word();
    const std::string b = word();
    const int distance = EditDistance(a, b);
    ASSERT_EQ(distance, EditDistance(b, a)) << a << " " << b;
    ASSERT_EQ(distance == 0, a == b);
    ASSERT_LE(distance, static_cast<int>(std::max(a.size(), b.size())));
  }
}

}  // namespace
}  // namespace selfology::telegram_gateway
