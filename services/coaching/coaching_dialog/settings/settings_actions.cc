#include "services/coaching/coaching_dialog/settings/settings_actions.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "common/text/html.h"
#include "common/text/text.h"
#include "services/coaching/coaching_dialog/cards.h"
#include "services/coaching/coaching_dialog/settings/settings_panel.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

using notification::v1::FormOfAddress;
using notification::v1::UpdatePreferencesRequest;

constexpr int kLongestEcho = 64;  // Of a time zone that nobody knows, in characters.

std::string Key(const Turn& turn) { return CardKey(panel::kSettings, turn); }

FormOfAddress FormOf(std::string_view word) {
  if (word == "formal") return notification::v1::FORM_OF_ADDRESS_FORMAL;
  if (word == "informal") return notification::v1::FORM_OF_ADDRESS_INFORMAL;
  return notification::v1::FORM_OF_ADDRESS_UNSPECIFIED;
}

std::string Cut(std::string_view text) {
  return text::Characters(text) > kLongestEcho ? "…" : std::string(text);
}

}  // namespace

Reaction SettingsActions::Show(const Turn& turn, std::string_view zone) {
  zone = text::Trim(zone);
  if (zone.empty()) {
    const absl::StatusOr<Preferences> known = preferences_.Read(turn.call, turn.user_id);
    if (!known.ok()) return Reply(texts::Failure(turn.language, known.status()));
    return Panel(turn, *known);
  }
  const absl::StatusOr<Preferences> changed =
      preferences_.Change(turn.call, turn.user_id, [&](UpdatePreferencesRequest& request) {
        request.mutable_preferences()->set_time_zone(std::string(zone));
        request.mutable_update_mask()->add_paths("time_zone");
      });
  if (absl::IsInvalidArgument(changed.status())) {
    return Reply(absl::Substitute(Phrase(turn.language, Wording::kUnknownZone),
                                  text::EscapeHtml(Cut(zone))));
  }
  if (!changed.ok()) return Reply(texts::Failure(turn.language, changed.status()));
  return Panel(turn, *changed);
}

Reaction SettingsActions::Press(const Turn& turn, std::string_view argument) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(argument, absl::MaxSplits(':', 1));
  const auto& [what, value] = parts;
  const bool on = value == "on";
  const auto choose = [&](std::string_view field, const auto& set) {
    return Choose(turn, [&](UpdatePreferencesRequest& request) {
      set(*request.mutable_preferences());
      request.mutable_update_mask()->add_paths(std::string(field));
    });
  };
  if (what == "language") return ChooseLanguage(turn, value);
  if (what == "done") return Replace(Phrase(turn.language, Wording::kSettingsDone));
  if (what == "address") {
    if (value.empty()) return Reply(AddressPanel(turn.language, Key(turn)));
    return choose("form_of_address",
                  [&](Preferences& wanted) { wanted.set_form_of_address(FormOf(value)); });
  }
  if (what == "time") {
    if (value.empty()) return Reply(TimePanel(turn.language, Key(turn)));
    int minute = 0;
    if (!absl::SimpleAtoi(value, &minute)) return Stale(turn);
    return choose("reminder_minute",
                  [&](Preferences& wanted) { wanted.set_reminder_minute(minute); });
  }
  if (what == "zone") {
    if (value.empty()) return Reply(ZonePanel(turn.language, Key(turn), clock_()));
    return choose("time_zone", [&](Preferences& wanted) { wanted.set_time_zone(value); });
  }
  if (what == "quiet") {
    if (value.empty()) return Reply(QuietPanel(turn.language, Key(turn)));
    const std::pair<std::string, std::string> hours =
        absl::StrSplit(value, absl::MaxSplits('-', 1));
    int from = 0;
    int until = 0;
    if (!absl::SimpleAtoi(hours.first, &from) || !absl::SimpleAtoi(hours.second, &until)) {
      return Stale(turn);
    }
    return Choose(turn, [&](UpdatePreferencesRequest& request) {
      request.mutable_preferences()->set_quiet_from_minute(from);
      request.mutable_preferences()->set_quiet_until_minute(until);
      request.mutable_update_mask()->add_paths("quiet_from_minute");
      request.mutable_update_mask()->add_paths("quiet_until_minute");
    });
  }
  if (what == "reminders") {
    return choose("reminders", [&](Preferences& wanted) { wanted.set_reminders(on); });
  }
  if (what == "statements") {
    return choose("no_statements", [&](Preferences& wanted) { wanted.set_no_statements(!on); });
  }
  if (what == "heavy") {
    return choose("heavy_questions", [&](Preferences& wanted) { wanted.set_heavy_questions(on); });
  }
  return Show(turn, "");  // Back, and what an older panel had.
}

