#include "services/edge/telegram_gateway/bot_api/update.h"

#include <array>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "services/edge/telegram_gateway/bot_api/lenient_json.h"

namespace selfology::telegram_gateway {
namespace {

// Kinds whose names are also those of the fields that hold them.
constexpr std::array<std::pair<const char*, UpdateKind>, 4> kKinds = {{
    {"message", UpdateKind::kMessage},
    {"edited_message", UpdateKind::kEditedMessage},
    {"callback_query", UpdateKind::kButton},
    {"my_chat_member", UpdateKind::kMembership},
}};

void ReadSender(const Json& sender, Update& update) {
  update.user_id = PositiveIn(sender, "id");
  update.from_bot = FlagIn(sender, "is_bot");
  update.language = TextIn(sender, "language_code");
}

void ReadChat(const Json& chat, Update& update) {
  update.chat_id = IntegerIn(chat, "id");
  update.private_chat = TextIn(chat, "type") == "private";
}

constexpr std::array<std::pair<const char*, Content>, 16> kContents = {{
    {"text", Content::kText},
    {"photo", Content::kPicture},
    {"video", Content::kPicture},
    {"animation", Content::kSticker},
    {"video_note", Content::kVoice},
    {"voice", Content::kVoice},
    {"audio", Content::kVoice},
    {"sticker", Content::kSticker},
    {"document", Content::kDocument},
    {"contact", Content::kOther},
    {"location", Content::kOther},
    {"venue", Content::kOther},
    {"poll", Content::kOther},
    {"dice", Content::kOther},
    {"game", Content::kOther},
    {"story", Content::kOther},
}};

Content ContentOf(const Json& message) {
  for (const auto& [field, content] : kContents) {
    if (Find(message, field) != nullptr) return content;
  }
  return Content::kNone;
}

void ReadMessage(const Json& message, Update& update) {
  ReadSender(ObjectIn(message, "from"), update);
  ReadChat(ObjectIn(message, "chat"), update);
  update.message_id = PositiveIn(message, "message_id");
  if (const int64_t date = PositiveIn(message, "date"); date > 0) {
    update.sent_at = absl::FromUnixSeconds(date);
  }
  update.content = ContentOf(message);
  update.text = TextIn(message, "text");
  update.caption = TextIn(message, "caption");
}

void ReadButton(const Json& query, Update& update) {
  const Json& message = ObjectIn(query, "message");
  ReadSender(ObjectIn(query, "from"), update);
  ReadChat(ObjectIn(message, "chat"), update);
  update.message_id = PositiveIn(message, "message_id");
  update.callback_id = TextIn(query, "id");
  update.text = TextIn(query, "data");
}

void ReadMembership(const Json& change, Update& update) {
  ReadSender(ObjectIn(change, "from"), update);
  ReadChat(ObjectIn(change, "chat"), update);
  update.blocked = TextIn(ObjectIn(change, "new_chat_member"), "status") == "kicked";
}

absl::StatusOr<Update> ReadUpdate(const Json& object) {
  Update update;
  update.update_id = PositiveIn(object, "update_id");
  if (update.update_id == 0) return absl::InvalidArgumentError("not an update of Telegram");
  for (const auto& [name, kind] : kKinds) {
    const Json& value = ObjectIn(object, name);
    if (value.is_null()) continue;
    update.kind = kind;
    switch (kind) {
      case UpdateKind::kMessage:
      case UpdateKind::kEditedMessage:
        ReadMessage(value, update);
        break;
      case UpdateKind::kButton:
        ReadButton(value, update);
        break;
      case UpdateKind::kMembership:
        ReadMembership(value, update);
        break;
      case UpdateKind::kOther:
        break;
    }
    break;
  }
  // Control characters are escaped in it.
  update.json = Dump(object);
  return update;
}

}  // namespace

absl::StatusOr<Update> ParseUpdate(std::string_view json) {
  return ReadUpdate(ParseLeniently(json));
}

absl::StatusOr<std::vector<Update>> ParseUpdates(std::string_view response) {
  const Json answer = ParseLeniently(response);
  const Json* const result = Find(answer, "result");
  if (result == nullptr || !result->is_array()) {
    return absl::InvalidArgumentError("not a getUpdates response");
  }
  std::vector<Update> updates;
  for (const Json& object : *result) {
    absl::StatusOr<Update> update = ReadUpdate(object);
    if (update.ok()) updates.push_back(*std::move(update));
  }
  return updates;
}

std::optional<int64_t> FindUpdateId(std::string_view text) {
  constexpr std::string_view kField = "\"update_id\"";
  const size_t field = text.find(kField);
  if (field == std::string_view::npos) return std::nullopt;
  text.remove_prefix(field + kField.size());
  const size_t begin = text.find_first_not_of(": \t\r\n");
  if (begin == std::string_view::npos) return std::nullopt;
  text.remove_prefix(begin);
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits]))) {
    ++digits;
  }
  int64_t id = 0;
  if (!absl::SimpleAtoi(text.substr(0, digits), &id) || id <= 0) return std::nullopt;
  return id;
}

}  // namespace selfology::telegram_gateway
