// What people choose: /settings, the buttons of its panel, and those of reminders.
// As ../onboarding_actions.h.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "services/coaching/coaching_dialog/account_actions.h"
#include "services/coaching/coaching_dialog/settings/chosen_preferences.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

class SettingsActions {
 public:
  using Clock = std::function<absl::Time()>;

  // The references outlive it.
  SettingsActions(ChosenPreferences& preferences, AccountActions& account, Clock clock)
      : preferences_(preferences), account_(account), clock_(std::move(clock)) {}

  // `zone`: a time zone to choose at once; empty: none.
  Reaction Show(const Turn& turn, std::string_view zone);
  // A button of the panel, such as "reminders:on".
  Reaction Press(const Turn& turn, std::string_view argument);
  // One under a reminder, or under the offer of them, such as "stop".
  Reaction PressReminder(const Turn& turn, std::string_view argument);

 private:
  using Change = std::function<void(notification::v1::UpdatePreferencesRequest&)>;
  // The panel as it is after the change.
  Reaction Choose(const Turn& turn, const Change& change);
  Reaction Panel(const Turn& turn, const Preferences& preferences);
  Reaction SwitchOn(const Turn& turn, int minute);
  Reaction ChooseLanguage(const Turn& turn, std::string_view tag);

  ChosenPreferences& preferences_;
  AccountActions& account_;
  const Clock clock_;
};

}  // namespace selfology::coaching_dialog
