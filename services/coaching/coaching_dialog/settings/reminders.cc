#include "services/coaching/coaching_dialog/settings/reminders.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/coaching/coaching_dialog/goal.h"
#include "services/coaching/coaching_dialog/settings/panel.h"
#include "services/coaching/coaching_dialog/settings/settings_store.h"
#include "services/coaching/coaching_dialog/settings/wording.h"

namespace selfology::coaching_dialog {
namespace {

using postgres::Transaction;

constexpr int kBatch = 100;
// What one person may take, so that one slow peer holds up few others.
constexpr absl::Duration kOnePerson = absl::Seconds(5);

std::vector<v1::ButtonRow> ReminderButtons(Language language, const Preferences& preferences) {
  v1::ButtonRow row;
  const int fewer = FewerReminders(preferences.days_between_reminders());
  if (fewer > preferences.days_between_reminders()) {
    AddButton(row, Phrase(language, Wording::kButtonFewer),
              absl::StrCat(panel::kReminder, ":every:", fewer));
  }
  AddButton(row, Phrase(language, Wording::kButtonStop), absl::StrCat(panel::kReminder, ":stop"));
  return {std::move(row)};
}

}  // namespace

absl::Status Reminders::SendDue(const Call& call) {
  ASSIGN_OR_RETURN(const std::vector<store::DueReminder> due,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ListDueReminders(tx, clock_(), kBatch);
                   }));
  for (const store::DueReminder& reminder : due) {
    if (call.Remaining() <= absl::ZeroDuration()) break;
    const absl::Status handled =
        Handle(call.WithTimeout(kOnePerson), reminder.user_id, reminder.due_at);
    // The others' are not held up.
    if (!handled.ok()) observe::Warning("reminder could not be sent", {{"status", handled}});
  }
  return absl::OkStatus();
}

absl::Status Reminders::Handle(const Call& call, int64_t user_id, absl::Time due) {
  ASSIGN_OR_RETURN(const Known known, Read(call, user_id));
  Outcome outcome = Outcome::kNextTime;
  if (MayRemind(known.preferences, known.history, due, clock_())) {
    outcome = Send(call, user_id, known);
  }
  if (outcome == Outcome::kNotNow) return absl::OkStatus();
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    const absl::Time now = clock_();
    store::LockPreferences(tx, user_id);
    // Both may have changed meanwhile.
    ASSIGN_OR_RETURN(const Preferences preferences, store::ReadPreferences(tx, user_id));
    ASSIGN_OR_RETURN(ReminderHistory history, store::ReadReminderHistory(tx, user_id));
    if (outcome == Outcome::kSent) {
      history.sent_at = now;
      ++history.unanswered;
    }
    store::SaveReminder(tx, user_id, history, NextReminder(preferences, history, now));
    return absl::OkStatus();
  });
}

absl::StatusOr<Reminders::Known> Reminders::Read(const Call& call, int64_t user_id) {
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<Known> {
    Known known;
    ASSIGN_OR_RETURN(known.preferences, store::ReadPreferences(tx, user_id));
    ASSIGN_OR_RETURN(known.history, store::ReadReminderHistory(tx, user_id));
    return known;
  });
}

Reminders::Outcome Reminders::Send(const Call& call, int64_t user_id, const Known& known) {
  safety::v1::GetModeRequest ask_mode;
  ask_mode.set_user_id(user_id);
  const auto mode = peers_.safety.GetMode(call, ask_mode);
  if (!mode.ok()) return Outcome::kNotNow;
  if (mode->has_mode()) return Outcome::kNextTime;
  const absl::StatusOr<Conversation> conversation = conversations_.Get(call, user_id);
  if (!conversation.ok()) return Outcome::kNotNow;
  if (GoalOf(conversation->state) != Goal::kCoach) return Outcome::kNextTime;

  const Language language = LanguageOf(conversation->language);
  const std::string today = absl::FormatCivilTime(DayAt(clock_(), ZoneOf(known.preferences)));
  coach::v1::ProposeCheckInRequest ask_words;
  ask_words.set_user_id(user_id);
  ask_words.set_language(std::string(TagOf(language)));
  ask_words.set_today(today);
  const auto words = peers_.coach.ProposeCheckIn(call, ask_words);
  if (!words.ok() || words->message_text().empty()) {
    observe::Warning("reminder text unavailable", {{"status", words.status()}});
    return status::IsRetryable(words.status()) ? Outcome::kNotNow : Outcome::kNextTime;
  }

  // One reminder a day, whoever it is of.
  notification::v1::TakeReminderDayRequest take_day;
  take_day.set_user_id(user_id);
  take_day.set_reminder_key(absl::StrCat("check_in:", today));
  const auto day = peers_.notification.TakeReminderDay(call, take_day);
  if (!day.ok()) return Outcome::kNotNow;
  if (!day->taken()) return Outcome::kNextTime;

  v1::SendMessageRequest request;
  request.set_user_id(user_id);
  request.set_idempotency_key(absl::StrCat("check_in:", user_id, ":", today));
  request.set_message_text(words->message_text());
  for (v1::ButtonRow& row : ReminderButtons(language, known.preferences)) {
    *request.add_button_rows() = std::move(row);
  }
  const auto sent = peers_.gateway.SendMessage(call, request);
  if (status::IsRetryable(sent.status()) || absl::IsResourceExhausted(sent.status())) {
    return Outcome::kNotNow;
  }
  // One that is refused, such as by who has blocked the bot, counts: after four nothing more is
  // tried.
  if (!sent.ok()) observe::Info("reminder rejected by the gateway", {{"status", sent.status()}});
  return Outcome::kSent;
}

absl::Status Reminders::NoteHeard(const Call& call, int64_t user_id) {
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const bool changed, store::NoteHeard(tx, user_id));
    if (!changed) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Preferences preferences, store::ReadPreferences(tx, user_id));
    ASSIGN_OR_RETURN(const ReminderHistory history, store::ReadReminderHistory(tx, user_id));
    store::SaveReminderDue(tx, user_id, NextReminder(preferences, history, clock_()));
    return absl::OkStatus();
  });
}

absl::StatusOr<bool> Reminders::TakeOffer(const Call& call, int64_t user_id,
                                          std::string_view event_id) {
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const Preferences preferences, store::ReadPreferences(tx, user_id));
    if (preferences.reminders()) return false;
    return store::TakeReminderOffer(tx, user_id, event_id, clock_());
  });
}

}  // namespace selfology::coaching_dialog
