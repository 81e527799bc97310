#include "services/edge/telegram_gateway/routing/directory.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/enums/word.h"
#include "common/language/tag.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"

namespace selfology::telegram_gateway {
namespace {

using google::protobuf::RepeatedPtrField;
using status::FieldViolations;

using Texts = RepeatedPtrField<v1::LocalizedText>;

constexpr size_t kLongestName = 40;
constexpr size_t kLongestCommand = 32;
constexpr size_t kLongestAction = 62;  // With ":" and something behind it: Telegram's 64 bytes.
constexpr int kLongestTitle = 64;      // A button's label.
constexpr int kLongestMenuText = 256;
constexpr size_t kLongestMenuName = 32;
constexpr absl::Duration kLongestGather = absl::Seconds(3);
constexpr int kMostAliases = 20;
constexpr int kMost = 100;  // Of anything; also what Telegram's menu of commands holds.
constexpr std::string_view kEnglish = "en";

constexpr std::string_view kGatewaysCommands[] = {"start", "help", "settings", "cancel"};
constexpr std::string_view kGatewaysEvents[] = {"message.send.requested", "state.change.requested"};
// First parts of the keys of outgoing messages (see Outgoing), where dialogs' names stand, too.
constexpr std::string_view kFirstPartsOfKeys[] = {"event",  "guard",     "held", "menu",
                                                  "parked", "requested", "rpc",  "update"};

template <typename List, typename What>
bool IsIn(const List& list, const What& word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

bool IsWord(std::string_view text, size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                  absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_';
         });
}

bool IsAction(std::string_view text) {
  return !text.empty() && text.size() <= kLongestAction &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isgraph(static_cast<unsigned char>(c)) && c != ':';
         });
}

// longest: in characters; 0: as long as it likes.
void CheckTexts(const std::string& field, const Texts& texts, int longest, FieldViolations& bad) {
  if (texts.size() > kMost) {
    bad.Add(field, "must be at most 100");
    return;
  }
  bool english = false;
  for (const v1::LocalizedText& localized : texts) {
    if (!language::Tag::Parse(localized.language()).has_value()) {
      bad.Add(absl::StrCat(field, ".language"), "must be a language tag (BCP 47)");
    }
    english = english || localized.language() == kEnglish;
    const int characters = text::Characters(localized.text());
    if (text::Trim(localized.text()).empty() || (longest > 0 && characters > longest)) {
      bad.Add(absl::StrCat(field, ".text"),
              longest > 0 ? absl::StrCat("must be 1 to ", longest, " characters")
                          : "must not be empty");
    }
  }
  if (!english) bad.Add(field, "must have a text in \"en\"");
}

void CheckMenus(const std::string& field, const v1::DialogCommand& command, FieldViolations& bad) {
  if (command.menus_size() > kMost) bad.Add(field, "must be at most 100");
  for (const std::string& menu : command.menus()) {
    if (IsMenu(menu)) continue;
    bad.Add(field, "must be 1 to 32 of a to z and _ each");
    break;
  }
}

template <typename CheckName>
void CheckAliases(const std::string& field, const v1::DialogCommand& command,
                  const CheckName& check_name, FieldViolations& bad) {
  if (command.aliases_size() > kMostAliases) {
    bad.Add(field, "must be at most 20");
    return;
  }
  for (int i = 0; i < command.aliases_size(); ++i) {
    const std::string element = absl::StrCat(field, "[", i, "]");
    check_name(element, command.aliases(i));
    if (IsGatewaysCommand(command.aliases(i))) {
      bad.Add(element, "must not be /start, /help, /settings or /cancel");
    }
  }
}

void CheckCommands(const v1::DialogDescription& description, FieldViolations& bad) {
  if (description.commands_size() > kMost) {
    bad.Add("commands", "must be at most 100");
    return;
  }
  std::set<std::string_view> seen;
  const auto check_name = [&](const std::string& field, const std::string& name) {
    if (!IsWord(name, kLongestCommand)) bad.Add(field, "must be 1 to 32 of a to z, 0 to 9 and _");
    if (!seen.insert(name).second) bad.Add(field, "must not be there twice");
  };
  for (int i = 0; i < description.commands_size(); ++i) {
    const v1::DialogCommand& command = description.commands(i);
    const std::string field = absl::StrCat("commands[", i, "]");
    check_name(absl::StrCat(field, ".name"), command.name());
    CheckAliases(absl::StrCat(field, ".aliases"), command, check_name, bad);
    if (!command.descriptions().empty()) {
      CheckTexts(absl::StrCat(field, ".descriptions"), command.descriptions(), kLongestMenuText,
                 bad);
    }
    CheckMenus(absl::StrCat(field, ".menus"), command, bad);
  }
}

