// The bytes of media, in a folder: each in a file that is named by its media_id. The folder is made
// when it is first needed, and open to its owner only. Replicas of the gateway share it.
//
//   MediaFiles files("/var/lib/selfology/telegram_media");
//   RETURN_IF_ERROR(files.Write("m_1f", 0, bytes));                   // on disk when it returns
//   ASSIGN_OR_RETURN(std::string bytes, files.Read("m_1f", 0, 1 << 20));
//   ASSIGN_OR_RETURN(MediaFiles::Incoming file, files.Receive("t_9a"));
//   RETURN_IF_ERROR(file.Add(bytes)); ...
//   RETURN_IF_ERROR(file.Finish());                                   // there as a whole, or not
//
// Errors: INVALID_ARGUMENT: no media_id; NOT_FOUND; OUT_OF_RANGE: something is missing before the
// offset; RESOURCE_EXHAUSTED: the disk is full; UNAVAILABLE: any other failure of the disk.
// Messages have no names of files that people chose. Threads: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::telegram_gateway {

// 1 to 64 of a to z, 0 to 9 and "_": so no name leads out of the folder.
bool IsMediaId(std::string_view text);

class MediaFiles {
 public:
  explicit MediaFiles(std::string folder) : folder_(std::move(folder)) {}

  // From `offset` on; all before it must be there.
  absl::Status Write(std::string_view media_id, int64_t offset, std::string_view bytes) const;
  // Up to `limit` bytes; fewer at the end, none behind it.
  absl::StatusOr<std::string> Read(std::string_view media_id, int64_t offset, size_t limit) const;
  // 0: there is none.
  int64_t Size(std::string_view media_id) const;
  std::string PathOf(std::string_view media_id) const;
  // OK when there was none.
  absl::Status Remove(std::string_view media_id) const;

  // A file on its way in: nobody sees it before Finish. Not thread-safe.
  class Incoming {
   public:
    Incoming(Incoming&& other) noexcept;
    Incoming& operator=(Incoming&&) = delete;
    ~Incoming();  // Removes what was not finished.

    absl::Status Add(std::string_view bytes);
    absl::Status Finish();
    int64_t size() const { return size_; }

   private:
    friend class MediaFiles;
    Incoming(std::string folder, std::string part, std::string path, int file);

    std::string folder_;
    std::string part_;  // Where it is meanwhile.
    std::string path_;
    int file_;  // -1: closed.
    int64_t size_ = 0;
  };
  absl::StatusOr<Incoming> Receive(std::string_view media_id) const;

  // The media_ids of all files that are there as a whole.
  absl::StatusOr<std::vector<std::string>> List() const;
  // What never finished, and was not touched for so long.
  absl::Status RemoveUnfinished(absl::Duration age) const;

 private:
  absl::Status MakeFolder() const;
  absl::StatusOr<std::vector<std::string>> Names() const;

  const std::string folder_;
};

}  // namespace selfology::telegram_gateway
