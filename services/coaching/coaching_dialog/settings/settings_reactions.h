// What the dialog answers to commands and buttons of settings, privacy, memory, moods, the profile and
// reminders.
//
//   std::optional<Reaction> reaction = settings.To(turn, request.update());
//   if (!reaction.has_value()) ...                       // It is somebody else's to answer.
//   settings.NoteHeard(turn, request.update());
//
// The menu that somebody has open is remembered, so that /cancel, or "cancel" in words, closes it.
// What fails is told to the person. Threads: thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "selfology/telegram/v1/dialog_service.pb.h"
#include "services/coaching/coaching_dialog/settings/export_actions.h"
#include "services/coaching/coaching_dialog/settings/linking_actions.h"
#include "services/coaching/coaching_dialog/settings/memory_actions.h"
#include "services/coaching/coaching_dialog/settings/mood_actions.h"
#include "services/coaching/coaching_dialog/settings/profile_actions.h"
#include "services/coaching/coaching_dialog/settings/reminders.h"
#include "services/coaching/coaching_dialog/settings/settings_actions.h"
#include "services/coaching/coaching_dialog/texts.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

// In the order of the menu; /settings and /cancel are the gateway's and come here from there.
std::vector<texts::Command> SettingsCommands(Language language);
// One line of /help for each of them.
std::string SettingsHelp(Language language);
// The buttons that To knows.
absl::Span<const std::string_view> SettingsButtons();

class SettingsReactions {
 public:
  using Clock = std::function<absl::Time()>;

  // All of it outlives the object.
  struct Parts {
    postgres::Database& database;
    AccountActions& account;
    SettingsActions& settings;
    MemoryActions& memory;
    MoodActions& moods;
    ExportActions& exports;
    LinkingActions& linking;
    ProfileActions& profile;
    Reminders& reminders;
    Clock clock;
  };

  explicit SettingsReactions(Parts parts) : parts_(std::move(parts)) {}

  std::optional<Reaction> To(const Turn& turn, const v1::DialogUpdate& update);

  // Whatever a person does answers the reminders before it.
  void NoteHeard(const Turn& turn, const v1::DialogUpdate& update);

  // Once somebody is through with the questions, reminders are offered behind what they are told.
  void AddOffer(const Call& call, const v1::RenderEventRequest& request, Reaction& reaction);

 private:
  std::optional<Reaction> Answer(const Turn& turn, const v1::DialogUpdate& update);
  std::optional<Reaction> ToCommand(const Turn& turn, const v1::GivenCommand& command);
  std::optional<Reaction> ToButton(const Turn& turn, const v1::PressedButton& button);
  // nullopt: nothing is open.
  std::optional<Reaction> Cancel(const Turn& turn, absl::Duration opened_within);
  void KeepPanel(const Turn& turn, const Reaction& reaction);

  const Parts parts_;
};

}  // namespace selfology::coaching_dialog
