#include "services/growth/growth_dialog/dialog_service.h"

#include <set>
#include <string>

#include "selfology/events/v1/gamification.pb.h"
#include "selfology/events/v1/gateway.pb.h"
#include "services/growth/growth_dialog/growth_fixture_test.h"

namespace selfology::growth_dialog {
namespace {

using events::v1::BadgeAwarded;
using events::v1::LevelChanged;
using events::v1::MessageSendRequested;
using events::v1::StreakExtended;
using ::selfology::testing::EqualsProto;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(GrowthDialogTest, DescribesItselfInBothLanguages) {
  telegram::DescribeDialogRequest request;
  request.set_dialog(std::string(kDialog));
  const auto response = dialog_->DescribeDialog(Deadline(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  std::set<std::string> commands;
  for (const auto& command : response->description().commands()) {
    commands.insert(command.name());
    commands.insert(command.aliases().begin(), command.aliases().end());
    if (!command.descriptions().empty()) EXPECT_THAT(command.descriptions(), SizeIs(2));
  }
  for (const char* tried : {"badges", "leaderboard", "todo", "task", "today"}) {
    EXPECT_TRUE(commands.contains(tried)) << tried;
  }
  // Those of other dialogs.
  for (const char* taken : {"cancel", "delete", "start", "help", "settings", "feed", "channels",
                            "train", "profile", "mood", "sos"}) {
    EXPECT_FALSE(commands.contains(taken)) << taken;
  }
  EXPECT_THAT(response->description().help(), SizeIs(2));
}

TEST_F(GrowthDialogTest, ATaskIsAddedByWritingIt) {
  const auto asked = React(Command("add"));
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->focus(), telegram::FOCUS_CHANGE_TAKE);
  const auto written = React(Words("buy <milk>"), "same");
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_THAT(written->messages(0).message_text(), HasSubstr("buy &lt;milk&gt;"));
  EXPECT_THAT(*React(Words("buy <milk>"), "same"), EqualsProto(*written)) << "sent twice";
  ASSERT_THAT(fakes_->tasks(), SizeIs(1));
  EXPECT_EQ(fakes_->tasks().at(1).time_zone(), "Europe/Moscow");
  ASSERT_TRUE(React(Command("add", "call mum")).ok());
  EXPECT_THAT(fakes_->tasks(), SizeIs(2));
  const auto back = React(Button("growth:back"));
  EXPECT_EQ(back->focus(), telegram::FOCUS_CHANGE_GIVE_BACK);
}

TEST_F(GrowthDialogTest, WhoLooksAtTheListWritesTasks) {
  const auto list = React(Command("tasks"));
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->focus(), telegram::FOCUS_CHANGE_BORROW);
  EXPECT_THAT(list->messages(0).message_text(), HasSubstr("What you write now becomes a task"));
  EXPECT_THAT(ButtonsOf(list->messages(0)), Contains("growth:back"));
  EXPECT_EQ(React(Words("buy milk"))->focus(), telegram::FOCUS_CHANGE_BORROW) << "and more";
  const auto left = React(Button("growth:back"));
  EXPECT_EQ(left->focus(), telegram::FOCUS_CHANGE_GIVE_BACK);
  EXPECT_THAT(left->messages(0).message_text(), Not(HasSubstr("becomes a task")));
  EXPECT_THAT(React(Button("growth:list"))->messages(0).message_text(),
              HasSubstr("becomes a task"));
  // What another dialog asked is to be answered first.
  const auto asked = React(Command("tasks"), "", "en", /*other_question_waits=*/true);
  EXPECT_THAT(asked->messages(0).message_text(), Not(HasSubstr("becomes a task")));
  EXPECT_THAT(ButtonsOf(asked->messages(0)), Not(Contains("growth:back")));
  EXPECT_THAT(React(Command("progress"))->focus(), telegram::FOCUS_CHANGE_UNSPECIFIED);
}

TEST_F(GrowthDialogTest, OfWhatIsPassedOnOnlyErrandsAreTaken) {
  const auto pass = [&](const std::string& words, const std::string& key) {
    return React(Words(words), key, "en", /*other_question_waits=*/true, /*passed_on=*/true);
  };
  const auto left = pass("My sister Nora helps me on Sundays.", "one");
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_TRUE(left->passed_on());
  EXPECT_EQ(left->messages_size(), 0);
  EXPECT_EQ(left->focus(), telegram::FOCUS_CHANGE_UNSPECIFIED);
  EXPECT_TRUE(fakes_->tasks().empty());
  const auto taken = pass("remind me to buy paint tomorrow", "two");
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_FALSE(taken->passed_on());
  EXPECT_EQ(taken->messages_size(), 1);
  EXPECT_EQ(fakes_->tasks().size(), 1u);
  // The same again, with the same effect.
  EXPECT_TRUE(pass("My sister Nora helps me on Sundays.", "one")->passed_on());
  EXPECT_FALSE(pass("remind me to buy paint tomorrow", "two")->passed_on());
  EXPECT_EQ(fakes_->tasks().size(), 1u);
  // The same update tried later, when no question waits any more and this dialog is the one that hears.
  const auto heard = React(Words("My sister Nora helps me on Sundays."), "one");
  ASSERT_TRUE(heard.ok()) << heard.status();
  EXPECT_FALSE(heard->passed_on());
  EXPECT_EQ(heard->messages_size(), 1);
  EXPECT_EQ(fakes_->tasks().size(), 2u);
}

TEST_F(GrowthDialogTest, TheDaysListHasButtonsThatWork) {
  ASSERT_TRUE(React(Command("add", "buy milk")).ok());
  const auto list = React(Command("tasks"));
  ASSERT_TRUE(list.ok()) << list.status();
  const telegram::DialogMessage& message = list->messages(0);
  EXPECT_THAT(message.message_text(), HasSubstr("1. buy milk"));
  EXPECT_EQ(message.lifecycle(), telegram::MESSAGE_LIFECYCLE_SYSTEM);
  EXPECT_THAT(ButtonsOf(message), Contains("task:done:1"));
  const auto choice = React(Button("task:snooze:1"));
  EXPECT_THAT(ButtonsOf(choice->messages(0)), Contains("task:wait:1:tomorrow"));
  const auto done = React(Button("task:done:1"));
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_THAT(done->notice(), HasSubstr("buy milk"));
  EXPECT_THAT(done->messages(0).message_text(), Not(HasSubstr("buy milk")));
  EXPECT_THAT(ButtonsOf(done->messages(0)), Contains("task:reopen:1"));
  ASSERT_TRUE(React(Button("task:reopen:1")).ok());
  EXPECT_EQ(fakes_->tasks().at(1).status(), task::v1::TASK_STATUS_OPEN);
  ASSERT_TRUE(React(Button("task:wait:1:tomorrow")).ok());
  // 9:00 in Moscow.
  EXPECT_THAT(fakes_->tasks().at(1).wait_until(),
              EqualsProto(timestamps::ToProto(
                  absl::FromCivil(absl::CivilHour(2026, 5, 7, 6), absl::UTCTimeZone()))));
  ASSERT_TRUE(React(Button("task:delete:1")).ok());
  EXPECT_THAT(React(Button("task:open:1"))->notice(), HasSubstr("not there"));
}

TEST_F(GrowthDialogTest, TheListHasOverdueTasksFirstAndThenTheNextDays) {
  EXPECT_THAT(React(Command("tasks"))->messages(0).message_text(), HasSubstr("Nothing is due. ➕"));
  fakes_->Add("far away", Now() + absl::Hours(30 * 24));
  fakes_->Add("tomorrow's", Now() + absl::Hours(24));
  const std::string ahead = React(Command("tasks"))->messages(0).message_text();
  EXPECT_THAT(ahead, HasSubstr("Nothing is due.\n\n<b>Next days</b>\n1. tomorrow's — <i>tomorrow"));
  EXPECT_THAT(ahead, HasSubstr("\nLater: 1 task"));
  fakes_->Add("undated", std::nullopt);
  fakes_->Add("late", Now() - absl::Hours(48));
  const auto list = React(Command("tasks"));
  EXPECT_THAT(list->messages(0).message_text(),
              ::testing::ContainsRegex("<b>Overdue</b>\n1. late .*\n\n<b>Without a date</b>\n"
                                       "2. undated\n\n<b>Next days</b>\n3. tomorrow's"));
  EXPECT_THAT(ButtonsOf(list->messages(0)), Contains("growth:all:0"));
  const auto all = React(Button("growth:all:0"));
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_THAT(all->messages(0).message_text(), HasSubstr("<b>All tasks</b>: 4 tasks"));
  EXPECT_THAT(all->messages(0).message_text(), HasSubstr("far away"));
  for (int i = 0; i < 10; ++i) fakes_->Add(absl::StrCat("more ", i), std::nullopt);
  const auto second = React(Button("growth:all:1"));
  EXPECT_THAT(second->messages(0).message_text(), HasSubstr("\n9. more 4"));
  EXPECT_THAT(ButtonsOf(second->messages(0)), Contains("growth:all:0"));
}

TEST_F(GrowthDialogTest, AStepOfTheCoachsPlanBecomesATaskByOneButton) {
  EXPECT_THAT(React(Command("tasks"))->messages(0).message_text(), Not(HasSubstr("coach")));
  coach_->SetPlan(17);
  const auto list = React(Command("tasks"));
  EXPECT_THAT(list->messages(0).message_text(),
              HasSubstr("From your plan with the coach: <i>step &lt;1&gt; of 17</i> — tomorrow"));
  EXPECT_THAT(ButtonsOf(list->messages(0)), Contains("growth:plan:take:17:1"));
  const auto taken = React(Button("growth:plan:take:17:1"));
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_THAT(taken->notice(), HasSubstr("step <1> of 17"));
  EXPECT_THAT(taken->messages(0).message_text(), HasSubstr("step &lt;2&gt; of 17"));
  EXPECT_TRUE(React(Button("growth:plan:take:17:1")).ok());
  ASSERT_THAT(fakes_->tasks(), SizeIs(1)) << "pressed twice";
  EXPECT_EQ(fakes_->tasks().at(1).notes(), "run <more>");
  EXPECT_TRUE(fakes_->tasks().at(1).due_all_day());
  const auto dropped = React(Button("growth:plan:drop:17:2"));
  EXPECT_THAT(dropped->messages(0).message_text(), Not(HasSubstr("plan with the coach")));
  coach_->SetPlan(18);
  EXPECT_THAT(React(Button("growth:list"))->messages(0).message_text(), HasSubstr("of 18"));
  EXPECT_THAT(fakes_->tasks(), SizeIs(1));
  EXPECT_TRUE(React(Button("growth:plan:take:17:2")).ok());
  EXPECT_THAT(fakes_->tasks(), SizeIs(1)) << "of a plan that is gone";
}

TEST_F(GrowthDialogTest, EveryButtonIsOneThatItDescribesAndFits) {
  ASSERT_TRUE(React(Command("add", std::string(300, 'x'))).ok());
  for (const auto& update : {Command("tasks"), Command("progress"), Command("top"), Command("add"),
                             Button("task:open:1"), Button("task:snooze:1")}) {
    const auto reaction = React(update);
    ASSERT_TRUE(reaction.ok()) << reaction.status();
    for (const std::string& data : ButtonsOf(reaction->messages(0))) {
      EXPECT_TRUE(absl::StartsWith(data, "task:") || absl::StartsWith(data, "growth:")) << data;
      EXPECT_LE(data.size(), 64u);
    }
    for (const auto& row : reaction->messages(0).button_rows()) {
      for (const auto& button : row.buttons()) EXPECT_LE(button.text().size(), 64u * 2);
    }
  }
}

TEST_F(GrowthDialogTest, ProgressRankingAndPictures) {
  const auto progress = React(Command("progress"), "", "ru");
  ASSERT_TRUE(progress.ok()) << progress.status();
  EXPECT_THAT(progress->messages(0).message_text(), HasSubstr("Уровень 3"));
  EXPECT_THAT(progress->messages(0).message_text(), HasSubstr("Монет: 60"));
  EXPECT_THAT(ButtonsOf(progress->messages(0)), Contains("growth:freeze"));
  EXPECT_THAT(React(Button("growth:freeze"))->notice(), HasSubstr("Not enough coins"));
  fake_coins = 49;
  EXPECT_THAT(ButtonsOf(React(Command("progress"))->messages(0)), Not(Contains("growth:freeze")))
      << "what cannot be paid is not offered";
  fake_coins = 60;
  const auto top = React(Command("top"));
  ASSERT_TRUE(top.ok()) << top.status();
  EXPECT_THAT(top->messages(0).message_text(), HasSubstr("🥇 player 9001"));
  EXPECT_THAT(top->messages(0).message_text(), HasSubstr("17. <b>you</b>"));
  EXPECT_THAT(ButtonsOf(top->messages(0)), Contains("growth:hide"));
  EXPECT_THAT(React(Button("growth:hide"))->messages(0).message_text(), HasSubstr("Nobody sees"));
  const auto hidden = React(Command("top"));
  EXPECT_THAT(hidden->messages(0).message_text(), Not(HasSubstr("you")));
  EXPECT_THAT(ButtonsOf(hidden->messages(0)), Contains("growth:unhide"));
  EXPECT_THAT(React(Button("growth:unhide"))->messages(0).message_text(), HasSubstr("again"));
  EXPECT_THAT(ButtonsOf(React(Command("top"))->messages(0)), Contains("growth:hide"));
  fake_week_has_points = false;
  EXPECT_THAT(ButtonsOf(React(Command("top"))->messages(0)), Not(Contains("growth:unhide")))
      << "no place this week hides nobody";
  ASSERT_TRUE(React(Button("growth:hide")).ok());
  fake_xp = 0;
  EXPECT_THAT(ButtonsOf(React(Command("top"))->messages(0)), Contains("growth:unhide"))
      << "nor keeps anybody without points hidden";
  ASSERT_TRUE(React(Button("growth:unhide")).ok());
  fake_xp = 350;
  fake_week_has_points = true;
  ASSERT_TRUE(React(Command("add", "a")).ok());
  ASSERT_TRUE(React(Button("task:done:1")).ok());
  const auto week = React(Command("week"));
  ASSERT_TRUE(week.ok()) << week.status();
  EXPECT_THAT(week->messages(0).media_ids(), SizeIs(1));
  EXPECT_THAT(week->messages(0).message_text(), HasSubstr("1 task"));
  EXPECT_TRUE(absl::StartsWith(gateway_->bytes(), "\x89PNG"));
  const auto badge = React(Button("growth:badge"));
  ASSERT_TRUE(badge.ok()) << badge.status();
  EXPECT_THAT(badge->messages(0).message_text(), HasSubstr("Early bird"));
}

TEST_F(GrowthDialogTest, ChallengesAreTakenOnAndAnswered) {
  const auto made = React(Button("challenge:new:0"));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(made->messages(0).message_text(), HasSubstr("Which &lt;first&gt;?"));
  EXPECT_THAT(ButtonsOf(made->messages(0)), Contains("challenge:answer:7:2"));
  EXPECT_THAT(ButtonsOf(React(Command("challenges"))->messages(0)), Contains("challenge:open:7"));
  const auto answered = React(Button("challenge:answer:7:2"));
  ASSERT_TRUE(answered.ok()) << answered.status();
  EXPECT_THAT(answered->notice(), HasSubstr("Done"));
  EXPECT_THAT(answered->messages(0).message_text(), HasSubstr("2. rent ✅"));
  EXPECT_THAT(ButtonsOf(answered->messages(0)), Not(Contains("challenge:answer:7:2")));
  EXPECT_THAT(React(Button("challenge:open:8"))->notice(), HasSubstr("over"));
}

TEST_F(GrowthDialogTest, WhatFailedIsAskedAgainAndHasOneEffect) {
  fakes_->SetAway(true);
  EXPECT_EQ(React(Words("buy milk"), "again").status().code(), absl::StatusCode::kUnavailable);
  fakes_->SetAway(false);
  ASSERT_TRUE(React(Words("buy milk"), "again").ok());
  EXPECT_THAT(fakes_->tasks(), SizeIs(1));
}

TEST_F(GrowthDialogTest, NewsAreToldTogether) {
  // Who never spoke to the dialog hears nothing of it.
  LevelChanged level;
  level.set_user_id(kAnn);
  level.set_level_before(1);
  level.set_level(2);
  Publish(level);
  AwaitHandled("growth_dialog", 1);
  ASSERT_TRUE(React(Command("tasks"), "", "ru").ok());
  BadgeAwarded badge;
  badge.set_user_id(kAnn);
  badge.set_badge_id("early");
  StreakExtended streak;
  streak.set_user_id(kAnn);
  streak.set_days(7);
  size_t handled = 1;
  for (int round = 1; round <= 4; ++round) {
    level.set_level_before(round + 1);
    level.set_level(round + 2);
    Publish(level);
    Publish(badge);
    Publish(streak);
    handled += 3;
    AwaitHandled("growth_dialog", handled);
    // Events are of now, which is long after the test's clock.
    Wait(round == 1 ? absl::Now() - Now() + absl::Hours(1) : absl::Hours(1));
    if (round <= 3) AwaitPublished<MessageSendRequested>(static_cast<size_t>(round));
  }
  const auto told = Published<MessageSendRequested>();
  EXPECT_THAT(told[0].message_text(), HasSubstr("уровня 3"));
  EXPECT_THAT(told[0].message_text(), HasSubstr("Ранняя пташка"));
  EXPECT_THAT(told[0].message_text(), HasSubstr("7 дней подряд"));
}

TEST_F(GrowthDialogTest, RefusesWhatIsNoUpdate) {
  telegram::ReactRequest request;
  request.set_dialog("another");
  EXPECT_FALSE(dialog_->React(Deadline(), request).ok());
  request.set_dialog(std::string(kDialog));
  EXPECT_THAT(status::Violations(dialog_->React(Deadline(), request).status()), SizeIs(4));
}

}  // namespace
}  // namespace selfology::growth_dialog
