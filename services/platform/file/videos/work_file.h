// Bytes on disk that have no name from the first moment on: whatever ends, nothing of a person's video
// stays behind.
//
//   ASSIGN_OR_RETURN(WorkFile video, WorkFile::Make("files"));
//   RETURN_IF_ERROR(video.Add(bytes)); ...
//
// Errors: RESOURCE_EXHAUSTED when the disk is full; UNAVAILABLE. Threads: one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/platform/file/child_process.h"

namespace selfology::file {

class WorkFile {
 public:
  // In that folder, which is made where it is missing.
  static absl::StatusOr<WorkFile> Make(const std::string& folder);

  absl::Status Add(std::string_view bytes);
  absl::StatusOr<int64_t> Size() const;
  // Fewer than `limit` bytes only at the end.
  absl::StatusOr<std::string> Read(int64_t offset, int64_t limit) const;

  int descriptor() const { return file_.get(); }
  // The same file, from its beginning, for reading only.
  absl::StatusOr<Descriptor> OpenForReading() const;

 private:
  explicit WorkFile(int file) : file_(file) {}
  Descriptor file_;
};

}  // namespace selfology::file
