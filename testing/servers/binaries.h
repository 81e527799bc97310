// Where the locked server programs are: postgres, initdb, psql, redis-server, ... A target that
// depends on this library has them among its runfiles.
//
//   ASSIGN_OR_RETURN(std::string path, servers::BinaryPath("redis-server"));
//
// Looked for in the folder $SELFOLOGY_SERVERS, then in the runfiles of the test or program. Errors:
// NOT_FOUND.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace selfology::servers {

absl::StatusOr<std::string> BinaryPath(std::string_view name);

// A new folder in $TMPDIR or /tmp, with a short path (a Unix socket's path has at most 107 bytes),
// removed with what is in it at the end.
class ScratchFolder {
 public:
  static absl::StatusOr<ScratchFolder> Make();
  ScratchFolder() = default;
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&& other) noexcept;
  ~ScratchFolder();

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace selfology::servers
