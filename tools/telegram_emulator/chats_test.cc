#include "tools/telegram_emulator/chats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/telegram_emulator/keyboard.h"
#include "tools/telegram_emulator/world.h"

namespace selfology::telegram_emulator {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class ChatsTest : public testing::Test {
 protected:
  ChatsTest() { ann_ = chats_.AddUser({.first_name = "Ann", .language_code = "en"})->id; }

  void Start() {
    ASSERT_TRUE(chats_.UserSends(ann_, "/start", 0, kNow).ok());
    world_.updates.DropAll();
  }
  Draft Text(std::string_view text, std::string_view markup = "") {
    return {.text = *Format(text, "HTML"), .markup = *ParseKeyboard(markup)};
  }
  Message Sent(std::string_view text, std::string_view markup = "") {
    return *chats_.BotSends(ann_, Text(text, markup), kNow);
  }
  // The only update that waits, without its id.
  Json TakeUpdate() {
    EXPECT_EQ(world_.updates.size(), 1u);
    Json json = world_.updates.front().ToJson();
    json.erase("update_id");
    world_.updates.DropAll();
    return json;
  }
  static std::string Words(const absl::Status& status) { return std::string(status.message()); }

  World world_{{.bot = {.id = 42}}};
  Chats& chats_ = world_.chats;
  int64_t ann_ = 0;
};

TEST_F(ChatsTest, AChatForgetsItsOldestMessagesAtLast) {
  Start();
  const Message first = Sent("the first");
  for (size_t i = 0; i < kMostMessages; ++i) Sent("another");
  EXPECT_THAT(chats_.Messages(ann_), SizeIs(kMostMessages));
  EXPECT_GT(chats_.Messages(ann_).front().id, first.id);
  EXPECT_FALSE(chats_.BotEdits(ann_, first.id, Text("changed"), kNow).ok());
}

TEST(CallLogTest, IsBoundedInBytes) {
  CallLog log;
  const std::string large(1 << 20, 'x');
  int64_t last = 0;
  for (int i = 0; i < 20; ++i) {
    last = log.Begin("sendMessage", {{"text", large}}, kNow);
    log.End(last, 200, {{"ok", true}, {"result", {{"text", large}}}}, false);
  }
  EXPECT_LE(log.calls().size(), 4u) << "of 2 MB each, 8 MB";
  EXPECT_EQ(log.calls().back().seq, last);
  log.End(1, 200, {}, false);  // Forgotten meanwhile.
}

constexpr std::string_view kYesNo =
    R"({"inline_keyboard": [[{"text": "Yes", "callback_data": "consent:yes"}, {"text": "Site", "url": "https://e.org"}]]})";

TEST_F(ChatsTest, UserIdsNeedMoreThan32Bits) { EXPECT_GT(ann_, int64_t{1} << 32); }

TEST_F(ChatsTest, WhatAPersonWritesIsAnUpdateAsTelegramSendsIt) {
  const Message message = *chats_.UserSends(ann_, "/start ref_1", 0, kNow);
  EXPECT_EQ(
      TakeUpdate(),
      Json({{"message",
             {{"message_id", message.id},
              {"from",
               {{"id", ann_}, {"is_bot", false}, {"first_name", "Ann"}, {"language_code", "en"}}},
              {"chat", {{"id", ann_}, {"type", "private"}, {"first_name", "Ann"}}},
              {"date", 1'700'000'000},
              {"text", "/start ref_1"},
              {"entities", {{{"type", "bot_command"}, {"offset", 0}, {"length", 6}}}}}}}));
}

TEST_F(ChatsTest, TheBotMayNotWriteFirst) {
  EXPECT_EQ(Words(chats_.BotSends(ann_, Text("Hi"), kNow).status()), "chat not found");
  EXPECT_EQ(Words(chats_.BotSends(12345, Text("Hi"), kNow).status()), "chat not found");
  Start();
  EXPECT_TRUE(chats_.BotSends(ann_, Text("Hi"), kNow).ok());
}

TEST_F(ChatsTest, RepliesCarryWhatTheyReplyTo) {
  Start();
  const Message question = Sent("Who are you?");
  ASSERT_TRUE(chats_.UserSends(ann_, "Ann", question.id, kNow).ok());
  EXPECT_EQ(TakeUpdate()["message"]["reply_to_message"]["message_id"], question.id);
  Draft draft = Text("Thanks");
  draft.reply_to_id = 999;
  EXPECT_EQ(Words(chats_.BotSends(ann_, draft, kNow).status()), "message to be replied not found");
  draft.allow_without_reply = true;
  EXPECT_EQ(chats_.BotSends(ann_, draft, kNow)->reply_to_id, 0);
}

TEST_F(ChatsTest, ABlockedBotIsForbiddenToWriteAndGetsToKnow) {
  Start();
  ASSERT_TRUE(chats_.SetBlocked(ann_, true, kNow).ok());
  const Json update = TakeUpdate();
  EXPECT_EQ(update["my_chat_member"]["old_chat_member"]["status"], "member");
  EXPECT_EQ(update["my_chat_member"]["new_chat_member"]["status"], "kicked");
  const absl::Status refused = chats_.BotSends(ann_, Text("Hi"), kNow).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Words(refused), "bot was blocked by the user");
  EXPECT_FALSE(chats_.UserSends(ann_, "Hi", 0, kNow).ok());
  ASSERT_TRUE(chats_.SetBlocked(ann_, false, kNow).ok());
  EXPECT_EQ(TakeUpdate()["my_chat_member"]["new_chat_member"]["status"], "member");
  EXPECT_TRUE(chats_.BotSends(ann_, Text("Hi"), kNow).ok());
}

TEST_F(ChatsTest, APressIsAnsweredOnceAndInTime) {
  Start();
  const Message question = Sent("Consent?", kYesNo);
  const CallbackQuery press = *chats_.UserPresses(ann_, question.id, "Yes", kNow);
  const Json update = TakeUpdate()["callback_query"];
  EXPECT_EQ(update["data"], "consent:yes");
  EXPECT_EQ(update["id"], press.id);
  EXPECT_EQ(update["message"]["message_id"], question.id);
  EXPECT_EQ(update["message"]["reply_markup"], question.markup);
  EXPECT_TRUE(chats_.BotAnswers(press.id, "Thank you", false, kNow).ok());
  EXPECT_EQ(chats_.FindCallback(press.id)->answer_text, "Thank you");
  const std::string too_late =
      "query is too old and response timeout expired or query ID is invalid";
  EXPECT_EQ(Words(chats_.BotAnswers(press.id, "", false, kNow)), too_late);
  EXPECT_EQ(Words(chats_.BotAnswers("7", "", false, kNow)), too_late);
  const CallbackQuery late = *chats_.UserPresses(ann_, question.id, "consent:yes", kNow);
  EXPECT_EQ(Words(chats_.BotAnswers(late.id, "", false,
                                    kNow + kCallbackQueryLifetime + absl::Seconds(1))),
            too_late);
}

TEST_F(ChatsTest, OnlyButtonsThatAreThereAndCallTheBotCanBePressed) {
  Start();
  const Message question = Sent("Consent?", kYesNo);
  EXPECT_EQ(chats_.UserPresses(ann_, question.id, "Maybe", kNow).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(chats_.UserPresses(ann_, question.id, "Site", kNow).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(chats_.UserPresses(ann_, question.id + 1, "Yes", kNow).ok());
  ASSERT_TRUE(chats_.BotEditsMarkup(ann_, question.id, nullptr, kNow).ok());
  EXPECT_FALSE(chats_.UserPresses(ann_, question.id, "Yes", kNow).ok());
  EXPECT_TRUE(world_.updates.empty());
}

TEST_F(ChatsTest, ItKnowsWhichPressedKeyboardsAreStillThere) {
  Start();
  const int64_t edited = Sent("One?", kYesNo).id;
  const int64_t deleted = Sent("Two?", kYesNo).id;
  const int64_t kept = Sent("Three?", kYesNo).id;
  Sent("Nobody presses this", kYesNo);
  for (const int64_t id : {edited, deleted, kept, kept}) {
    ASSERT_TRUE(chats_.UserPresses(ann_, id, "Yes", kNow).ok());
  }
  const absl::Time later = kNow + absl::Seconds(3);
  ASSERT_TRUE(chats_.BotEditsMarkup(ann_, edited, nullptr, later).ok());
  ASSERT_TRUE(chats_.BotDeletes(ann_, deleted, later).ok());
  ASSERT_TRUE(chats_.BotEdits(ann_, kept, Text("Four?", kYesNo), later).ok());
  const std::vector<PressedKeyboard> pressed = chats_.pressed_keyboards().Of(ann_);
  ASSERT_THAT(pressed, SizeIs(3));
  for (const PressedKeyboard& keyboard : pressed) {
    EXPECT_EQ(keyboard.pressed_at, kNow);
    EXPECT_EQ(keyboard.gone_at, keyboard.message_id == kept ? absl::InfiniteFuture() : later);
  }
  // Another keyboard counts anew.
  const std::string other = R"({"inline_keyboard": [[{"text": "Ok", "callback_data": "ok"}]]})";
  ASSERT_TRUE(chats_.BotEdits(ann_, kept, Text("Five?", other), later).ok());
  EXPECT_EQ(chats_.pressed_keyboards().Of(ann_).back().gone_at, later);
  ASSERT_TRUE(chats_.UserPresses(ann_, kept, "Ok", later).ok());
  EXPECT_EQ(chats_.pressed_keyboards().Of(ann_).back().pressed_at, later);
  EXPECT_TRUE(chats_.pressed_keyboards().Of(ann_).back().is_there());
  EXPECT_THAT(chats_.pressed_keyboards().Of(ann_ + 1), IsEmpty());
  EXPECT_THAT(chats_.pressed_keyboards().Of(0), SizeIs(3));
}

TEST_F(ChatsTest, EditsReplaceTextAndButtons) {
  Start();
  const Message message = Sent("Consent?", kYesNo);
  EXPECT_EQ(Words(chats_.BotEdits(ann_, message.id, Text("Consent?", kYesNo), kNow).status())
                .substr(0, 24),
            "message is not modified:");
  const Message edited =
      *chats_.BotEdits(ann_, message.id, Text("<b>Thanks</b>"), kNow + absl::Seconds(5));
  EXPECT_EQ(edited.text, "Thanks");
  EXPECT_TRUE(edited.markup.is_null());
  EXPECT_EQ(edited.edit_date, 1'700'000'005);
  EXPECT_EQ(edited.date, 1'700'000'000);
  EXPECT_EQ(Words(chats_.BotEdits(ann_, 999, Text("x"), kNow).status()),
            "message to edit not found");
  const Message theirs = *chats_.UserSends(ann_, "mine", 0, kNow);
  EXPECT_EQ(Words(chats_.BotEdits(ann_, theirs.id, Text("x"), kNow).status()),
            "message can't be edited");
  const Message keyboard = Sent("Choose", R"({"keyboard": [["A"]]})");
  EXPECT_EQ(Words(chats_.BotEdits(ann_, keyboard.id, Text("x"), kNow).status()),
            "message can't be edited");
}

TEST_F(ChatsTest, DeletedMessagesAreGoneForTheBotAndKeptForTheRecord) {
  Start();
  const Message message = Sent("Oops");
  ASSERT_TRUE(chats_.BotDeletes(ann_, message.id, kNow).ok());
  EXPECT_EQ(Words(chats_.BotDeletes(ann_, message.id, kNow)), "message to delete not found");
  EXPECT_EQ(Words(chats_.BotEdits(ann_, message.id, Text("x"), kNow).status()),
            "message to edit not found");
  EXPECT_TRUE(chats_.Messages(ann_).back().deleted);
  const Message old = Sent("Old");
  EXPECT_EQ(Words(chats_.BotDeletes(ann_, old.id, kNow + kDeletableFor + absl::Seconds(1))),
            "message can't be deleted for everyone");
}

TEST_F(ChatsTest, PeopleEditTheirOwnMessagesOnly) {
  Start();
  const Message mine = *chats_.UserSends(ann_, "I am Anne", 0, kNow);
  world_.updates.DropAll();
  ASSERT_TRUE(chats_.UserEdits(ann_, mine.id, "I am Ann", kNow + absl::Seconds(3)).ok());
  const Json update = TakeUpdate()["edited_message"];
  EXPECT_EQ(update["text"], "I am Ann");
  EXPECT_EQ(update["edit_date"], 1'700'000'003);
  const Message question = Sent("Who?");
  EXPECT_FALSE(chats_.UserEdits(ann_, question.id, "x", kNow).ok());
}

TEST_F(ChatsTest, ChatsDoNotMix) {
  Start();
  const int64_t bob = chats_.AddUser({.first_name = "Bob", .language_code = "ru"})->id;
  ASSERT_TRUE(chats_.UserSends(bob, "/start", 0, kNow).ok());
  const Message for_ann = Sent("Only for Ann", kYesNo);
  EXPECT_FALSE(chats_.UserPresses(bob, for_ann.id, "Yes", kNow).ok());
  EXPECT_EQ(Words(chats_.BotEdits(bob, for_ann.id, Text("x"), kNow).status()),
            "message to edit not found");
  EXPECT_THAT(chats_.Messages(bob), SizeIs(1));
  EXPECT_THAT(chats_.Messages(999), IsEmpty());
}

// Whatever happened, the changes told of it are enough to have the same again.
TEST_F(ChatsTest, RestoringTheChangesGivesTheSameChats) {
  std::mt19937 random(11);
  std::vector<int64_t> people = {ann_};
  absl::Time now = kNow;
  for (int step = 0; step < 1'000; ++step) {
    now += absl::Seconds(1);
    const int64_t user = people[random() % people.size()];
    const int64_t message = static_cast<int64_t>(random() % 300) + 1;
    switch (random() % 9) {
      case 0:
        if (people.size() < 5)
          people.push_back(chats_.AddUser({.first_name = absl::StrCat("P", step)})->id);
        break;
      case 1:
        (void)chats_.SetBlocked(user, random() % 3 == 0, now);
        break;
      case 2:
        (void)chats_.BotEdits(user, message, Text(absl::StrCat("Edited ", step)), now);
        break;
      case 3:
        (void)chats_.BotDeletes(user, message, now);
        break;
      case 4:
        if (const auto press = chats_.UserPresses(user, message, "Yes", now); press.ok()) {
          EXPECT_TRUE(chats_.BotAnswers(press->id, "ok", false, now).ok());
        }
        break;
      case 5:
        world_.updates.Get(world_.updates.next_id() - static_cast<int64_t>(random() % 4), 10);
        break;
      case 6:
        (void)chats_.BotSends(user, Text("Question", kYesNo), now);
        break;
      default:
        (void)chats_.UserSends(user, absl::StrCat("/say ", step), 0, now);
    }
  }
  World restored({.bot = {.id = 42}});
  for (const Change& change : world_.changes.After(0)) restored.Restore(change.kind, change.value);
  for (const int64_t user : people) {
    EXPECT_EQ(restored.chats.FindUser(user)->ToFullJson(), chats_.FindUser(user)->ToFullJson());
    const auto before = chats_.Messages(user);
    const auto after = restored.chats.Messages(user);
    ASSERT_EQ(after.size(), before.size());
    for (size_t i = 0; i < before.size(); ++i)
      EXPECT_EQ(after[i].ToFullJson(), before[i].ToFullJson());
  }
  ASSERT_EQ(restored.updates.size(), world_.updates.size());
  const auto before = world_.updates.Get(0, 100);
  const auto after = restored.updates.Get(0, 100);
  for (size_t i = 0; i < before.size(); ++i) EXPECT_EQ(after[i].ToJson(), before[i].ToJson());
  EXPECT_EQ(restored.chats.AddUser({.first_name = "New"})->id,
            chats_.AddUser({.first_name = "New"})->id);
}

}  // namespace
}  // namespace selfology::telegram_emulator
