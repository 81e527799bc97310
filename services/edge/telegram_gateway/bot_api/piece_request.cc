#include "services/edge/telegram_gateway/bot_api/piece_request.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace selfology::telegram_gateway {
namespace {

// A method that sends one file, and the name of its parameter.
struct Sender {
  const char* method;
  const char* field;
};

// Telegram keeps films apart from photos, and sends any other file as what it is there.
bool IsPicture(const Attachment& file) {
  return file.mime_type.empty() || absl::StartsWith(file.mime_type, "image/");
}

Sender SenderOf(const Attachment& file) {
  constexpr Sender kDocument = {"sendDocument", "document"};
  switch (file.kind) {
    case v1::CONTENT_KIND_PHOTO:
      return IsPicture(file) ? Sender{"sendPhoto", "photo"} : kDocument;
    case v1::CONTENT_KIND_VOICE:
      return {"sendVoice", "voice"};
    case v1::CONTENT_KIND_STICKER: {
      // It makes an animation of such a document by itself.
      const bool is_animation = file.mime_type == "image/gif" || file.mime_type == "video/mp4";
      return is_animation ? kDocument : Sender{"sendSticker", "sticker"};
    }
    default:
      return kDocument;
  }
}

bool IsDocument(const Attachment& file) { return file.kind == v1::CONTENT_KIND_DOCUMENT; }

// Among photos an album takes films, too.
const char* AlbumTypeOf(const Attachment& file) {
  if (IsDocument(file)) return "document";
  return IsPicture(file) ? "photo" : "video";
}

std::string NameOf(const Attachment& file) {
  if (!file.file_name.empty()) return file.file_name;
  switch (file.kind) {
    case v1::CONTENT_KIND_PHOTO:
      return "photo";
    case v1::CONTENT_KIND_VOICE:
      return "voice.ogg";
    case v1::CONTENT_KIND_STICKER:
      return "sticker";
    default:
      return "file";
  }
}

// What Telegram is to take it from: its own name of it, or what is uploaded with the request.
std::string Source(const Attachment& file, Again again, PieceRequest& request) {
  const bool reuse = !file.file_id.empty() && (again == Again::kNo || file.path.empty());
  if (reuse) return file.file_id;
  const std::string field = absl::StrCat("file", request.uploads.size());
  request.uploads.push_back({.field = field,
                             .file_name = NameOf(file),
                             .mime_type = file.mime_type,
                             .path = file.path,
                             .size = file.size});
  return absl::StrCat("attach://", field);
}

void AddCaption(const Piece& piece, const v1::DialogMessage& message, Json& json) {
  if (piece.text.empty()) return;
  json["caption"] = piece.text;
  if (message.text_format() == v1::TEXT_FORMAT_HTML) json["parse_mode"] = "HTML";
}

void AddFile(const Piece& piece, const v1::DialogMessage& message, Again again,
             PieceRequest& request) {
  const Attachment& file = piece.files.front();
  const Sender sender = SenderOf(file);
  request.method = sender.method;
  request.parameters[sender.field] = Source(file, again, request);
  AddCaption(piece, message, request.parameters);
  if (IsDocument(file)) request.parameters["disable_content_type_detection"] = true;
  if (file.duration > absl::ZeroDuration() && file.kind == v1::CONTENT_KIND_VOICE) {
    request.parameters["duration"] = absl::ToInt64Seconds(file.duration);
  }
  if (!file.emoji.empty() && request.method == "sendSticker") {
    request.parameters["emoji"] = file.emoji;
  }
}

void AddAlbum(const Piece& piece, const v1::DialogMessage& message, Again again,
              PieceRequest& request) {
  request.method = "sendMediaGroup";
  Json album = Json::array();
  for (const Attachment& file : piece.files) {
    album.push_back({{"type", AlbumTypeOf(file)}, {"media", Source(file, again, request)}});
  }
  // Telegram shows the caption of photos below them all, that of documents below its own.
  Json& captioned = IsDocument(piece.files.front()) ? album.back() : album.front();
  AddCaption(piece, message, captioned);
  request.parameters["media"] = std::move(album);
}

void AddReply(const v1::DialogMessage& message, Again again, Json& parameters) {
  if (message.reply_to_message_id() <= 0) return;
  Json reply = {{"message_id", message.reply_to_message_id()},
                {"allow_sending_without_reply", true}};
  if (!message.quote().empty() && again == Again::kNo) reply["quote"] = message.quote();
  parameters["reply_parameters"] = std::move(reply);
}

}  // namespace

PieceRequest RequestFor(int64_t chat_id, const Piece& piece, const v1::DialogMessage& message,
                        Again again) {
  PieceRequest request{
      .method = "sendMessage",
      .parameters = {{"chat_id", chat_id}, {"disable_notification", message.silent()}}};
  Json& parameters = request.parameters;
  if (piece.files.empty()) {
    parameters["text"] = piece.text;
    parameters["link_preview_options"] = {{"is_disabled", true}};
    if (message.text_format() == v1::TEXT_FORMAT_HTML) parameters["parse_mode"] = "HTML";
  } else if (piece.files.size() == 1) {
    AddFile(piece, message, again, request);
  } else {
    AddAlbum(piece, message, again, request);
  }
  if (piece.replies) AddReply(message, again, parameters);
  if (piece.has_buttons && !message.button_rows().empty()) {
    parameters["reply_markup"] = Keyboard(message);
  }
  return request;
}

bool MayGoAgain(const Piece& piece, const v1::DialogMessage& message) {
  const bool quotes =
      piece.replies && message.reply_to_message_id() > 0 && !message.quote().empty();
  return quotes || std::any_of(piece.files.begin(), piece.files.end(), [](const Attachment& file) {
           return !file.file_id.empty() && !file.path.empty();
         });
}

std::string FileIdIn(const Json& message) {
  // The largest copy of a photo is the last.
  const Json* const photo = Find(message, "photo");
  if (photo != nullptr && photo->is_array() && !photo->empty()) {
    return TextIn(photo->back(), "file_id");
  }
  for (const char* const kind :
       {"sticker", "voice", "animation", "video", "audio", "video_note", "document"}) {
    std::string file_id = TextIn(ObjectIn(message, kind), "file_id");
    if (!file_id.empty()) return file_id;
  }
  return "";
}

Json Keyboard(const v1::DialogMessage& message) {
  Json rows = Json::array();
  for (const v1::ButtonRow& row : message.button_rows()) {
    Json buttons = Json::array();
    for (const v1::Button& button : row.buttons()) {
      Json json = {{"text", button.text()}};
      if (button.has_url()) {
        json["url"] = button.url();
      } else {
        json["callback_data"] = button.callback_data();
      }
      buttons.push_back(std::move(json));
    }
    rows.push_back(std::move(buttons));
  }
  return {{"inline_keyboard", std::move(rows)}};
}

}  // namespace selfology::telegram_gateway
