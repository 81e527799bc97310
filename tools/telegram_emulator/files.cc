#include "tools/telegram_emulator/files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_emulator {
namespace {

absl::Status Bad(const auto&... words) {
  return absl::InvalidArgumentError(absl::StrCat(words...));
}

// What Telegram's begin with, by kind.
std::string_view Prefix(std::string_view kind) {
  if (kind == "photo" || kind == "thumbnail") return "AgACAgIAAxkB";
  if (kind == "voice") return "AwACAgIAAxkB";
  return kind == "sticker" ? "CAACAgIAAxkB" : "BQACAgIAAxkB";
}

std::string Ending(const Media& media) {
  if (media.kind == "photo") return ".jpg";
  if (media.kind == "voice") return ".oga";
  if (media.kind == "sticker") {
    if (media.mime_type == "video/webm") return ".webm";
    return media.mime_type == "application/x-tgsticker" ? ".tgs" : ".webp";
  }
  const size_t dot = media.name.rfind('.');
  if (dot == std::string::npos) return "";
  const std::string ending = media.name.substr(dot);
  const bool plain = std::all_of(ending.begin() + 1, ending.end(), absl::ascii_isalnum);
  return plain ? ending : "";
}

// Why this is no file_id.
absl::Status NoFileId(std::string_view text) {
  if (absl::StrContains(text, '.')) {
    if (absl::StrContains(text, "://") && !absl::StartsWithIgnoreCase(text, "http://") &&
        !absl::StartsWithIgnoreCase(text, "https://")) {
      return Bad("invalid file HTTP URL specified: Unsupported URL protocol");
    }
    return Bad("failed to get HTTP URL content");
  }
  constexpr std::string_view kWrong = "wrong remote file identifier specified: ";
  const bool known = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_';
  });
  if (text.size() % 4 == 1) return Bad(kWrong, "Wrong string length");
  if (!known) return Bad(kWrong, "Wrong character in the string");
  return Bad(kWrong, "can't unserialize it. Wrong last symbol");
}

bool IsPicture(std::string_view kind) { return kind == "photo" || kind == "thumbnail"; }

}  // namespace

std::string Files::PathOf(int64_t number, const Media& media) {
  return absl::StrCat(FolderOf(media.kind), "/file_", number, Ending(media));
}

std::string Files::Place(std::string_view unique_id) const {
  return absl::StrCat(folder_, "/", unique_id);
}

absl::Status Files::Write(const Media& media, std::string_view bytes) const {
  if (folder_.empty()) return absl::OkStatus();
  if (::mkdir(folder_.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return absl::UnavailableError(absl::StrCat("cannot make ", folder_));
  }
  std::ofstream file(Place(media.unique_id), std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return absl::UnavailableError("cannot keep the file");
  return absl::OkStatus();
}

// Numbers make names that are as long as Telegram's and that nobody guesses by accident.
Media Files::Named(Media media) {
  const int64_t number = next_;
  media.unique_id =
      absl::StrCat("AQAD", absl::WebSafeBase64Escape(absl::StrFormat("%09d", number)));
  media.file_id = absl::StrCat(
      Prefix(media.kind),
      absl::WebSafeBase64Escape(absl::StrFormat("bot %012d file %012d", owner_, number)), "AAE");
  return media;
}

int64_t Files::Remember(Media media, Bytes bytes) {
  const int64_t number = next_++;
  by_id_[media.file_id] = number;
  if (bytes != nullptr) bytes_ += static_cast<int64_t>(bytes->size());
  files_[number] = {.media = std::move(media), .bytes = std::move(bytes)};
  while (bytes_ > kMostBytes && files_.size() > 1) {
    const auto oldest = files_.begin();
    if (oldest->second.bytes != nullptr) {
      bytes_ -= static_cast<int64_t>(oldest->second.bytes->size());
    }
    by_id_.erase(oldest->second.media.file_id);
    files_.erase(oldest);
  }
  return number;
}

absl::StatusOr<Media> Files::Add(std::string_view kind, const Upload& upload) {
  ASSIGN_OR_RETURN(Media media, Recognize(kind, upload));
  if (media.kind == "photo") {
    Media thumb = Named({.kind = "thumbnail", .size = static_cast<int64_t>(Thumbnail().size())});
    media.thumb_id = thumb.file_id;
    media.thumb_unique_id = thumb.unique_id;
    RETURN_IF_ERROR(Write(thumb, Thumbnail()));
    changes_.Add("file", 0, thumb.ToFullJson());
    Remember(std::move(thumb), std::make_shared<const std::string>(Thumbnail()));
  }
  media = Named(std::move(media));
  RETURN_IF_ERROR(Write(media, upload.bytes));
  changes_.Add("file", 0, media.ToFullJson());
  Remember(media, folder_.empty() ? std::make_shared<const std::string>(upload.bytes) : nullptr);
  return media;
}

const Media* Files::Get(std::string_view file_id) const {
  const auto found = by_id_.find(file_id);
  return found == by_id_.end() ? nullptr : &files_.at(found->second).media;
}

absl::StatusOr<Media> Files::Find(std::string_view file_id, std::string_view kind) const {
  const Media* const media = Get(file_id);
  if (media == nullptr) return NoFileId(file_id);
  if (IsPicture(media->kind) != IsPicture(kind) || media->kind == "thumbnail") {
    return Bad("can't use file of type ", FileTypeName(media->kind), " as ", FileTypeName(kind));
  }
  return *media;
}

Bytes Files::BytesOf(std::string_view file_id) const {
  const auto found = by_id_.find(file_id);
  if (found == by_id_.end()) return nullptr;
  const File& file = files_.at(found->second);
  if (file.bytes != nullptr || folder_.empty()) return file.bytes;
  std::ifstream kept(Place(file.media.unique_id), std::ios::binary);
  if (!kept) return nullptr;
  return std::make_shared<const std::string>(std::istreambuf_iterator<char>(kept),
                                             std::istreambuf_iterator<char>());
}

Json Files::FileJson(const Media& media) const {
  const auto found = by_id_.find(media.file_id);
  Json json = {
      {"file_id", media.file_id}, {"file_unique_id", media.unique_id}, {"file_size", media.size}};
  if (found != by_id_.end()) json["file_path"] = PathOf(found->second, media);
  return json;
}

Bytes Files::AtPath(std::string_view path) const {
  // "photos/file_12.jpg": the number says which.
  constexpr std::string_view kFile = "/file_";
  const size_t begin = path.find(kFile);
  if (begin == std::string_view::npos) return nullptr;
  int64_t number = 0;
  for (const char c : path.substr(begin + kFile.size(), 12)) {
    if (!absl::ascii_isdigit(c)) break;
    number = number * 10 + (c - '0');
  }
  const auto found = files_.find(number);
  if (found == files_.end() || PathOf(number, found->second.media) != path) return nullptr;
  return found->second.media.size > kMostDownloadBytes ? nullptr
                                                       : BytesOf(found->second.media.file_id);
}

void Files::Restore(std::string_view kind, const Json& value) {
  if (kind == "file") Remember(Media::FromFullJson(value), nullptr);
}

}  // namespace selfology::telegram_emulator
