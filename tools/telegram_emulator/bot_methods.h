// The Bot API's methods, one function each, and how they read what they have in common. For
// bot_api.cc, which has their table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tools/telegram_emulator/bot_api.h"
#include "tools/telegram_emulator/parameters.h"
#include "tools/telegram_emulator/world.h"

namespace selfology::telegram_emulator {

using Result = absl::StatusOr<Answer>;

inline absl::Status Bad(const auto&... words) {
  return absl::InvalidArgumentError(absl::StrCat(words...));
}

// A number or the @name of a channel or group.
absl::StatusOr<int64_t> ChatId(const World& world, const Parameters& parameters);

// The text that `entities` or `parse_mode` formats; empty ones are refused.
absl::StatusOr<FormattedText> TextOf(const Parameters& parameters);
// Likewise a caption, which may be empty, of a call or of one of an album's media.
absl::StatusOr<FormattedText> CaptionOf(const Parameters& parameters);

// All of a new message but what it says: keyboard, reply, sound.
absl::StatusOr<Draft> DraftOf(const Parameters& parameters);

// bot_messages.cc
Result SendMessage(World& world, const Parameters& parameters, absl::Time now);
Result EditMessageText(World& world, const Parameters& parameters, absl::Time now);
Result EditMessageCaption(World& world, const Parameters& parameters, absl::Time now);
Result EditMessageReplyMarkup(World& world, const Parameters& parameters, absl::Time now);
Result DeleteMessage(World& world, const Parameters& parameters, absl::Time now);
Result DeleteMessages(World& world, const Parameters& parameters, absl::Time now);
Result SetMessageReaction(World& world, const Parameters& parameters, absl::Time now);
Result AnswerCallbackQuery(World& world, const Parameters& parameters, absl::Time now);
Result SendChatAction(World& world, const Parameters& parameters, absl::Time now);

// bot_media.cc
Result SendPhoto(World& world, const Parameters& parameters, absl::Time now);
Result SendDocument(World& world, const Parameters& parameters, absl::Time now);
Result SendVoice(World& world, const Parameters& parameters, absl::Time now);
Result SendSticker(World& world, const Parameters& parameters, absl::Time now);
Result SendMediaGroup(World& world, const Parameters& parameters, absl::Time now);
Result GetFile(World& world, const Parameters& parameters, absl::Time now);

// bot_settings.cc
Result SetMyCommands(World& world, const Parameters& parameters, absl::Time now);
Result DeleteMyCommands(World& world, const Parameters& parameters, absl::Time now);
Result GetMyCommands(World& world, const Parameters& parameters, absl::Time now);
Result SetChatMenuButton(World& world, const Parameters& parameters, absl::Time now);
Result GetChatMenuButton(World& world, const Parameters& parameters, absl::Time now);
Result GetChat(World& world, const Parameters& parameters, absl::Time now);
Result GetChatMember(World& world, const Parameters& parameters, absl::Time now);
Result LeaveChat(World& world, const Parameters& parameters, absl::Time now);

}  // namespace selfology::telegram_emulator
