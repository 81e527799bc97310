// The Bot API's methods, as functions of the world. getUpdates answers at once here; exchange.h
// waits.
//
//   Answer answer = CallBotApi(world, "sendMessage",
//                              Parameters({{"chat_id", "7"}, {"text", "Hi"}}), now);
//   answer.ToJson();    // {"ok": true, "result": {"message_id": ...}}
//
// Methods: getMe, getUpdates, setWebhook, deleteWebhook, getWebhookInfo; sendMessage, sendPhoto,
// sendDocument, sendVoice, sendSticker, sendMediaGroup, getFile; editMessageText,
// editMessageCaption, editMessageReplyMarkup, deleteMessage, deleteMessages, setMessageReaction,
// answerCallbackQuery, sendChatAction; setMyCommands, getMyCommands, deleteMyCommands,
// setChatMenuButton, getChatMenuButton, getChat, getChatMember, leaveChat. All others are 404, as if
// Telegram did not know them. Not thread-safe; time is passed in.
// Source: https://core.telegram.org/bots/api; error texts as the published Bot API server has them.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tools/telegram_emulator/json.h"
#include "tools/telegram_emulator/parameters.h"
#include "tools/telegram_emulator/world.h"

namespace selfology::telegram_emulator {

struct Answer {
  int code = 200;
  Json result = {};
  std::string description = {};
  int retry_after_s = 0;
  std::string body = {};  // Instead of ToJson's, if not empty.
  bool drop = false;      // No answer at all: break the connection.

  static Answer Ok(Json result, std::string_view description = "") {
    return {.result = std::move(result), .description = std::string(description)};
  }
  static Answer Error(int code, std::string_view description) {
    return {.code = code, .description = std::string(description)};
  }
  static Answer TooManyRequests(int retry_after_s);
  // INVALID_ARGUMENT: 400, PERMISSION_DENIED: 403, with Telegram's words before the status' own.
  static Answer FromStatus(const absl::Status& status);

  Json ToJson() const;
};

// "getMe" for "getme"; empty: no such method. Telegram takes any case.
std::string_view CanonicalMethod(std::string_view method);

// Whether Telegram limits how often a bot may call it for one chat.
bool IsRateLimited(std::string_view canonical_method);

// method: from CanonicalMethod.
Answer CallBotApi(World& world, std::string_view method, const Parameters& parameters,
                  absl::Time now);

}  // namespace selfology::telegram_emulator
