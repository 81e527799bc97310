#include "tools/telegram_emulator/media.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_emulator {
namespace {

// https://core.telegram.org/bots/api#sendphoto
constexpr int64_t kMostSides = 10'000;  // Width and height together.
constexpr int64_t kMostRatio = 20;

struct Picture {
  std::string_view mime_type;
  int64_t width = 0;
  int64_t height = 0;
};

int64_t Byte(std::string_view bytes, size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}
int64_t Big16(std::string_view bytes, size_t at) {
  return Byte(bytes, at) << 8 | Byte(bytes, at + 1);
}
int64_t Big32(std::string_view bytes, size_t at) {
  return Big16(bytes, at) << 16 | Big16(bytes, at + 2);
}
int64_t Little16(std::string_view bytes, size_t at) {
  return Byte(bytes, at) | Byte(bytes, at + 1) << 8;
}
int64_t Little24(std::string_view bytes, size_t at) {
  return Little16(bytes, at) | Byte(bytes, at + 2) << 16;
}

// The frame header, behind any number of other segments, has the size.
std::optional<Picture> Jpeg(std::string_view bytes) {
  for (size_t at = 2; at + 9 < bytes.size();) {
    if (Byte(bytes, at) != 0xFF) return std::nullopt;
    const int64_t marker = Byte(bytes, at + 1);
    const bool is_frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (is_frame) return Picture{"image/jpeg", Big16(bytes, at + 7), Big16(bytes, at + 5)};
    at += 2 + static_cast<size_t>(std::max<int64_t>(Big16(bytes, at + 2), 2));
  }
  return std::nullopt;
}

bool IsWebp(std::string_view bytes) {
  return bytes.starts_with("RIFF") && bytes.substr(std::min<size_t>(8, bytes.size()), 4) == "WEBP";
}

std::optional<Picture> Webp(std::string_view bytes) {
  const std::string_view chunk = bytes.substr(std::min<size_t>(12, bytes.size()), 4);
  Picture picture{"image/webp"};
  if (chunk == "VP8X") {
    picture.width = Little24(bytes, 24) + 1;
    picture.height = Little24(bytes, 27) + 1;
  } else if (chunk == "VP8L") {
    const int64_t bits = Little16(bytes, 21) | Little16(bytes, 23) << 16;
    picture.width = (bits & 0x3FFF) + 1;
    picture.height = ((bits >> 14) & 0x3FFF) + 1;
  } else if (chunk == "VP8 ") {
    picture.width = Little16(bytes, 26) & 0x3FFF;
    picture.height = Little16(bytes, 28) & 0x3FFF;
  } else {
    return std::nullopt;
  }
  return picture;
}

// Only as much of a picture as Telegram says of it: the format and the size, from the header.
std::optional<Picture> LookAt(std::string_view bytes) {
  constexpr std::string_view kPng("\x89PNG\r\n\x1a\n", 8);
  if (bytes.starts_with(kPng) && bytes.size() >= 24) {
    return Picture{"image/png", Big32(bytes, 16), Big32(bytes, 20)};
  }
  if (bytes.starts_with("\xFF\xD8\xFF")) return Jpeg(bytes);
  if (bytes.starts_with("GIF8") && bytes.size() >= 10) {
    return Picture{"image/gif", Little16(bytes, 6), Little16(bytes, 8)};
  }
  if (IsWebp(bytes)) return Webp(bytes);
  return std::nullopt;
}

bool IsVoice(std::string_view bytes) {
  return bytes.starts_with("OggS") || bytes.starts_with("ID3") || bytes.starts_with("\xFF\xFB") ||
         bytes.substr(std::min<size_t>(4, bytes.size()), 4) == "ftyp";
}

std::string GuessedType(std::string_view bytes, std::string_view name) {
  struct Ending {
    std::string_view name;
    std::string_view type;
  };
  static constexpr std::array kEndings = {
      Ending{".pdf", "application/pdf"},   Ending{".txt", "text/plain"},
      Ending{".json", "application/json"}, Ending{".csv", "text/csv"},
      Ending{".zip", "application/zip"},   Ending{".html", "text/html"}};
  if (const std::optional<Picture> picture = LookAt(bytes)) {
    return std::string(picture->mime_type);
  }
  for (const Ending& ending : kEndings) {
    if (absl::EndsWithIgnoreCase(name, ending.name)) return std::string(ending.type);
  }
  return "application/octet-stream";
}

absl::StatusOr<Media> Photo(const Upload& upload, Media media) {
  if (media.size > kMostPhotoBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "file of size ", media.size, " bytes is too big for a photo; the maximum size is ",
        kMostPhotoBytes, " bytes"));
  }
  const std::optional<Picture> picture = LookAt(upload.bytes);
  if (!picture.has_value()) return absl::InvalidArgumentError("IMAGE_PROCESS_FAILED");
  const auto [shorter, longer] = std::minmax({picture->width, picture->height});
  if (shorter == 0 || shorter + longer > kMostSides || longer > shorter * kMostRatio) {
    return absl::InvalidArgumentError("PHOTO_INVALID_DIMENSIONS");
  }
  // Telegram keeps no name of a photo.
  media.name.clear();
  media.mime_type = std::string(picture->mime_type);
  media.width = picture->width;
  media.height = picture->height;
  return media;
}