void CheckButtonActions(const v1::DialogDescription& description, FieldViolations& bad) {
  if (description.button_actions_size() > kMost) {
    bad.Add("button_actions", "must be at most 100");
    return;
  }
  for (int i = 0; i < description.button_actions_size(); ++i) {
    const std::string field = absl::StrCat("button_actions[", i, "]");
    if (!IsAction(description.button_actions(i))) {
      bad.Add(field, "must be 1 to 62 printable ASCII characters without space and \":\"");
    }
    if (description.button_actions(i) == kOpen) {
      bad.Add(field, "must not be the gateway's \"open\"");
    }
  }
}

void CheckEventTypes(const v1::DialogDescription& description, FieldViolations& bad) {
  for (int i = 0; i < description.event_types_size(); ++i) {
    const std::string field = absl::StrCat("event_types[", i, "]");
    if (description.event_types(i).empty()) bad.Add(field, "must not be empty");
    if (IsIn(kGatewaysEvents, description.event_types(i))) {
      bad.Add(field, "must not be one that the gateway handles itself");
    }
  }
}

void CheckGather(const v1::DialogDescription& description, FieldViolations& bad) {
  const absl::Duration gather = absl::Seconds(description.gather().seconds()) +
                                absl::Nanoseconds(description.gather().nanos());
  if (gather < absl::ZeroDuration() || gather > kLongestGather) {
    bad.Add("gather", "must be 0 to 3 s");
  }
}

void CheckChannelUpdates(const v1::DialogDescription& description, FieldViolations& bad) {
  for (int i = 0; i < description.channel_updates_size(); ++i) {
    // One that this gateway does not know yet, it cannot ask Telegram for.
    if (!enums::IsNamed(description.channel_updates(i))) {
      bad.Add(absl::StrCat("channel_updates[", i, "]"), "must be a known ChannelUpdateKind");
    }
  }
}

absl::Status Conflict(std::string_view owner, std::string_view dialog, std::string_view kind,
                      std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("dialogs \"", owner, "\" and \"", dialog,
                                                 "\" both claim the ", kind, " \"", what, "\""));
}

}  // namespace

bool IsMenu(std::string_view name) {
  return !name.empty() && name.size() <= kLongestMenuName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_islower(static_cast<unsigned char>(c)) || c == '_';
         });
}

bool IsGatewaysCommand(std::string_view command) { return IsIn(kGatewaysCommands, command); }

absl::Status CheckName(std::string_view name) {
  if (!IsWord(name, kLongestName)) {
    return status::InvalidField("dialog", "must be 1 to 40 of a to z, 0 to 9 and _");
  }
  if (IsIn(kFirstPartsOfKeys, name)) {
    return status::InvalidField("dialog", "must not be event, guard, requested, rpc or update");
  }
  return absl::OkStatus();
}

absl::Status CheckDescription(std::string_view name, const v1::DialogDescription& description) {
  FieldViolations bad;
  if (description.dialog() != name) {
    bad.Add("dialog", absl::StrCat("must be \"", name, "\", as it was asked by"));
  }
  // People do not choose a guard.
  if (!description.has_guard() || !description.titles().empty()) {
    CheckTexts("titles", description.titles(), kLongestTitle, bad);
  }
  CheckCommands(description, bad);
  CheckButtonActions(description, bad);
  CheckEventTypes(description, bad);
  CheckGather(description, bad);
  CheckChannelUpdates(description, bad);
  if (!description.help().empty()) CheckTexts("help", description.help(), /*longest=*/0, bad);
  if (description.has_guard()) {
    CheckTexts("guard.card", description.guard().card(), /*longest=*/0, bad);
  }
  return bad.ToStatus();
}

std::string_view TextFor(const Texts& texts, std::string_view tag) {
  std::vector<std::string_view> supported;
  for (const v1::LocalizedText& localized : texts) supported.push_back(localized.language());
  const std::string_view best = language::Best(tag, supported).value_or(kEnglish);
  for (const v1::LocalizedText& localized : texts) {
    if (localized.language() == best) return localized.text();
  }
  return texts.empty() ? std::string_view() : texts[0].text();
}

