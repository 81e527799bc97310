#include "services/coaching/coaching_dialog/settings/settings_reactions.h"

#include <algorithm>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/events/event_type.h"
#include "common/observe/log.h"
#include "common/text/text.h"
#include "services/coaching/coaching_dialog/cards.h"
#include "services/coaching/coaching_dialog/goal.h"
#include "services/coaching/coaching_dialog/settings/settings_panel.h"
#include "services/coaching/coaching_dialog/settings/settings_store.h"
#include "services/coaching/coaching_dialog/settings/wording.h"

namespace selfology::coaching_dialog {
namespace {

using postgres::Transaction;

constexpr std::string_view kButtons[] = {panel::kSettings, panel::kMemory,  panel::kMood,
                                         panel::kPrivacy,  panel::kProfile, panel::kReminder,
                                         panel::kLink};

// What /cancel closes; in words it may as well be an answer to somebody who has long forgotten the
// menu.
constexpr absl::Duration kOpenForCommand = absl::Hours(1);
constexpr absl::Duration kOpenForWords = absl::Minutes(10);

constexpr std::string_view kCancelWords[] = {"cancel",   "close",    "отмена", "Отмена",
                                             "отменить", "Отменить", "отмени", "Отмени",
                                             "закрыть",  "Закрыть",  "закрой", "Закрой"};

bool AsksToCancel(std::string_view words) {
  words = text::Trim(words);
  while (!words.empty() && (words.back() == '.' || words.back() == '!')) words.remove_suffix(1);
  const std::string lower = absl::AsciiStrToLower(words);
  return std::find(std::begin(kCancelWords), std::end(kCancelWords), lower) !=
         std::end(kCancelWords);
}

bool Erases(const v1::DialogUpdate& update) {
  return update.button().action() == "delete" && update.button().argument() == "yes";
}

}  // namespace

std::vector<texts::Command> SettingsCommands(Language language) {
  const std::vector<std::string_view> begun = {menu::kQuestions, menu::kPaused, menu::kChat};
  return {
      {"memory", Phrase(language, Wording::kMenuMemory), begun, {"memories", "remember", "forget"}},
      {"mood", Phrase(language, Wording::kMenuMood), begun, {"moods", "feeling", "feelings"}},
      {"settings",
       Phrase(language, Wording::kMenuSettings),
       {},
       {"setting", "options", "preferences", "config", "reminders", "timezone"}},
      {"privacy",
       Phrase(language, Wording::kMenuPrivacy),
       {},
       {"gdpr", "policy", "data", "mydata", "my_data"}},
      {"export", Phrase(language, Wording::kMenuExport), begun, {"download", "backup"}},
      {"link", Phrase(language, Wording::kMenuLink), {}, {"connect", "login", "account"}},
      {"cancel", Phrase(language, Wording::kMenuCancel), begun, {"abort", "close"}}};
}

std::string SettingsHelp(Language language) {
  std::string help;
  for (const texts::Command& command : SettingsCommands(language)) {
    absl::StrAppend(&help, "\n/", command.name, " — ", command.effect);
  }
  return help;
}

absl::Span<const std::string_view> SettingsButtons() { return kButtons; }

std::optional<Reaction> SettingsReactions::To(const Turn& turn, const v1::DialogUpdate& update) {
  std::optional<Reaction> reaction = Answer(turn, update);
  if (reaction.has_value()) KeepPanel(turn, *reaction);
  return reaction;
}

std::optional<Reaction> SettingsReactions::Answer(const Turn& turn,
                                                  const v1::DialogUpdate& update) {
  if (update.has_command()) return ToCommand(turn, update.command());
  if (update.has_button()) return ToButton(turn, update.button());
  if (update.has_words() && AsksToCancel(update.words())) return Cancel(turn, kOpenForWords);
  return std::nullopt;
}

std::optional<Reaction> SettingsReactions::ToCommand(const Turn& turn,
                                                     const v1::GivenCommand& command) {
  const std::string& name = command.name();
  if (name == "settings") return parts_.settings.Show(turn, command.argument());
  if (name == "memory") return parts_.memory.Show(turn);
  if (name == "mood") return parts_.moods.Ask(turn);
  if (name == "profile") return parts_.profile.Show(turn);
  if (name == "privacy") return parts_.exports.ShowPrivacy(turn);
  if (name == "export") return parts_.exports.Export(turn);
  if (name == "link") return parts_.linking.Link(turn, command.argument());
  if (name == "cancel") {
    std::optional<Reaction> cancelled = Cancel(turn, kOpenForCommand);
    return cancelled.has_value()
               ? std::move(cancelled)
               : Reply(std::string(Phrase(turn.language, Wording::kNothingToCancel)));
  }
  if (name == "delete") {
    // Named, so that it can be cancelled.
    Reaction warning = parts_.account.WarnBeforeDelete(turn);
    warning.mutable_messages(0)->set_key(CardKey("delete", turn));
    return warning;
  }
  return std::nullopt;
}

std::optional<Reaction> SettingsReactions::ToButton(const Turn& turn,
                                                    const v1::PressedButton& button) {
  const std::string& action = button.action();
  if (action == panel::kSettings) return parts_.settings.Press(turn, button.argument());
  if (action == panel::kReminder) return parts_.settings.PressReminder(turn, button.argument());
  if (action == panel::kMemory) return parts_.memory.Press(turn, button.argument());
  if (action == panel::kMood) return parts_.moods.Press(turn, button.argument());
  if (action == panel::kProfile) return parts_.profile.Press(turn, button.argument());
  if (action == panel::kPrivacy) return parts_.exports.Press(turn, button.argument());
  if (action == panel::kLink) return parts_.linking.Press(turn, button.argument());
  return std::nullopt;
}

std::optional<Reaction> SettingsReactions::Cancel(const Turn& turn, absl::Duration opened_within) {
  const absl::StatusOr<std::string> open =
      parts_.database.Write(turn.call, [&](Transaction& tx) -> absl::StatusOr<std::string> {
        return store::ReadOpenPanel(tx, turn.user_id, parts_.clock() - opened_within);
      });
  if (!open.ok())
    observe::Warning("open settings menu could not be read", {{"status", open.status()}});
  if (!open.ok() || open->empty()) return std::nullopt;
  Reaction reaction = Reply(std::string(Phrase(turn.language, Wording::kCancelled)));
  Spend(reaction, *open);
  return reaction;
}

void SettingsReactions::KeepPanel(const Turn& turn, const Reaction& reaction) {
  std::string open;
  for (const v1::DialogMessage& message : reaction.messages()) {
    if (!message.button_rows().empty()) open = message.key();
  }
  // A notice leaves it as it was.
  const bool closes = !reaction.replacement().empty() || !reaction.spent_keys().empty();
  if (open.empty() && !closes) return;
  const absl::Status kept = parts_.database.Write(turn.call, [&](Transaction& tx) {
    store::SaveOpenPanel(tx, turn.user_id, open, parts_.clock());
    return absl::OkStatus();
  });
  if (!kept.ok()) observe::Warning("open settings menu not stored", {{"status", kept}});
}

void SettingsReactions::NoteHeard(const Turn& turn, const v1::DialogUpdate& update) {
  if (update.has_left() || Erases(update)) return;
  // Others are not reminded, so there is nothing to note; it costs a round trip.
  switch (GoalOf(turn.conversation.state)) {
    case Goal::kConsent:
    case Goal::kAnswer:
    case Goal::kPausedSession:
      return;
    case Goal::kCoach:
    case Goal::kPausedChat:
    case Goal::kUnknown:
      break;
  }
  const absl::Status noted = parts_.reminders.NoteHeard(turn.call, turn.user_id);
  if (!noted.ok()) observe::Warning("answer to a reminder not stored", {{"status", noted}});
}

void SettingsReactions::AddOffer(const Call& call, const v1::RenderEventRequest& request,
                                 Reaction& reaction) {
  static const std::string& completed =
      *new std::string(events::TypeOf<events::v1::SessionCompleted>());
  if (request.event_type() != completed || reaction.messages().empty()) return;
  events::v1::SessionCompleted event;
  if (!event.ParseFromString(request.payload())) return;
  const absl::StatusOr<bool> offer =
      parts_.reminders.TakeOffer(call, event.user_id(), request.event_id());
  if (!offer.ok()) observe::Warning("offer of reminders not made", {{"status", offer.status()}});
  if (!offer.ok() || !*offer) return;
  *reaction.add_messages() = ReminderOffer(LanguageOf(event.language()), "reminders:offer");
}

}  // namespace selfology::coaching_dialog
