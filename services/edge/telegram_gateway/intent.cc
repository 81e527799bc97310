#include "services/edge/telegram_gateway/intent.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/text/text.h"

namespace selfology::telegram_gateway {
namespace {

constexpr std::array<std::pair<std::string_view, CommandName>, 9> kCommands = {{
    {"start", CommandName::kStart},
    {"pause", CommandName::kPause},
    {"resume", CommandName::kResume},
    {"finish", CommandName::kFinish},
    {"skip", CommandName::kSkip},
    {"profile", CommandName::kProfile},
    {"language", CommandName::kLanguage},
    {"help", CommandName::kHelp},
    {"delete", CommandName::kDelete},
}};

bool IsCommandLetter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

CommandName NameOf(std::string_view word) {
  const std::string name = absl::AsciiStrToLower(word);
  const auto* const found = std::find_if(kCommands.begin(), kCommands.end(),
                                         [&](const auto& known) { return known.first == name; });
  return found == kCommands.end() ? CommandName::kUnknown : found->second;
}

// "/start@selfology_bot payload"; anything else that begins with "/" is somebody's words.
Intent ReadText(std::string_view text, std::string_view bot_username) {
  const std::string_view trimmed = text::Trim(text);
  if (trimmed.empty()) return Ignored{"empty"};
  if (trimmed[0] != '/') return Words{std::string(text)};
  const auto* const end = std::find_if_not(trimmed.begin() + 1, trimmed.end(), IsCommandLetter);
  const std::string_view word(trimmed.begin() + 1, end);
  std::string_view rest(end, trimmed.end());
  if (word.empty()) return Words{std::string(text)};
  if (!rest.empty() && rest[0] == '@') {
    const size_t space = std::min(rest.find_first_of(" \t\n"), rest.size());
    const std::string_view addressee = rest.substr(1, space - 1);
    if (!bot_username.empty() && !absl::EqualsIgnoreCase(addressee, bot_username)) {
      return Ignored{"command of another bot"};
    }
    rest.remove_prefix(space);
  } else if (!rest.empty() && !absl::ascii_isspace(static_cast<unsigned char>(rest[0]))) {
    return Words{std::string(text)};
  }
  return Command{NameOf(word), std::string(text::Trim(rest))};
}

Intent ReadButton(const Update& update) {
  const size_t colon = std::min(update.text.find(':'), update.text.size());
  return Press{.callback_id = update.callback_id,
               .message_id = update.message_id,
               .action = update.text.substr(0, colon),
               .argument = update.text.substr(std::min(colon + 1, update.text.size()))};
}

}  // namespace

Intent Route(const Update& update, std::string_view bot_username) {
  if (update.kind == UpdateKind::kOther) return Ignored{"kind"};
  if (update.user_id == 0) return Ignored{"nobody"};
  if (update.from_bot) return Ignored{"bot"};
  // A press under a message too old for Telegram to show has no chat, and still wants its answer.
  if (!update.private_chat && !(update.kind == UpdateKind::kButton && update.chat_id == 0)) {
    return Ignored{"group"};
  }
  switch (update.kind) {
    case UpdateKind::kMessage:
      if (update.content == Content::kNone) return Ignored{"service message"};
      if (update.content != Content::kText) return NotText{update.content};
      return ReadText(update.text, bot_username);
    case UpdateKind::kEditedMessage:
      return Edited{};
    case UpdateKind::kButton:
      return ReadButton(update);
    case UpdateKind::kMembership:
      return update.blocked ? Intent(Left{}) : Intent(Ignored{"membership"});
    case UpdateKind::kOther:
      break;
  }
  return Ignored{"kind"};
}

Goal GoalOf(v1::ConversationState state) {
  switch (state) {
    case v1::CONVERSATION_STATE_NEW_USER:
    case v1::CONVERSATION_STATE_GDPR_PENDING:
      return Goal::kConsent;
    case v1::CONVERSATION_STATE_ONBOARDING_ACTIVE:
    case v1::CONVERSATION_STATE_WAITING_FOR_ANSWER:
    case v1::CONVERSATION_STATE_PROCESSING_ANSWER:
      return Goal::kAnswer;
    case v1::CONVERSATION_STATE_ONBOARDING_PAUSED:
      return Goal::kPausedSession;
    case v1::CONVERSATION_STATE_ONBOARDING_COMPLETE:
    case v1::CONVERSATION_STATE_CHAT_ACTIVE:
      return Goal::kCoach;
    case v1::CONVERSATION_STATE_CHAT_PAUSED:
      return Goal::kPausedChat;
    default:
      return Goal::kUnknown;
  }
}

}  // namespace selfology::telegram_gateway