absl::StatusOr<Directory> Directory::Of(std::vector<v1::DialogDescription> descriptions,
                                        std::string_view first) {
  Directory directory;
  for (const v1::DialogDescription& description : descriptions) {
    RETURN_IF_ERROR(directory.Add(description));
  }
  directory.descriptions_ = std::move(descriptions);
  if (directory.CanTalk(first)) directory.first_ = std::string(first);
  return directory;
}

absl::Status Directory::Claim(const std::string& name, const Command& command,
                              const std::string& dialog) {
  const auto [known, is_new] = commands_.try_emplace(name, command);
  if (is_new || known->second == command) return absl::OkStatus();
  // Of an alias of the gateway's commands it is not kept whose it is.
  const std::string& owner = known->second.owner;
  return Conflict(owner.empty() ? absl::StrCat("/", known->second.own_name) : owner, dialog,
                  "command", name);
}

absl::Status Directory::Add(const v1::DialogDescription& description) {
  const std::string& dialog = description.dialog();
  if (IsIn(guards_, dialog) || IsIn(talking_, dialog)) {
    return absl::InvalidArgumentError(absl::StrCat("the dialog \"", dialog, "\" is there twice"));
  }
  (description.has_guard() ? guards_ : talking_).push_back(dialog);
  for (const v1::DialogCommand& command : description.commands()) {
    const Command own{.owner = IsGatewaysCommand(command.name()) ? "" : dialog,
                      .own_name = command.name()};
    RETURN_IF_ERROR(Claim(command.name(), own, dialog));
    for (const std::string& alias : command.aliases()) RETURN_IF_ERROR(Claim(alias, own, dialog));
  }
  for (const std::string& action : description.button_actions()) {
    const auto [owner, is_new] = buttons_.try_emplace(action, dialog);
    if (!is_new && owner->second != dialog) {
      return Conflict(owner->second, dialog, "button action", action);
    }
  }
  for (const std::string& type : description.event_types()) event_types_.insert(type);
  return absl::OkStatus();
}

const v1::DialogDescription* Directory::Find(std::string_view dialog) const {
  for (const v1::DialogDescription& description : descriptions_) {
    if (description.dialog() == dialog) return &description;
  }
  return nullptr;
}

bool Directory::IsGuard(std::string_view dialog) const {
  return std::find(guards_.begin(), guards_.end(), dialog) != guards_.end();
}

bool Directory::CanTalk(std::string_view dialog) const { return IsIn(talking_, dialog); }

std::string_view Directory::Listening(std::string_view chosen) const {
  for (const std::string& dialog : talking_) {
    if (dialog == chosen || !HasChoice()) return dialog;
  }
  return first_;
}

std::string_view Directory::OwnNameOf(std::string_view command) const {
  if (IsGatewaysCommand(command)) return command;
  const auto known = commands_.find(command);
  return known == commands_.end() ? std::string_view() : known->second.own_name;
}

std::string_view Directory::OwnerOfCommand(std::string_view command) const {
  const auto known = commands_.find(command);
  return known == commands_.end() ? std::string_view() : known->second.owner;
}

std::string_view Directory::OwnerOfButton(std::string_view action) const {
  const auto owner = buttons_.find(action);
  return owner == buttons_.end() ? std::string_view() : owner->second;
}

bool Directory::Declares(std::string_view dialog, std::string_view command) const {
  const v1::DialogDescription* const description = Find(dialog);
  return description != nullptr &&
         std::any_of(description->commands().begin(), description->commands().end(),
                     [command](const v1::DialogCommand& c) { return c.name() == command; });
}

bool Directory::TakesPassedOn(std::string_view dialog) const {
  const v1::DialogDescription* const description = Find(dialog);
  return description != nullptr && description->takes_passed_on();
}

std::vector<std::string> Directory::TakersOf(v1::ChannelUpdateKind kind) const {
  std::vector<std::string> dialogs;
  for (const v1::DialogDescription& description : descriptions_) {
    if (IsIn(description.channel_updates(), kind)) dialogs.push_back(description.dialog());
  }
  return dialogs;
}

std::vector<std::string> Directory::RenderersOf(std::string_view event_type) const {
  std::vector<std::string> dialogs;
  for (const v1::DialogDescription& description : descriptions_) {
    if (IsIn(description.event_types(), event_type)) dialogs.push_back(description.dialog());
  }
  return dialogs;
}

}  // namespace selfology::telegram_gateway
