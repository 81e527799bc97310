// Files: sending them by upload or file_id, albums, asking for their bytes.
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/bot_methods.h"

namespace selfology::telegram_emulator {
namespace {

constexpr std::string_view kAttach = "attach://";
constexpr int64_t kLongestDuration = 24 * 3600;

Upload UploadOf(const Attachment& file, const Parameters& parameters) {
  return {.bytes = *file.bytes,
          .name = file.name,
          // Telegram trusts no caller with the type of a picture, and names none without need.
          .mime_type = absl::StartsWith(file.content_type, "image/") ||
                               file.content_type == "application/octet-stream"
                           ? ""
                           : file.content_type,
          .duration = parameters.Number("duration", 0, 0, kLongestDuration),
          .emoji = parameters.Text("emoji")};
}

// What `value` names: an attached file, a file_id, an address. field: whose own file is meant
// without a value. missing: the refusal when there is none.
absl::StatusOr<Media> MediaOf(World& world, const Parameters& parameters, std::string_view kind,
                              std::string field, std::string value, std::string_view missing) {
  absl::string_view attached = value;
  if (absl::ConsumePrefix(&attached, kAttach)) {
    field = std::string(attached);
    value.clear();
  }
  if (!value.empty()) return world.files.Find(value, kind);
  const Attachment* const file = parameters.File(field);
  if (file == nullptr) return Bad(missing);
  return world.files.Add(kind, UploadOf(*file, parameters));
}

// kind: the file's, and the name of its parameter.
Result SendFile(World& world, const Parameters& parameters, absl::Time now, const char* kind) {
  const std::string missing = absl::StrCat("there is no ", kind, " in the request");
  if (parameters.Text(kind).empty() && parameters.File(kind) == nullptr) return Bad(missing);
  FormattedText caption;
  // Stickers have none.
  if (std::string_view(kind) != "sticker") {
    ASSIGN_OR_RETURN(caption, CaptionOf(parameters));
  }
  ASSIGN_OR_RETURN(Draft draft, DraftOf(parameters));
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(world, parameters));
  // Before anything is kept.
  RETURN_IF_ERROR(world.chats.ChatForBot(chat_id));
  ASSIGN_OR_RETURN(draft.media,
                   MediaOf(world, parameters, kind, kind, parameters.Text(kind), missing));
  draft.text = std::move(caption);
  draft.media.spoiler = parameters.Flag("has_spoiler");
  ASSIGN_OR_RETURN(const Message message, world.chats.BotSends(chat_id, std::move(draft), now));
  return Answer::Ok(world.chats.MessageForBot(message));
}

// A file of an album, as the JSON of `media` says.
struct Item {
  std::string kind = {};
  std::string media = {};
  FormattedText caption = {};
};

absl::StatusOr<Item> ItemOf(const Json& json) {
  constexpr std::string_view kContext = "can't parse InputMedia: ";
  if (!json.is_object()) return Bad(kContext, "expected an Object");
  const Parameters fields = Parameters::FromJson(json);
  ASSIGN_OR_RETURN(FormattedText caption, CaptionOf(fields));
  if (!fields.Has("type")) return Bad(kContext, "Can't find field \"type\"");
  Item item{
      .kind = fields.Text("type"), .media = fields.Text("media"), .caption = std::move(caption)};
  if (item.media.empty()) return Bad(kContext, "media not found");
  if (item.kind == "animation") {
    return Bad(kContext, "type \"animation\" can't be used in sendMediaGroup");
  }
  if (item.kind != "photo" && item.kind != "document") {
    return Bad(kContext, "type \"", item.kind, "\" is unsupported");
  }
  return item;
}

absl::StatusOr<std::vector<Item>> ItemsOf(const Parameters& parameters) {
  const std::string text = parameters.Text("media");
  if (text.empty()) return Bad("parameter \"media\" is required");
  const absl::StatusOr<Json> list = ParseJson(text);
  if (!list.ok()) return Bad("can't parse media JSON object");
  if (!list->is_array()) return Bad("expected an Array of InputMedia");
  std::vector<Item> items;
  for (const Json& json : *list) {
    ASSIGN_OR_RETURN(Item item, ItemOf(json));
    absl::string_view attached = item.media;
    if (absl::ConsumePrefix(&attached, kAttach) &&
        parameters.File(std::string(attached)) == nullptr) {
      return Bad("can't parse InputMedia: media not found");
    }
    items.push_back(std::move(item));
  }
  return items;
}

// Telegram's words for an album of which one message fails: its own server's, with a number.
absl::Status Failed(size_t index, const absl::Status& status) {
  if (!absl::IsInvalidArgument(status)) return status;
  std::string_view words = status.message();
  if (words == "failed to get HTTP URL content") words = "WEBPAGE_CURL_FAILED";
  // Said before anything is sent.
  if (absl::StrContains(words, "file identifier") || absl::StrContains(words, "can't use file") ||
      absl::StrContains(words, "too big") || absl::StrContains(words, "URL specified")) {
    return status;
  }
  return Bad("failed to send message #", index + 1, " with the error message \"", words, "\"");
}

}  // namespace

Result SendPhoto(World& world, const Parameters& parameters, absl::Time now) {
  return SendFile(world, parameters, now, "photo");
}

Result SendDocument(World& world, const Parameters& parameters, absl::Time now) {
  return SendFile(world, parameters, now, "document");
}

Result SendVoice(World& world, const Parameters& parameters, absl::Time now) {
  return SendFile(world, parameters, now, "voice");
}

Result SendSticker(World& world, const Parameters& parameters, absl::Time now) {
  return SendFile(world, parameters, now, "sticker");
}

Result SendMediaGroup(World& world, const Parameters& parameters, absl::Time now) {
  ASSIGN_OR_RETURN(const Draft draft, DraftOf(parameters));
  ASSIGN_OR_RETURN(std::vector<Item> items, ItemsOf(parameters));
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(world, parameters));
  RETURN_IF_ERROR(world.chats.ChatForBot(chat_id));
  if (items.size() > kMostInAlbum) return Bad("too many messages to send as an album");
  std::vector<Draft> drafts;
  for (Item& item : items) {
    Draft one = draft;
    one.markup = nullptr;  // An album has no buttons.
    one.text = std::move(item.caption);
    absl::StatusOr<Media> media =
        MediaOf(world, parameters, item.kind, "", std::move(item.media), "media not found");
    if (!media.ok()) return Failed(drafts.size(), media.status());
    one.media = *std::move(media);
    drafts.push_back(std::move(one));
  }
  ASSIGN_OR_RETURN(const std::vector<Message> sent,
                   world.chats.BotSendsAlbum(chat_id, std::move(drafts), now));
  Json messages = Json::array();
  for (const Message& message : sent) messages.push_back(world.chats.MessageForBot(message));
  return Answer::Ok(std::move(messages));
}

Result GetFile(World& world, const Parameters& parameters, absl::Time) {
  const std::string file_id = parameters.Text("file_id");
  if (file_id.empty()) return Bad("file_id not specified");
  const Media* const media = world.files.Get(file_id);
  if (media == nullptr) return Bad("invalid file_id");
  if (media->size > kMostDownloadBytes) return Bad("file is too big");
  return Answer::Ok(world.files.FileJson(*media));
}

}  // namespace selfology::telegram_emulator
