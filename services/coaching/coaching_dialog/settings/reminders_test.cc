#include "services/coaching/coaching_dialog/settings/reminders.h"

#include <atomic>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "selfology/events/v1/notification.pb.h"
#include "services/coaching/coaching_dialog/dialog_fixture_test.h"

ABSL_DECLARE_FLAG(absl::Duration, coaching_dialog_reminder_period);

namespace selfology::coaching_dialog {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// It is half past twelve, UTC, on the first day; the timer looks often.
class RemindersTest : public DialogTest {
 protected:
  void SetUp() override {
    absl::SetFlag(&FLAGS_coaching_dialog_reminder_period, absl::Milliseconds(50));
    Start([this](service::Settings& settings) {
      settings.clock = [this] { return absl::FromUnixSeconds(now_.load()); };
    });
    completed_ = Complete();
  }

  static absl::Time At(int day, int hour, int minute) {
    return absl::FromCivil(absl::CivilSecond(2026, 6, day, hour, minute, 0), absl::UTCTimeZone());
  }
  void SetClock(absl::Time now) { now_ = absl::ToUnixSeconds(now); }
  // When the next one is due; nullopt: never.
  std::optional<absl::Time> Due() {
    const auto row =
        DatabaseAs("selfology_coaching_dialog").Read(Deadline(), [&](postgres::Transaction& tx) {
          return tx.QueryOne<std::optional<absl::Time>>(
              "SELECT due_at FROM coaching_reminders WHERE user_id = $1", kAnn);
        });
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() && row->has_value() ? std::get<0>(**row) : std::nullopt;
  }
  void MoveTo(v1::ConversationState state) {
    ASSERT_TRUE(dialog().SetDialogState(Deadline(), Moving(state)).ok());
  }
  void AwaitDue(std::optional<absl::Time> due) {
    Await("the reminder's next time", [&] { return Due() == due; });
  }

