// The file that lets chats outlive a restart: one JSON line for each change, only ever appended to.
//
//   ASSIGN_OR_RETURN(auto journal,
//                    Journal::Open("/tmp/chats.jsonl",
//                                  [&](std::string_view kind, const Json& value) {
//                                    world.Restore(kind, value);
//                                  }));
//   journal->Append(change);
//
// A last line that a crash cut off is dropped. Nothing is ever removed: delete the file to begin
// anew. Handed to the operating system at once, but not forced to the disk. Errors: UNAVAILABLE
// (cannot open), DATA_LOSS (a line in the middle does not parse). Not thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/telegram_emulator/change_log.h"
#include "tools/telegram_emulator/json.h"

namespace selfology::telegram_emulator {

class Journal {
 public:
  static absl::StatusOr<std::unique_ptr<Journal>> Open(
      const std::string& path,
      const std::function<void(std::string_view kind, const Json& value)>& restore);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  absl::Status Append(const Change& change);

 private:
  explicit Journal(int file) : file_(file) {}
  const int file_;
};

}  // namespace selfology::telegram_emulator
