// Files in messages: what Telegram says of a picture, document, voice note or sticker, and what it
// finds out by looking at the bytes.
//
//   ASSIGN_OR_RETURN(Media media, Recognize("photo", {.bytes = png, .name = "a.png"}));
//   media.kind;       // "photo"
//   media.width;
//   AddMediaJson(media, json);   // {"photo": [{"file_id": ...}, ...]}
//
// The bytes themselves are in files.h. Errors: INVALID_ARGUMENT in Telegram's words. Plain values
// and pure functions.
// Sources: https://core.telegram.org/bots/api#photosize, #document, #voice, #sticker, #sendphoto.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/telegram_emulator/json.h"

namespace selfology::telegram_emulator {

inline constexpr int64_t kMostPhotoBytes = 10 << 20;
inline constexpr int64_t kMostUploadBytes = 50 << 20;    // By a bot, of one request.
inline constexpr int64_t kMostDownloadBytes = 20 << 20;  // By a bot.

// One file as a message shows it.
struct Media {
  std::string kind = {};  // "photo", "document", "voice", "sticker"; empty: none.
  std::string file_id = {};
  std::string unique_id = {};
  std::string name = {};
  std::string mime_type = {};
  int64_t size = 0;  // Bytes.
  int64_t width = 0;
  int64_t height = 0;
  int64_t duration = 0;  // Seconds.
  std::string emoji = {};
  // The small copy that Telegram makes of a picture, a file of its own.
  std::string thumb_id = {};
  std::string thumb_unique_id = {};
  bool spoiler = false;

  bool empty() const { return kind.empty(); }
  friend bool operator==(const Media&, const Media&) = default;

  Json ToFullJson() const;
  static Media FromFullJson(const Json& json);
};

// Bytes on their way into Telegram.
struct Upload {
  std::string_view bytes = {};
  std::string name = {};
  std::string mime_type = {};  // Empty: guessed.
  int64_t duration = 0;
  std::string emoji = {};
};

// What becomes of an upload that is sent as this kind, without ids. Bytes that are no voice note or
// sticker become a document, as with Telegram; a photo must be one.
absl::StatusOr<Media> Recognize(std::string_view kind, const Upload& upload);

// Telegram's name of a file's kind in its refusals.
std::string_view FileTypeName(std::string_view kind);
// "photos", "documents"...: where getFile says that it is.
std::string_view FolderOf(std::string_view kind);

// The field of a message that shows it.
void AddMediaJson(const Media& media, Json& message);

// A picture of one point, which stands for all small copies.
std::string_view Thumbnail();

}  // namespace selfology::telegram_emulator
