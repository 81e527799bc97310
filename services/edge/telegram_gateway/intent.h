// What an update asks of the bot: a pure function, so that every update there may be can be tried
// in a test.
//
//   const Intent intent = Route(update, "selfology_bot");
//   std::visit(..., intent);
//   if (const auto* words = std::get_if<Words>(&intent)) { ... GoalOf(conversation.state) ... }
//
// Only private chats count: what happens in groups and channels, and what other bots do, is
// ignored. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "selfology/telegram/v1/telegram.pb.h"
#include "services/edge/telegram_gateway/update.h"

namespace selfology::telegram_gateway {

namespace v1 = ::selfology::telegram::v1;

enum class CommandName {
  kUnknown,
  kStart,
  kPause,
  kResume,
  kFinish,
  kSkip,
  kProfile,
  kLanguage,
  kHelp,
  kDelete,
};

// "/language ru"
struct Command {
  CommandName name = CommandName::kUnknown;
  std::string argument = {};
  friend bool operator==(const Command&, const Command&) = default;
};

// An answer or a message for the coach; the conversation's state tells which.
struct Words {
  std::string text = {};
  friend bool operator==(const Words&, const Words&) = default;
};

// A button whose callback_data is "<action>:<argument>".
struct Press {
  std::string callback_id = {};
  int64_t message_id = 0;
  std::string action = {};
  std::string argument = {};
  friend bool operator==(const Press&, const Press&) = default;
};

// A picture, a voice message, ...
struct NotText {
  Content content = Content::kOther;
  friend bool operator==(const NotText&, const NotText&) = default;
};

// A change to something written before.
struct Edited {
  friend bool operator==(const Edited&, const Edited&) = default;
};

// The person blocked the bot.
struct Left {
  friend bool operator==(const Left&, const Left&) = default;
};

// Nothing to be done; `why` is a fixed word for metrics.
struct Ignored {
  std::string_view why = "";
  friend bool operator==(const Ignored&, const Ignored&) = default;
};

using Intent = std::variant<Command, Words, Press, NotText, Edited, Left, Ignored>;

// bot_username: without "@"; empty while it is not known.
Intent Route(const Update& update, std::string_view bot_username);

// Where a person's words go.
enum class Goal {
  kConsent,        // Nothing begun: ask for consent, or say how to begin.
  kAnswer,         // To the question that waits.
  kPausedSession,  // Nowhere before /resume.
  kCoach,          // To the coach.
  kPausedChat,     // Nowhere before /resume.
  kUnknown,        // The state is not known.
};
Goal GoalOf(v1::ConversationState state);

}  // namespace selfology::telegram_gateway
