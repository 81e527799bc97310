// The files that messages hold, with their bytes and the names by which a bot asks for them.
//
//   Files files(&changes);
//   ASSIGN_OR_RETURN(Media media, files.Add("photo", {.bytes = png, .name = "a.png"}));
//   ASSIGN_OR_RETURN(Media same, files.Find(media.file_id, "photo"));
//   Json info = files.FileJson(media);           // getFile's answer, with the file_path
//   files.AtPath("photos/file_1.jpg");           // its bytes, or null
//
// A file_id is worth nothing to another bot. At most kMostBytes stay in memory: the oldest
// go first. Errors:
// INVALID_ARGUMENT in Telegram's words; UNAVAILABLE: cannot be written. Not thread-safe.
// Sources: https://core.telegram.org/bots/api#file, #sending-files.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/telegram_emulator/change_log.h"
#include "tools/telegram_emulator/json.h"
#include "tools/telegram_emulator/media.h"

namespace selfology::telegram_emulator {

using Bytes = std::shared_ptr<const std::string>;

class Files {
 public:
  static constexpr int64_t kMostBytes = 512 << 20;

  // It outlives the files.
  explicit Files(ChangeLog* changes) : changes_(*changes) {}

  // Keeps the bytes in this folder from now on, and reads there what earlier runs kept.
  void Keep(std::string folder) { folder_ = std::move(folder); }

  // Whose files these are: part of their ids.
  void set_owner(int64_t bot_id) { owner_ = bot_id; }

  absl::StatusOr<Media> Add(std::string_view kind, const Upload& upload);
  // One that may be sent as this kind. What is no file_id may be an address, which is not fetched.
  absl::StatusOr<Media> Find(std::string_view file_id, std::string_view kind) const;

  // Of any kind; null: there is none.
  const Media* Get(std::string_view file_id) const;
  Bytes BytesOf(std::string_view file_id) const;
  // https://core.telegram.org/bots/api#file
  Json FileJson(const Media& media) const;
  // By FileJson's file_path; null: there is none.
  Bytes AtPath(std::string_view path) const;

  // Applies a change told before: kind "file".
  void Restore(std::string_view kind, const Json& value);

 private:
  struct File {
    Media media = {};
    Bytes bytes = {};  // Null: in the folder, if anywhere.
  };
  static std::string PathOf(int64_t number, const Media& media);
  std::string Place(std::string_view unique_id) const;
  absl::Status Write(const Media& media, std::string_view bytes) const;
  // Its number.
  int64_t Remember(Media media, Bytes bytes);
  Media Named(Media media);

  ChangeLog& changes_;
  std::string folder_;  // Empty: bytes are in memory only.
  std::map<int64_t, File> files_;
  std::map<std::string, int64_t, std::less<>> by_id_;
  int64_t owner_ = 0;
  int64_t next_ = 1;
  int64_t bytes_ = 0;  // In memory.
};

}  // namespace selfology::telegram_emulator