void Sticker(const Upload& upload, Media& media) {
  const std::optional<Picture> picture = LookAt(upload.bytes);
  media.width = picture.has_value() ? picture->width : 512;
  media.height = picture.has_value() ? picture->height : 512;
  media.emoji = upload.emoji;
}

// Gzip is an animation, EBML a film.
bool IsAnimated(std::string_view bytes) { return bytes.starts_with("\x1F\x8B"); }
bool IsFilm(std::string_view bytes) { return bytes.starts_with("\x1A\x45\xDF\xA3"); }

Json FileJson(std::string_view id, std::string_view unique_id, int64_t size) {
  return {{"file_id", id}, {"file_unique_id", unique_id}, {"file_size", size}};
}

}  // namespace

Json Media::ToFullJson() const {
  Json json = {{"kind", kind}, {"file_id", file_id}, {"file_unique_id", unique_id}, {"size", size}};
  if (!name.empty()) json["name"] = name;
  if (!mime_type.empty()) json["mime_type"] = mime_type;
  if (width != 0) json["width"] = width;
  if (height != 0) json["height"] = height;
  if (duration != 0) json["duration"] = duration;
  if (!emoji.empty()) json["emoji"] = emoji;
  if (!thumb_id.empty()) json["thumb_id"] = thumb_id;
  if (!thumb_unique_id.empty()) json["thumb_unique_id"] = thumb_unique_id;
  if (spoiler) json["spoiler"] = true;
  return json;
}

Media Media::FromFullJson(const Json& json) {
  return {.kind = StringOr(json, "kind"),
          .file_id = StringOr(json, "file_id"),
          .unique_id = StringOr(json, "file_unique_id"),
          .name = StringOr(json, "name"),
          .mime_type = StringOr(json, "mime_type"),
          .size = IntOr(json, "size"),
          .width = IntOr(json, "width"),
          .height = IntOr(json, "height"),
          .duration = IntOr(json, "duration"),
          .emoji = StringOr(json, "emoji"),
          .thumb_id = StringOr(json, "thumb_id"),
          .thumb_unique_id = StringOr(json, "thumb_unique_id"),
          .spoiler = BoolOr(json, "spoiler")};
}

absl::StatusOr<Media> Recognize(std::string_view kind, const Upload& upload) {
  if (upload.bytes.empty()) return absl::InvalidArgumentError("file must be non-empty");
  Media media{.kind = std::string(kind),
              .name = upload.name,
              .mime_type = upload.mime_type.empty() ? GuessedType(upload.bytes, upload.name)
                                                    : upload.mime_type,
              .size = static_cast<int64_t>(upload.bytes.size())};
  if (kind == "photo") return Photo(upload, std::move(media));
  if (kind == "voice" && IsVoice(upload.bytes)) {
    media.name.clear();
    media.mime_type = upload.bytes.starts_with("OggS") ? "audio/ogg" : "audio/mpeg";
    media.duration = upload.duration;
    return media;
  }
  const bool is_sticker = IsWebp(upload.bytes) || IsAnimated(upload.bytes) || IsFilm(upload.bytes);
  if (kind == "sticker" && is_sticker) {
    Sticker(upload, media);
    media.mime_type = IsWebp(upload.bytes)   ? "image/webp"
                      : IsFilm(upload.bytes) ? "video/webm"
                                             : "application/x-tgsticker";
    return media;
  }
  media.kind = "document";
  return media;
}

std::string_view FileTypeName(std::string_view kind) {
  if (kind == "photo") return "Photo";
  if (kind == "voice") return "VoiceNote";
  if (kind == "sticker") return "Sticker";
  return kind == "thumbnail" ? "Thumbnail" : "Document";
}

std::string_view Thumbnail() {
  static constexpr char kGif[] =
      "GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0"
      ",\0\0\0\0\x01\0\x01\0\0\x02\x02"
      "D\x01\0;";
  return {kGif, sizeof(kGif) - 1};
}

std::string_view FolderOf(std::string_view kind) {
  if (kind == "photo") return "photos";
  if (kind == "voice") return "voice";
  if (kind == "sticker") return "stickers";
  return kind == "thumbnail" ? "thumbnails" : "documents";
}

void AddMediaJson(const Media& media, Json& message) {
  Json file = FileJson(media.file_id, media.unique_id, media.size);
  if (media.kind == "photo") {
    // The smallest first: who takes the first gets another file than the one that was sent.
    Json small =
        FileJson(media.thumb_id, media.thumb_unique_id, static_cast<int64_t>(Thumbnail().size()));
    small["width"] = 1;
    small["height"] = 1;
    file["width"] = media.width;
    file["height"] = media.height;
    message["photo"] = Json::array({std::move(small), std::move(file)});
    if (media.spoiler) message["has_media_spoiler"] = true;
    return;
  }
  if (!media.mime_type.empty() && media.kind != "sticker") file["mime_type"] = media.mime_type;
  if (media.kind == "document" && !media.name.empty()) file["file_name"] = media.name;
  if (media.kind == "voice") file["duration"] = media.duration;
  if (media.kind == "sticker") {
    file["type"] = "regular";
    file["width"] = media.width;
    file["height"] = media.height;
    file["is_animated"] = media.mime_type == "application/x-tgsticker";
    file["is_video"] = media.mime_type == "video/webm";
    if (!media.emoji.empty()) file["emoji"] = media.emoji;
  }
  message[media.kind] = std::move(file);
}

}  // namespace selfology::telegram_emulator
