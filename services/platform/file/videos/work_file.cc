#include "services/platform/file/videos/work_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace selfology::file {
namespace {

// Without the path: it may say where an operator keeps things.
absl::Status Failed(std::string_view what) {
  const int error = errno;
  const std::string message =
      absl::StrCat("cannot ", what, " a work file: ", std::generic_category().message(error));
  if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

}  // namespace

absl::StatusOr<WorkFile> WorkFile::Make(const std::string& folder) {
  std::error_code ignored;  // What it was shows when the file is made.
  std::filesystem::create_directories(folder, ignored);
  std::string path = absl::StrCat(folder, "/work_XXXXXX");
  const int file = mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) return Failed("make");
  WorkFile made(file);
  if (unlink(path.c_str()) != 0) return Failed("make");
  return made;
}

absl::Status WorkFile::Add(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Failed("write");
    bytes.remove_prefix(written);
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> WorkFile::Size() const {
  struct stat about;
  if (fstat(file_.get(), &about) != 0) return Failed("look at");
  return about.st_size;
}

absl::StatusOr<std::string> WorkFile::Read(int64_t offset, int64_t limit) const {
  std::string bytes(limit, '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = pread(file_.get(), bytes.data() + have, bytes.size() - have,
                              offset + static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read");
    if (got == 0) break;
    have += got;
  }
  bytes.resize(have);
  return bytes;
}

absl::StatusOr<Descriptor> WorkFile::OpenForReading() const {
  const std::string path = absl::StrCat("/proc/self/fd/", file_.get());
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return Failed("open");
  return file;
}

}  // namespace selfology::file
