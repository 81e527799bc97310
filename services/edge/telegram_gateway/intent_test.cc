#include "services/edge/telegram_gateway/intent.h"

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

TEST(RouteTest, KnowsCommands) {
  EXPECT_EQ(Route(Message("/start"), kBot), Intent(Command{CommandName::kStart}));
  EXPECT_EQ(Route(Message("/start ref_123"), kBot),
            Intent(Command{CommandName::kStart, "ref_123"}));
  EXPECT_EQ(Route(Message(" /HELP@Selfology_Bot "), kBot), Intent(Command{CommandName::kHelp}));
  EXPECT_EQ(Route(Message("/language@selfology_bot ru"), kBot),
            Intent(Command{CommandName::kLanguage, "ru"}));
  EXPECT_EQ(Route(Message("/help@anything"), ""), Intent(Command{CommandName::kHelp}));
  EXPECT_EQ(Route(Message("/dance"), kBot), Intent(Command{CommandName::kUnknown}));
  EXPECT_EQ(Route(Message("/start\nmore"), kBot), Intent(Command{CommandName::kStart, "more"}));
}

TEST(RouteTest, TakesEverythingElseForWords) {
  EXPECT_EQ(Route(Message("I paint."), kBot), Intent(Words{"I paint."}));
  EXPECT_EQ(Route(Message("/"), kBot), Intent(Words{"/"}));
  EXPECT_EQ(Route(Message("/ slowly"), kBot), Intent(Words{"/ slowly"}));
  EXPECT_EQ(Route(Message("/start/stop"), kBot), Intent(Words{"/start/stop"}));
  EXPECT_EQ(Route(Message("не /start"), kBot), Intent(Words{"не /start"}));
}

TEST(RouteTest, IgnoresWhatIsNotMeantForIt) {
  Update group = Message("/start");
  group.private_chat = false;
  group.chat_id = -100;
  EXPECT_TRUE(std::holds_alternative<Ignored>(Route(group, kBot)));
  Update bot = Message("hi");
  bot.from_bot = true;
  EXPECT_TRUE(std::holds_alternative<Ignored>(Route(bot, kBot)));
  Update channel = Message("news");
  channel.user_id = 0;
  EXPECT_TRUE(std::holds_alternative<Ignored>(Route(channel, kBot)));
  Update unknown = Message("?");
  unknown.kind = UpdateKind::kOther;
  EXPECT_TRUE(std::holds_alternative<Ignored>(Route(unknown, kBot)));
  Update pinned = Message("");
  pinned.content = Content::kNone;
  EXPECT_TRUE(std::holds_alternative<Ignored>(Route(pinned, kBot)));
  EXPECT_TRUE(std::holds_alternative<Ignored>(Route(Message("/start@other_bot"), kBot)));
  EXPECT_TRUE(std::holds_alternative<Ignored>(Route(Message("  "), kBot)));
}

TEST(RouteTest, KnowsWhatItCannotRead) {
  Update voice = Message("");
  voice.content = Content::kVoice;
  EXPECT_EQ(Route(voice, kBot), Intent(NotText{Content::kVoice}));
  Update edited = Message("better");
  edited.kind = UpdateKind::kEditedMessage;
  EXPECT_EQ(Route(edited, kBot), Intent(Edited{}));
}

TEST(RouteTest, ReadsButtons) {
  Update press = Message("consent:yes:2025-10-01");
  press.kind = UpdateKind::kButton;
  press.callback_id = "77";
  press.message_id = 8;
  EXPECT_EQ(Route(press, kBot), Intent(Press{"77", 8, "consent", "yes:2025-10-01"}));
  press.text = "resume";
  EXPECT_EQ(Route(press, kBot), Intent(Press{"77", 8, "resume", ""}));
  // Under a message that Telegram does not show any more.
  press.private_chat = false;
  press.chat_id = 0;
  EXPECT_EQ(Route(press, kBot), Intent(Press{"77", 8, "resume", ""}));
}

TEST(RouteTest, NoticesWhoLeaves) {
  Update membership = Message("");
  membership.kind = UpdateKind::kMembership;
  membership.blocked = true;
  EXPECT_EQ(Route(membership, kBot), Intent(Left{}));
  membership.blocked = false;
  EXPECT_TRUE(std::holds_alternative<Ignored>(Route(membership, kBot)));
}

TEST(GoalOfTest, EveryStateHasAGoal) {
  for (int state = v1::ConversationState_MIN; state <= v1::ConversationState_MAX; ++state) {
    const auto value = static_cast<v1::ConversationState>(state);
    EXPECT_EQ(GoalOf(value) == Goal::kUnknown, value == v1::CONVERSATION_STATE_UNSPECIFIED);
  }
  EXPECT_EQ(GoalOf(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER), Goal::kAnswer);
  EXPECT_EQ(GoalOf(v1::CONVERSATION_STATE_ONBOARDING_COMPLETE), Goal::kCoach);
}

}  // namespace
}  // namespace selfology::telegram_gateway