Reaction SettingsActions::PressReminder(const Turn& turn, std::string_view argument) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(argument, absl::MaxSplits(':', 1));
  const auto& [what, value] = parts;
  if (what == "no") return Replace(Phrase(turn.language, Wording::kReminderOfferDeclined));
  int number = 0;
  if (what == "at" && absl::SimpleAtoi(value, &number)) return SwitchOn(turn, number);
  absl::StatusOr<Preferences> changed;
  if (what == "stop") {
    changed = preferences_.Change(turn.call, turn.user_id, [](UpdatePreferencesRequest& request) {
      request.mutable_update_mask()->add_paths("reminders");
    });
  } else if (what == "every" && absl::SimpleAtoi(value, &number)) {
    changed = preferences_.Change(turn.call, turn.user_id, [&](UpdatePreferencesRequest& request) {
      request.mutable_preferences()->set_days_between_reminders(number);
      request.mutable_update_mask()->add_paths("days_between_reminders");
    });
  } else {
    return Stale(turn);
  }
  if (absl::IsInvalidArgument(changed.status())) return Stale(turn);
  if (!changed.ok()) return Reply(texts::Failure(turn.language, changed.status()));
  if (!changed->reminders()) {
    return Reply(std::string(Phrase(turn.language, Wording::kRemindersOff)));
  }
  return Reply(absl::Substitute(Phrase(turn.language, Wording::kRemindersFewer),
                                CountedDays(turn.language, changed->days_between_reminders())));
}

Reaction SettingsActions::SwitchOn(const Turn& turn, int minute) {
  const absl::StatusOr<Preferences> changed =
      preferences_.Change(turn.call, turn.user_id, [&](UpdatePreferencesRequest& request) {
        request.mutable_preferences()->set_reminders(true);
        request.mutable_preferences()->set_reminder_minute(minute);
        request.mutable_update_mask()->add_paths("reminders");
        request.mutable_update_mask()->add_paths("reminder_minute");
      });
  if (absl::IsInvalidArgument(changed.status())) return Stale(turn);
  if (!changed.ok()) return Reply(texts::Failure(turn.language, changed.status()));
  return Reply(RemindersOn(turn.language, Key(turn), *changed, clock_()));
}

Reaction SettingsActions::Choose(const Turn& turn, const Change& change) {
  const absl::StatusOr<Preferences> changed = preferences_.Change(turn.call, turn.user_id, change);
  // A button of other times.
  if (absl::IsInvalidArgument(changed.status())) return Stale(turn);
  if (!changed.ok()) return Reply(texts::Failure(turn.language, changed.status()));
  return Panel(turn, *changed);
}

Reaction SettingsActions::Panel(const Turn& turn, const Preferences& preferences) {
  return Reply(SettingsPanel(turn.language, Key(turn), preferences, clock_()));
}

Reaction SettingsActions::ChooseLanguage(const Turn& turn, std::string_view tag) {
  if (tag.empty()) return Reply(LanguagePanel(turn.language, Key(turn)));
  Reaction chosen = account_.SetLanguage(turn, tag, /*in_place=*/true);
  if (chosen.language().empty()) return chosen;  // It says why not.
  Turn spoken = turn;
  spoken.language = LanguageOf(chosen.language());
  Reaction reaction = Show(spoken, "");
  reaction.set_language(chosen.language());
  return reaction;
}

}  // namespace selfology::coaching_dialog
