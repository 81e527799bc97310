// What all dialogs said of themselves, put together: which of them a command, a button, an event is
// for.
//
//   RETURN_IF_ERROR(CheckDescription("garden_dialog", description));
//   ASSIGN_OR_RETURN(const Directory dialogs, Directory::Of({description, ...}));
//   dialogs.OwnNameOf("break")           // "pause": its command's own name
//   dialogs.OwnerOfCommand("pause")      // "garden_dialog"; empty: nobody's
//
// /start, /help, /settings and /cancel are the gateway's: what dialogs say of these are words for
// the menu, and several may.
// Errors: INVALID_ARGUMENT; CheckDescription names the field and the rule, Of names both dialogs
// that claim the same thing. Threads: a constant value; pure functions.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "selfology/telegram/v1/dialog.pb.h"

namespace selfology::telegram_gateway {

namespace v1 = ::selfology::telegram::v1;

// The button of the menu of dialogs: "open:<dialog>"; "open:" is the one that opens that menu.
inline constexpr std::string_view kOpen = "open";

// Whether a dialog can have this name.
absl::Status CheckName(std::string_view name);

// Whether a menu of commands (DialogReaction.menu) can have this name.
bool IsMenu(std::string_view name);

// What is wrong with what the dialog of that name said of itself.
absl::Status CheckDescription(std::string_view name, const v1::DialogDescription& description);

// The text in the language that fits the tag best; empty only if there is none at all.
std::string_view TextFor(const google::protobuf::RepeatedPtrField<v1::LocalizedText>& texts,
                         std::string_view tag);

class Directory {
 public:
  using EventTypes = std::set<std::string, std::less<>>;

  // In the order of the menu. Each has been checked. `first`: the one that hears a person who has not
  // chosen, if it is among them; empty: such a person is asked.
  static absl::StatusOr<Directory> Of(std::vector<v1::DialogDescription> descriptions,
                                      std::string_view first = "");

  const std::vector<v1::DialogDescription>& all() const { return descriptions_; }
  const v1::DialogDescription* Find(std::string_view dialog) const;

  // The names of those that see words before all others, and of those that people talk with.
  const std::vector<std::string>& guards() const { return guards_; }
  const std::vector<std::string>& talking() const { return talking_; }
  bool CanTalk(std::string_view dialog) const;
  bool IsGuard(std::string_view dialog) const;

  // The dialog that hears what a person writes, whom the table says to have chosen that one: it may
  // be gone meanwhile. Empty: the person has yet to choose.
  std::string_view Listening(std::string_view chosen) const;
  // Whether it is asked about words that another dialog passes on.
  bool TakesPassedOn(std::string_view dialog) const;
  // Whether there is something to choose.
  bool HasChoice() const { return talking_.size() > 1; }

  // The command's own name, whichever of its names this is; empty: none knows it.
  std::string_view OwnNameOf(std::string_view command) const;
  // By its own name. Empty: nobody's. Not for the gateway's own commands.
  std::string_view OwnerOfCommand(std::string_view command) const;
  std::string_view OwnerOfButton(std::string_view action) const;
  // Whether the dialog lists it, be it the gateway's own.
  bool Declares(std::string_view dialog, std::string_view command) const;

  // Those to ask about an event, in order.
  std::vector<std::string> RenderersOf(std::string_view event_type) const;
  const EventTypes& event_types() const { return event_types_; }

  // Those to tell of such an update of a channel, in order.
  std::vector<std::string> TakersOf(v1::ChannelUpdateKind kind) const;

 private:
  using Owners = std::map<std::string, std::string, std::less<>>;
  struct Command {
    std::string owner;  // Empty: the gateway.
    std::string own_name;
    friend bool operator==(const Command&, const Command&) = default;
  };

  absl::Status Claim(const std::string& name, const Command& command, const std::string& dialog);
  absl::Status Add(const v1::DialogDescription& description);

  std::vector<v1::DialogDescription> descriptions_;
  std::vector<std::string> guards_;
  std::vector<std::string> talking_;
  std::string first_;
  std::map<std::string, Command, std::less<>> commands_;  // By each of their names.
  Owners buttons_;
  EventTypes event_types_;
};

// /start, /help, /settings or /cancel.
bool IsGatewaysCommand(std::string_view command);

}  // namespace selfology::telegram_gateway
