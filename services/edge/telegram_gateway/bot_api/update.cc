#include "services/edge/telegram_gateway/bot_api/update.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/edge/telegram_gateway/bot_api/lenient_json.h"

namespace selfology::telegram_gateway {
namespace {

// Kinds whose names are also those of the fields that hold them.
constexpr std::array<std::pair<const char*, UpdateKind>, 8> kKinds = {{
    {"message", UpdateKind::kMessage},
    {"edited_message", UpdateKind::kEditedMessage},
    {"callback_query", UpdateKind::kButton},
    {"my_chat_member", UpdateKind::kMembership},
    {"message_reaction", UpdateKind::kReaction},
    {"channel_post", UpdateKind::kPost},
    {"edited_channel_post", UpdateKind::kEditedPost},
    {"message_reaction_count", UpdateKind::kReactionCounts},
}};

// What a gathered update is kept as: {"update_id": 7, "gathered": {"dialog": "garden",
// "updates": [{"update_id": 5, ...}, {"update_id": 7, ...}]}}. Telegram has no such field.
constexpr char kGathered[] = "gathered";
constexpr char kGatheredFor[] = "dialog";
constexpr char kGatheredUpdates[] = "updates";

int32_t SmallIn(const Json& object, const char* name) {
  return static_cast<int32_t>(
      std::min<int64_t>(PositiveIn(object, name), std::numeric_limits<int32_t>::max()));
}

absl::Time TimeIn(const Json& object, const char* name, absl::Time otherwise) {
  const int64_t seconds = PositiveIn(object, name);
  return seconds > 0 ? absl::FromUnixSeconds(seconds) : otherwise;
}

const Json& ListIn(const Json& object, const char* name) {
  static const Json& none = *new Json(Json::array());
  const Json* const list = Find(object, name);
  return list != nullptr && list->is_array() ? *list : none;
}

void ReadSender(const Json& sender, Update& update) {
  update.user_id = PositiveIn(sender, "id");
  update.from_bot = FlagIn(sender, "is_bot");
  update.language = TextIn(sender, "language_code");
}

void ReadChat(const Json& chat, Update& update) {
  update.chat_id = IntegerIn(chat, "id");
  const std::string type = TextIn(chat, "type");
  update.private_chat = type == "private";
  update.channel = type == "channel" && update.chat_id < 0;
  update.group = (type == "group" || type == "supergroup") && update.chat_id < 0;
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

// Fields with a file in them.
constexpr const char* kFiles[] = {"video", "animation", "video_note", "voice",
                                  "audio", "sticker",   "document"};

File FileOf(const Json& json, Content content) {
  return {.content = content,
          .file_id = TextIn(json, "file_id"),
          .unique_id = TextIn(json, "file_unique_id"),
          .file_name = TextIn(json, "file_name"),
          .mime_type = TextIn(json, "mime_type"),
          .size = PositiveIn(json, "file_size"),
          // A round video has one length.
          .width = std::max(SmallIn(json, "width"), SmallIn(json, "length")),
          .height = std::max(SmallIn(json, "height"), SmallIn(json, "length")),
          .duration = absl::Seconds(PositiveIn(json, "duration")),
          .emoji = TextIn(json, "emoji")};
}

std::optional<File> FileIn(const Json& message, Content content) {
  std::optional<File> file;
  if (Find(message, "photo") != nullptr) {
    const auto pixels = [](const File& f) { return static_cast<int64_t>(f.width) * f.height; };
    for (const Json& size : ListIn(message, "photo")) {
      File candidate = FileOf(size, content);
      if (!file.has_value() || pixels(candidate) >= pixels(*file)) file = std::move(candidate);
    }
  } else {
    // An animation is there as a document, too: the first counts.
    for (const char* name : kFiles) {
      const Json& json = ObjectIn(message, name);
      if (json.is_null()) continue;
      file = FileOf(json, content);
      break;
    }
  }
  if (!file.has_value() || file->file_id.empty()) return std::nullopt;
  return file;
}

void ReadReply(const Json& message, Update& update) {
  const Json& replied_to = ObjectIn(message, "reply_to_message");
  const int64_t id = PositiveIn(replied_to, "message_id");
  if (id == 0) return;
  RepliedMessage reply{.message_id = id,
                       .words = TextIn(replied_to, "text"),
                       .quote = TextIn(ObjectIn(message, "quote"), "text")};
  if (reply.words.empty()) reply.words = TextIn(replied_to, "caption");
  update.replied_to = std::move(reply);
}

std::string EmojiOf(const Json& type) {
  const std::string kind = TextIn(type, "type");
  if (kind == "emoji") return TextIn(type, "emoji");
  const std::string id = TextIn(type, "custom_emoji_id");
  return kind == "custom_emoji" && !id.empty() ? absl::StrCat("custom:", id) : "";
}

void ReadReaction(const Json& change, Update& update) {
  ReadSender(ObjectIn(change, "user"), update);
  ReadChat(ObjectIn(change, "chat"), update);
  update.message_id = PositiveIn(change, "message_id");
  for (const Json& type : ListIn(change, "new_reaction")) {
    std::string emoji = EmojiOf(type);
    if (!emoji.empty()) update.emoji.push_back({.emoji = std::move(emoji), .count = 1});
  }
}

void ReadReactionCounts(const Json& change, Update& update) {
  ReadChat(ObjectIn(change, "chat"), update);
  update.message_id = PositiveIn(change, "message_id");
  for (const Json& count : ListIn(change, "reactions")) {
    std::string emoji = EmojiOf(ObjectIn(count, "type"));
    if (emoji.empty()) continue;
    update.emoji.push_back({.emoji = std::move(emoji), .count = SmallIn(count, "total_count")});
  }
}

void ReadMessage(const Json& message, Update& update) {
  ReadSender(ObjectIn(message, "from"), update);
  ReadChat(ObjectIn(message, "chat"), update);
  update.message_id = PositiveIn(message, "message_id");
  update.sent_at = TimeIn(message, "date", absl::InfiniteFuture());
  update.edited_at = TimeIn(message, "edit_date", absl::InfinitePast());
  update.content = ContentOf(message);
  update.text = TextIn(message, "text");
  update.caption = TextIn(message, "caption");
  update.media_group_id = TextIn(message, "media_group_id");
  update.author_signature = TextIn(message, "author_signature");
  if (std::optional<File> file = FileIn(message, update.content)) {
    update.files.push_back(*std::move(file));
  }
  ReadReply(message, update);
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
  const Json& now = ObjectIn(change, "new_chat_member");
  update.role = TextIn(now, "status");
  update.role_before = TextIn(ObjectIn(change, "old_chat_member"), "status");
  update.can_post = FlagIn(now, "can_post_messages");
  update.blocked = update.role == "kicked";
}

void AppendLine(std::string& text, std::string_view line) {
  if (!text.empty() && !line.empty()) text.push_back('\n');
  text.append(line);
}

// `next` joins `before`, which may be the first.
Update Join(Update before, Update next) {
  std::vector<int64_t> gathered = std::move(before.gathered);
  gathered.push_back(next.update_id);
  next.gathered = std::move(gathered);
  const bool is_first = next.gathered.size() == 1;
  next.first_message_id = is_first ? next.message_id : before.first_message_id;
  next.first_sent_at = is_first ? next.sent_at : before.first_sent_at;
  if (is_first) return next;
  next.content = before.content;
  next.replied_to = std::move(before.replied_to);
  AppendLine(before.text, next.text);
  next.text = std::move(before.text);
  AppendLine(before.caption, next.caption);
  next.caption = std::move(before.caption);
  before.files.insert(before.files.end(), std::make_move_iterator(next.files.begin()),
                      std::make_move_iterator(next.files.end()));
  next.files = std::move(before.files);
  return next;
}

absl::StatusOr<Update> ReadUpdate(const Json& object);

absl::StatusOr<Update> ReadGathered(const Json& object, const Json& gathered) {
  Update update;
  for (const Json& member : ListIn(gathered, kGatheredUpdates)) {
    // Else what somebody else wrote might nest without end.
    if (Find(member, kGathered) != nullptr) return absl::InvalidArgumentError("gathered twice");
    absl::StatusOr<Update> next = ReadUpdate(member);
    if (!next.ok()) return next;
    update = Join(std::move(update), *std::move(next));
  }
  if (update.update_id == 0 || update.update_id != PositiveIn(object, "update_id")) {
    return absl::InvalidArgumentError("not gathered from updates of Telegram");
  }
  update.gathered_for = TextIn(gathered, kGatheredFor);
  update.json = Dump(object);
  return update;
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
      case UpdateKind::kPost:
      case UpdateKind::kEditedPost:
        ReadMessage(value, update);
        break;
      case UpdateKind::kButton:
        ReadButton(value, update);
        break;
      case UpdateKind::kMembership:
        ReadMembership(value, update);
        break;
      case UpdateKind::kReaction:
        ReadReaction(value, update);
        break;
      case UpdateKind::kReactionCounts:
        ReadReactionCounts(value, update);
        break;
      case UpdateKind::kOther:
        break;
    }
    break;
  }
  // Control characters are escaped in it.
  if (Find(object, kGathered) == nullptr) {
    update.json = Dump(object);
  } else {
    // Else it would be taken for gathered once it was kept.
    Json plain = object;
    plain.erase(kGathered);
    update.json = Dump(plain);
  }
  return update;
}

absl::StatusOr<Update> ReadKept(const Json& object) {
  const Json& gathered = ObjectIn(object, kGathered);
  return gathered.is_null() ? ReadUpdate(object) : ReadGathered(object, gathered);
}

}  // namespace

absl::StatusOr<Update> ParseUpdate(std::string_view json) {
  return ReadUpdate(ParseLeniently(json));
}

absl::StatusOr<Update> ParseKeptUpdate(std::string_view json) {
  return ReadKept(ParseLeniently(json));
}

int64_t OrderingKeyOf(const Update& update) {
  return update.group || update.channel ? update.chat_id : update.user_id;
}

absl::StatusOr<Update> Gather(const Update& first, const Update& next, std::string_view dialog) {
  Json members = Json::array();
  const Json before = ParseLeniently(first.json);
  if (const Json& gathered = ObjectIn(before, kGathered); !gathered.is_null()) {
    members = ListIn(gathered, kGatheredUpdates);
  } else {
    members.push_back(before);
  }
  members.push_back(ParseLeniently(next.json));
  return ReadKept({{"update_id", next.update_id},
                   {kGathered, {{kGatheredFor, dialog}, {kGatheredUpdates, members}}}});
}

absl::StatusOr<Update> Gather(const Update& only, std::string_view dialog) {
  return ReadKept(
      {{"update_id", only.update_id},
       {kGathered,
        {{kGatheredFor, dialog}, {kGatheredUpdates, Json::array({ParseLeniently(only.json)})}}}});
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
