#include "services/edge/telegram_gateway/routing/route.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/text/text.h"

namespace selfology::telegram_gateway {
namespace {

// A misspelt command is taken for one that is no farther from it.
constexpr int kFarthest = 2;
constexpr size_t kLongestMisspelt = 40;

bool IsCommandLetter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// "/start@selfology_bot payload"; anything else that begins with "/" is somebody's words.
Act ReadText(const std::string& text, std::string_view bot_username) {
  const std::string_view trimmed = text::Trim(text);
  if (trimmed.empty()) return Ignored{"empty"};
  if (trimmed[0] != '/') return Words{text};
  const auto* const end = std::find_if_not(trimmed.begin() + 1, trimmed.end(), IsCommandLetter);
  const std::string_view word(trimmed.begin() + 1, end);
  std::string_view rest(end, trimmed.end());
  if (word.empty()) return Words{text};
  if (!rest.empty() && rest[0] == '@') {
    const size_t space = std::min(rest.find_first_of(" \t\n"), rest.size());
    const std::string_view addressee = rest.substr(1, space - 1);
    if (!bot_username.empty() && !absl::EqualsIgnoreCase(addressee, bot_username)) {
      return Ignored{"command of another bot"};
    }
    rest.remove_prefix(space);
  } else if (!rest.empty() && !absl::ascii_isspace(static_cast<unsigned char>(rest[0]))) {
    return Words{text};
  }
  return Command{absl::AsciiStrToLower(word), std::string(text::Trim(rest))};
}

Act ReadButton(const Update& update) {
  const size_t colon = std::min(update.text.find(':'), update.text.size());
  return Press{.callback_id = update.callback_id,
               .message_id = update.message_id,
               .action = update.text.substr(0, colon),
               .argument = update.text.substr(std::min(colon + 1, update.text.size()))};
}

// Where somebody is in a live location is no words either.
Act ReadEdit(const Update& update) {
  const std::string& words = update.content == Content::kText ? update.text : update.caption;
  return text::Trim(words).empty() ? Act(Ignored{"edit without words"}) : Act(Edited{words});
}

// "@selfology_bot", as a word.
bool Mentions(std::string_view text, std::string_view bot_username) {
  if (bot_username.empty()) return false;
  const std::string words = absl::AsciiStrToLower(text);
  const std::string name = absl::StrCat("@", absl::AsciiStrToLower(bot_username));
  for (size_t at = words.find(name); at != std::string::npos; at = words.find(name, at + 1)) {
    const size_t end = at + name.size();
    if (end == words.size() || !IsCommandLetter(words[end])) return true;
  }
  return false;
}

Act ReadGroup(const Update& update, std::string_view bot_username) {
  if (update.kind == UpdateKind::kMembership) {
    const bool was_there = update.role_before == "member" ||
                           update.role_before == "administrator" ||
                           update.role_before == "restricted";
    const bool is_there = update.role == "member" || update.role == "administrator";
    return is_there && !was_there ? Act(InGroup{}) : Act(Ignored{"membership"});
  }
  if (update.kind != UpdateKind::kMessage) return Ignored{"group"};
  const std::string& words = update.content == Content::kText ? update.text : update.caption;
  const bool spoken_to = std::holds_alternative<Command>(ReadText(words, bot_username)) ||
                         Mentions(words, bot_username);
  return spoken_to ? Act(InGroup{}) : Act(Ignored{"group"});
}

Act ReadChannel(const Update& update) {
  switch (update.kind) {
    case UpdateKind::kPost:
      return InChannel{v1::CHANNEL_UPDATE_KIND_POST};
    case UpdateKind::kEditedPost:
      return InChannel{v1::CHANNEL_UPDATE_KIND_EDITED_POST};
    case UpdateKind::kMembership:
      return InChannel{v1::CHANNEL_UPDATE_KIND_MEMBERSHIP};
    case UpdateKind::kReactionCounts:
      return InChannel{v1::CHANNEL_UPDATE_KIND_REACTION_COUNTS};
    default:
      return Ignored{"channel"};
  }
}

Act ReadReaction(const Update& update) {
  Reacted reacted;
  for (const CountedEmoji& emoji : update.emoji) reacted.emoji.push_back(emoji.emoji);
  return reacted;
}

v1::ContentKind KindOf(Content content) {
  switch (content) {
    case Content::kPicture:
      return v1::CONTENT_KIND_PHOTO;
    case Content::kVoice:
      return v1::CONTENT_KIND_VOICE;
    case Content::kSticker:
      return v1::CONTENT_KIND_STICKER;
    case Content::kDocument:
      return v1::CONTENT_KIND_DOCUMENT;
    case Content::kNone:
    case Content::kText:
    case Content::kOther:
      break;
  }
  return v1::CONTENT_KIND_UNSPECIFIED;
}

v1::DialogUpdate CommandUpdate(std::string name, std::string argument) {
  v1::DialogUpdate update;
  update.mutable_command()->set_name(std::move(name));
  update.mutable_command()->set_argument(std::move(argument));
  return update;
}

Route Listener(const Act& act, std::string_view listening) {
  if (listening.empty()) return Say{Say::What::kMenu};
  return AskDialog{.dialog = std::string(listening), .update = ToldOf(act)};
}

// The dialog that a deep link names, with what stands behind its name: "garden_spring" or "garden".
Route Start(const std::string& payload, const Directory& dialogs, std::string_view listening) {
  const auto begin = [](std::string_view dialog, std::string_view argument, bool chosen) {
    return AskDialog{.dialog = std::string(dialog),
                     .update = CommandUpdate("start", std::string(argument)),
                     .chosen = chosen};
  };
  if (dialogs.HasChoice()) {
    std::string_view named;
    for (const std::string& dialog : dialogs.talking()) {
      const bool names = payload == dialog || absl::StartsWith(payload, absl::StrCat(dialog, "_"));
      if (names && dialog.size() > named.size()) named = dialog;
    }
    if (!named.empty()) {
      const size_t rest = std::min(named.size() + 1, payload.size());
      return begin(named, std::string_view(payload).substr(rest), /*chosen=*/true);
    }
  }
  if (listening.empty()) return Say{Say::What::kMenu};
  return begin(listening, payload, /*chosen=*/false);
}

// /cancel and /settings: of whom the person talks with, else of the only dialog that has it.
Route Shared(const Command& command, const Directory& dialogs, std::string_view listening) {
  std::string_view owner;
  int owners = 0;
  for (const v1::DialogDescription& description : dialogs.all()) {
    if (!dialogs.Declares(description.dialog(), command.name)) continue;
    if (description.dialog() == listening) return Listener(Act(command), listening);
    owner = description.dialog();
    ++owners;
  }
  if (owners == 1) return Listener(Act(command), owner);
  return Say{command.name == "cancel" ? Say::What::kNothingToCancel : Say::What::kNothingToSet};
}

std::string Nearest(std::string_view misspelt, const Directory& dialogs) {
  std::string nearest;
  int distance = std::min<int>(kFarthest + 1, static_cast<int>(misspelt.size()));
  if (misspelt.size() > kLongestMisspelt) return nearest;
  const auto consider = [&](const std::string& command) {
    const int far = EditDistance(misspelt, command);
    if (far >= distance) return;
    distance = far;
    nearest = command;
  };
  consider("start");
  consider("help");
  for (const v1::DialogDescription& description : dialogs.all()) {
    for (const v1::DialogCommand& command : description.commands()) {
      if (command.descriptions().empty()) continue;
      consider(command.name());
      for (const std::string& alias : command.aliases()) consider(alias);
    }
  }
  return nearest;
}

Route RouteOfCommand(const Command& given, const Directory& dialogs, std::string_view listening) {
  const Command command{std::string(dialogs.OwnNameOf(given.name)), given.argument};
  if (command.name.empty()) {
    return Say{Say::What::kUnknownCommand, Nearest(given.name, dialogs)};
  }
  if (command.name == "start") return Start(command.argument, dialogs, listening);
  if (command.name == "help") return Say{Say::What::kHelp};
  if (IsGatewaysCommand(command.name)) return Shared(command, dialogs, listening);
  return AskDialog{.dialog = std::string(dialogs.OwnerOfCommand(command.name)),
                   .update = ToldOf(Act(command))};
}

Route RouteOfPress(const Press& press, const Directory& dialogs) {
  if (press.action == kOpen && dialogs.CanTalk(press.argument)) {
    return AskDialog{
        .dialog = press.argument, .update = CommandUpdate("start", ""), .chosen = true};
  }
  // Under /help: back to the menu.
  if (press.action == kOpen && press.argument.empty() && dialogs.HasChoice()) {
    return Say{Say::What::kMenu};
  }
  const std::string_view owner = dialogs.OwnerOfButton(press.action);
  if (owner.empty()) return Say{Say::What::kStaleButton};
  return AskDialog{.dialog = std::string(owner), .update = ToldOf(Act(press))};
}

}  // namespace

Act ActOf(const Update& update, std::string_view bot_username) {
  if (update.kind == UpdateKind::kOther) return Ignored{"kind"};
  if (update.channel) return ReadChannel(update);
  if (update.user_id == 0) return Ignored{"nobody"};
  if (update.from_bot) return Ignored{"bot"};
  if (update.group) return ReadGroup(update, bot_username);
  // A press under a message too old for Telegram to show has no chat, and still wants its answer.
  if (!update.private_chat && !(update.kind == UpdateKind::kButton && update.chat_id == 0)) {
    return Ignored{"group"};
  }
  switch (update.kind) {
    case UpdateKind::kMessage:
      if (update.content == Content::kNone) return Ignored{"service message"};
      if (update.content != Content::kText) return NotText{update.content, update.caption};
      return ReadText(update.text, bot_username);
    case UpdateKind::kEditedMessage:
      return ReadEdit(update);
    case UpdateKind::kButton:
      return ReadButton(update);
    case UpdateKind::kMembership:
      return update.blocked ? Act(Left{}) : Act(Ignored{"membership"});
    case UpdateKind::kReaction:
      return ReadReaction(update);
    case UpdateKind::kPost:
    case UpdateKind::kEditedPost:
    case UpdateKind::kReactionCounts:
    case UpdateKind::kOther:
      break;
  }
  return Ignored{"kind"};
}

v1::DialogUpdate ToldOf(const Act& act) {
  v1::DialogUpdate update;
  if (const auto* command = std::get_if<Command>(&act)) {
    return CommandUpdate(command->name, command->argument);
  }
  if (const auto* words = std::get_if<Words>(&act)) update.set_words(words->text);
  if (const auto* edited = std::get_if<Edited>(&act)) update.set_edited_words(edited->text);
  if (const auto* press = std::get_if<Press>(&act)) {
    update.mutable_button()->set_action(press->action);
    update.mutable_button()->set_argument(press->argument);
  }
  if (const auto* other = std::get_if<NotText>(&act)) {
    update.mutable_content()->set_kind(KindOf(other->content));
    update.mutable_content()->set_caption(other->caption);
  }
  if (const auto* reacted = std::get_if<Reacted>(&act)) {
    v1::ChangedReaction& reaction = *update.mutable_reaction();
    for (const std::string& emoji : reacted->emoji) reaction.add_emoji(emoji);
  }
  if (std::holds_alternative<Left>(act)) update.set_left(true);
  return update;
}

bool HasWords(const Act& act) {
  const auto* const other = std::get_if<NotText>(&act);
  if (const auto* command = std::get_if<Command>(&act)) return !command->argument.empty();
  return std::holds_alternative<Words>(act) || std::holds_alternative<Edited>(act) ||
         (other != nullptr && !text::Trim(other->caption).empty());
}

Route RouteOf(const Act& act, const Directory& dialogs, std::string_view listening,
              std::string_view author) {
  if (const auto* command = std::get_if<Command>(&act)) {
    return RouteOfCommand(*command, dialogs, listening);
  }
  if (const auto* press = std::get_if<Press>(&act)) return RouteOfPress(*press, dialogs);
  if (std::holds_alternative<Left>(act)) return Part{};
  const bool has_words = std::holds_alternative<Words>(act) ||
                         std::holds_alternative<NotText>(act) ||
                         std::holds_alternative<Edited>(act);
  // Guards hear words anyway.
  if (has_words) return Listener(act, dialogs.CanTalk(author) ? author : listening);
  if (!std::holds_alternative<Reacted>(act)) return Nothing{};
  const std::string_view hears = dialogs.Find(author) != nullptr ? author : listening;
  if (hears.empty()) return Nothing{};
  return AskDialog{.dialog = std::string(hears), .update = ToldOf(act)};
}

int EditDistance(std::string_view a, std::string_view b) {
  // Rows of the usual table: two letters of `a` ago, one letter ago, now.
  std::vector<int> before_last;
  std::vector<int> last(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    std::vector<int> row(b.size() + 1);
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, std::move(row));
  }
  return last[b.size()];
}

}  // namespace selfology::telegram_gateway
