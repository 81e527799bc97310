#include "services/growth/growth_dialog/wish_actions.h"

#include <string>

#include "services/growth/growth_dialog/growth_fixture_test.h"

namespace selfology::growth_dialog {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WishActionsTest : public GrowthDialogTest {
 protected:
  // The first message to those words.
  telegram::DialogMessage Say(const std::string& words, const std::string& language = "en") {
    const auto reaction = React(Words(words), "", language);
    EXPECT_TRUE(reaction.ok()) << reaction.status();
    if (!reaction.ok() || reaction->messages().empty()) return {};
    return reaction->messages(0);
  }
  void Add(const std::string& sentence) { ASSERT_TRUE(React(Command("add", sentence)).ok()); }
};

TEST_F(WishActionsTest, WordsThatFitATaskAreAboutItAndOthersAreATask) {
  Add("buy milk");
  EXPECT_THAT(Say("milk is done").message_text(), HasSubstr("✅ <b>buy milk</b>"));
  EXPECT_EQ(fakes_->tasks().at(1).status(), task::v1::TASK_STATUS_COMPLETED);
  EXPECT_THAT(Say("milk is done").message_text(), HasSubstr("✅ <b>buy milk</b>")) << "said again";
  EXPECT_THAT(fakes_->tasks(), SizeIs(1));
  EXPECT_THAT(Say("bread is done").message_text(), HasSubstr("➕"));
  EXPECT_EQ(fakes_->tasks().at(2).title(), "bread is done");
  Add("позвонить маме");
  const telegram::DialogMessage done = Say("позвонила маме", "ru");
  EXPECT_THAT(done.message_text(), HasSubstr("✅ <b>позвонить маме</b>"));
  EXPECT_THAT(ButtonsOf(done), Contains("task:reopen:3"));
}

TEST_F(WishActionsTest, DoneYesterdayCountsForYesterday) {
  Add("buy milk");
  Wait(absl::Hours(30));
  fakes_->SetNow(Now());
  Say("I bought the milk yesterday");
  // Noon of Wednesday, 6 May, in Moscow.
  EXPECT_EQ(timestamps::FromProto(fakes_->tasks().at(1).closed_at()),
            absl::FromCivil(absl::CivilHour(2026, 5, 6, 9), absl::UTCTimeZone()));
}

TEST_F(WishActionsTest, ItIsWhatWasSpokenOfLastAndAnotherDayKeepsTheTime) {
  Add("far");
  fakes_->Add("dentist", Now() + absl::Hours(5));
  Add("buy milk");
  EXPECT_THAT(Say("move it to tomorrow").message_text(), HasSubstr("<b>buy milk</b>\n🗓 tomorrow"));
  const telegram::DialogMessage moved = Say("move the dentist to tomorrow");
  EXPECT_THAT(moved.message_text(), HasSubstr("⏰ Moved\n<b>dentist</b>\n🗓 tomorrow 15:00"));
  // When it is to be is asked for where that is not understood.
  EXPECT_THAT(ButtonsOf(Say("move the dentist to next blue moon")),
              Contains("task:wait:2:tomorrow"));
}

TEST_F(WishActionsTest, AnUndoWhoseAnswerWasLostIsNotUndone) {
  Add("buy milk");
  Say("move it to tomorrow");
  Say("milk is done");
  const auto undo = [&](const std::string& key) {
    fakes_->LeaveAfterNextUndo();
    EXPECT_EQ(React(Words("undo"), key).status().code(), absl::StatusCode::kUnavailable);
    fakes_->SetAway(false);
    const auto again = React(Words("undo"), key);
    EXPECT_TRUE(again.ok()) << again.status();
    return again.ok() ? again->messages(0).message_text() : "";
  };
  EXPECT_THAT(undo("first"), HasSubstr("↩️ Open again\n<b>buy milk</b>\n🗓 tomorrow"));
  EXPECT_EQ(fakes_->tasks().at(1).status(), task::v1::TASK_STATUS_OPEN);
  EXPECT_EQ(fakes_->tasks().at(1).version(), 4);
  Say("move it to tomorrow");
  Add("dentist");
  Say("move it to tomorrow");
  EXPECT_THAT(undo("second"), HasSubstr("↩️ As it was\n<b>dentist</b>"));
  EXPECT_FALSE(fakes_->tasks().at(2).has_due_at());
  EXPECT_EQ(fakes_->tasks().at(2).version(), 3);
}

TEST_F(WishActionsTest, ARemindersTaskIsFoundAskedForOrMade) {
  fakes_->Add("dentist", Now() + absl::Hours(5));
  const telegram::DialogMessage card = Say("remind me 30 minutes before the dentist");
  EXPECT_THAT(card.message_text(), HasSubstr("🔔 I will remind you.\n<b>dentist</b>"));
  EXPECT_THAT(card.message_text(), HasSubstr("🔔 30 minutes before"));
  Say("напомни за полчаса до dentist", "ru");
  ASSERT_THAT(fakes_->tasks().at(1).reminders(), SizeIs(1)) << "asked for twice, it is one";
  EXPECT_EQ(fakes_->tasks().at(1).reminders(0).minutes_before_due(), 30);
  EXPECT_THAT(Say("remind me 6 hours before the dentist").message_text(),
              HasSubstr("has passed already"));
  EXPECT_THAT(fakes_->tasks(), SizeIs(1));

  fakes_->Add("meeting with Ann", Now() + absl::Hours(5));
  fakes_->Add("meeting with Bob", Now() + absl::Hours(6));
  EXPECT_THAT(ButtonsOf(Say("remind me an hour before the meeting")), Contains("task:remind:3:60"));
  const auto pressed = React(Button("task:remind:3:60"));
  ASSERT_TRUE(pressed.ok()) << pressed.status();
  EXPECT_EQ(fakes_->tasks().at(3).reminders(0).minutes_before_due(), 60);

  const telegram::DialogMessage made = Say("напомни за 2 дня до отпуска", "ru");
  EXPECT_THAT(made.message_text(), HasSubstr("такой задачи я не нашёл"));
  EXPECT_THAT(made.message_text(), HasSubstr("А когда это?"));
  EXPECT_THAT(made.message_text(), HasSubstr("🔔 за 2 дня"));
  EXPECT_EQ(fakes_->tasks().at(4).title(), "отпуска");
  const auto added = React(Command("add", "remind me 10 minutes before the meeting with Bob"));
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(fakes_->tasks().at(3).reminders_size(), 2);
  EXPECT_THAT(fakes_->tasks(), SizeIs(4));
}

TEST_F(WishActionsTest, AsksWhichOneIsMeant) {
  Add("report to Ann");
  Add("report to Bob");
  const telegram::DialogMessage asked = Say("the report is done");
  EXPECT_THAT(asked.message_text(), HasSubstr("Which one?"));
  EXPECT_THAT(ButtonsOf(asked), Contains("task:done:2"));
  EXPECT_THAT(ButtonsOf(Say("done")), Contains("task:done:1"));
  EXPECT_THAT(ButtonsOf(Say("delete the report to Ann")), Contains("task:delete:1"));
  EXPECT_THAT(fakes_->tasks(), SizeIs(2)) << "nothing is removed on a guess";
}

TEST_F(WishActionsTest, WhatIsNoTaskIsNone) {
  EXPECT_THAT(Say("what's for today?").message_text(), HasSubstr("Nothing is due"));
  EXPECT_THAT(Say("my badges").message_text(), HasSubstr("🏅"));
  EXPECT_THAT(Say("how does this work?").message_text(), HasSubstr("milk is done"));
  EXPECT_THAT(Say("спасибо", "ru").message_text(), HasSubstr("следующую"));
  EXPECT_THAT(Say("undo").message_text(), HasSubstr("nothing to undo"));
  const auto left = React(Words("that's all"));
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_EQ(left->focus(), telegram::FOCUS_CHANGE_GIVE_BACK);
  EXPECT_THAT(fakes_->tasks(), IsEmpty());
}

}  // namespace
}  // namespace selfology::growth_dialog