  const absl::FlagSaver flags_;
  v1::DialogReaction completed_;
  std::atomic<int64_t> now_ = absl::ToUnixSeconds(At(1, 12, 30));
};

TEST_F(RemindersTest, ComeDailyThenWeeklyThenNoMoreUntilThePersonIsBack) {
  Press("remind:at:1140");
  EXPECT_EQ(Due(), At(1, 19, 0));
  SetClock(At(1, 19, 1));
  AwaitDue(At(2, 19, 0));
  ASSERT_THAT(gateway().sent(), SizeIs(1));
  const v1::SendMessageRequest first = gateway().sent()[0];
  EXPECT_EQ(first.user_id(), kAnn);
  EXPECT_EQ(first.message_text(), "How are you on 2026-06-01?");
  ASSERT_EQ(first.button_rows_size(), 1);
  EXPECT_EQ(first.button_rows(0).buttons(0).callback_data(), "remind:every:3");
  EXPECT_EQ(first.button_rows(0).buttons(1).callback_data(), "remind:stop");

  SetClock(At(2, 19, 0));
  AwaitDue(At(9, 19, 0));
  SetClock(At(9, 19, 0));
  AwaitDue(At(16, 19, 0));
  SetClock(At(16, 19, 0));
  AwaitDue(std::nullopt);
  EXPECT_THAT(gateway().sent(), SizeIs(4));
  SetClock(At(20, 12, 0));
  Say("I was away.");
  EXPECT_EQ(Due(), At(20, 19, 0));
}

TEST_F(RemindersTest, AnyMessageCountsAsAnAnswer) {
  Press("remind:at:1140");
  for (int day = 1; day <= 6; ++day) {
    SetClock(At(day, 19, 0));
    AwaitDue(At(day == 2 ? 9 : day + 1, 19, 0));
    if (day == 2) Give("profile");  // After two in a row.
    if (day > 2) Say("Well.");
    EXPECT_EQ(Due(), At(day + 1, 19, 0));
  }
  EXPECT_THAT(gateway().sent(), SizeIs(6));
}

TEST_F(RemindersTest, NotInDangerNorInTheMiddleOfSomething) {
  Press("remind:at:1140");
  owners().Do([](Owners& o) { o.in_crisis = true; });
  SetClock(At(1, 19, 0));
  AwaitDue(At(2, 19, 0));
  owners().Do([](Owners& o) { o.in_crisis = false; });
  Say("Hello.");
  Give("pause");
  SetClock(At(2, 19, 0));
  AwaitDue(At(3, 19, 0));
  EXPECT_THAT(gateway().sent(), IsEmpty());
  Give("resume");
  MoveTo(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  SetClock(At(3, 19, 0));
  AwaitDue(At(4, 19, 0));
  EXPECT_THAT(gateway().sent(), IsEmpty());
  MoveTo(v1::CONVERSATION_STATE_CHAT_ACTIVE);
  SetClock(At(4, 19, 0));
  AwaitDue(At(5, 19, 0));
  EXPECT_THAT(gateway().sent(), SizeIs(1));
}

TEST_F(RemindersTest, WhatFailsForAWhileIsTriedAgainUnderTheSameKey) {
  Press("remind:at:1140");
  gateway().FailWith(absl::UnavailableError("Telegram is away"));
  SetClock(At(1, 19, 0));
  Await("several attempts", [&] { return gateway().calls() >= 3; });
  EXPECT_EQ(Due(), At(1, 19, 0));
  gateway().FailWith(absl::OkStatus());
  AwaitDue(At(2, 19, 0));
  EXPECT_THAT(gateway().sent(), SizeIs(1));
  // Longer than it is worth.
  gateway().FailWith(absl::UnavailableError("Telegram is away"));
  SetClock(At(2, 19, 0));
  const int before = gateway().calls();
  Await("an attempt", [&] { return gateway().calls() > before; });
  SetClock(At(2, 20, 1));
  AwaitDue(At(3, 19, 0));
  gateway().FailWith(absl::OkStatus());
  EXPECT_THAT(gateway().sent(), SizeIs(1));
}

TEST_F(RemindersTest, NotOnADayThatHasAnother) {
  Press("remind:at:1140");
  owners().Do([](Owners& o) { o.day_is_taken = true; });
  SetClock(At(1, 19, 0));
  AwaitDue(At(2, 19, 0));
  EXPECT_THAT(gateway().sent(), IsEmpty());
  owners().Do([](Owners& o) { o.failures["TakeReminderDay"] = absl::UnavailableError("away"); });
  const int before = Calls("TakeReminderDay");
  SetClock(At(2, 19, 0));
  Await("several attempts", [&] { return Calls("TakeReminderDay") > before + 2; });
  EXPECT_THAT(gateway().sent(), IsEmpty());
  owners().Do([](Owners& o) {
    o.failures.clear();
    o.day_is_taken = false;
  });
  AwaitDue(At(3, 19, 0));
  EXPECT_THAT(gateway().sent(), SizeIs(1));
}

TEST_F(RemindersTest, FollowWhatIsChosenElsewhere) {
  Press("remind:at:1140");
  EXPECT_EQ(Due(), At(1, 19, 0));
  events::v1::PreferencesChanged event;
  event.set_user_id(kAnn);
  owners().Do([&](Owners& o) { *event.mutable_preferences() = o.PreferencesOf(kAnn); });
  event.mutable_preferences()->set_reminder_minute(20 * 60);
  Publish(event);  // As old as what is known.
  AwaitHandled("coaching_dialog", 1);
  EXPECT_EQ(Due(), At(1, 19, 0));
  event.mutable_preferences()->mutable_updated_at()->set_seconds(
      event.preferences().updated_at().seconds() + 1);
  Publish(event);
  AwaitDue(At(1, 20, 0));
  event.mutable_preferences()->mutable_updated_at()->set_seconds(
      event.preferences().updated_at().seconds() + 1);
  event.mutable_preferences()->set_reminders(false);
  Publish(event);
  AwaitDue(std::nullopt);
}

TEST_F(RemindersTest, NotWhileTheCrisisModeCannotBeAsked) {
  Press("remind:at:1140");
  owners().Do([](Owners& o) { o.failures["GetMode"] = absl::InternalError("broken"); });
  const int before = Calls("GetMode");
  SetClock(At(1, 19, 0));
  Await("several attempts", [&] { return Calls("GetMode") > before + 2; });
  EXPECT_THAT(gateway().sent(), IsEmpty());
  EXPECT_EQ(Due(), At(1, 19, 0));
}

TEST_F(RemindersTest, WhoHasBlockedTheBotIsLeftInPeaceSoon) {
  Press("remind:at:1140");
  gateway().FailWith(absl::FailedPreconditionError("blocked"));
  SetClock(At(1, 19, 0));
  AwaitDue(At(2, 19, 0));
  SetClock(At(2, 19, 0));
  AwaitDue(At(9, 19, 0));
}

TEST_F(RemindersTest, OneButtonMakesThemFewerOrEndsThem) {
  Press("remind:at:1140");
  EXPECT_THAT(TextOf(Press("remind:every:3")), HasSubstr("once in 3 days"));
  SetClock(At(1, 19, 0));
  AwaitDue(At(4, 19, 0));
  ASSERT_THAT(gateway().sent(), SizeIs(1));
  EXPECT_EQ(gateway().sent()[0].button_rows(0).buttons(0).callback_data(), "remind:every:7");
  EXPECT_THAT(TextOf(Press("remind:stop")), HasSubstr("no more reminders"));
  EXPECT_EQ(Due(), std::nullopt);
}

TEST_F(RemindersTest, AreOfferedOnceAfterOnboarding) {
  const v1::RenderEventRequest completed = Rendering(Completed());
  const auto offers = [&](const v1::RenderEventRequest& request) {
    const auto response = dialog().RenderEvent(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return ButtonsOf(response->reaction());
  };
  EXPECT_THAT(ButtonsOf(completed_), Contains("remind:no"));
  EXPECT_THAT(offers(completed), Not(Contains("remind:no"))) << "another journey";
  v1::RenderEventRequest again = completed;
  again.set_event_id("event-1");  // What SetUp completed her onboarding with.
  EXPECT_THAT(offers(again), Contains("remind:no")) << "it comes again";
  EXPECT_THAT(Press("remind:no").replacement(), HasSubstr("will not write first"));
  const v1::DialogReaction on = Press("remind:at:540");
  EXPECT_THAT(ButtonsOf(on), Contains("settings:zone:Europe/Moscow")) << "or it is UTC";
}

}  // namespace
}  // namespace selfology::coaching_dialog
