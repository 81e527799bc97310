#include "services/edge/telegram_gateway/media/media_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_gateway {
namespace {

constexpr size_t kLongestId = 64;
constexpr std::string_view kPart = ".part";

absl::Status Failure(std::string_view what, int code) {
  const std::string words = absl::StrCat(what, ": ", std::generic_category().message(code));
  if (code == ENOENT) return absl::NotFoundError(words);
  if (code == ENOSPC || code == EDQUOT) return absl::ResourceExhaustedError(words);
  return absl::UnavailableError(words);
}

absl::Status BadId() { return absl::InvalidArgumentError("no media_id"); }

// An open file that is closed at the end.
class Opened {
 public:
  Opened(const std::string& path, int flags) : file_(::open(path.c_str(), flags, 0600)) {}
  ~Opened() {
    if (file_ >= 0) ::close(file_);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  int get() const { return file_; }

 private:
  const int file_;
};

absl::Status WriteAll(int file, std::string_view bytes, int64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failure("media file not written", errno);
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += written;
  }
  return absl::OkStatus();
}

absl::Status Sync(int file) {
  return ::fsync(file) == 0 ? absl::OkStatus() : Failure("media file not synced", errno);
}

// A new name is safe once its folder is.
absl::Status SyncFolder(const std::string& folder) {
  const Opened opened(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened.get() < 0) return Failure("media folder not opened", errno);
  return Sync(opened.get());
}

}  // namespace

bool IsMediaId(std::string_view text) {
  return !text.empty() && text.size() <= kLongestId &&
         std::all_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || c == '_';
         });
}

std::string MediaFiles::PathOf(std::string_view media_id) const {
  return absl::StrCat(folder_, "/", media_id);
}

absl::Status MediaFiles::MakeFolder() const {
  std::error_code error;
  if (std::filesystem::is_directory(folder_, error)) return absl::OkStatus();
  std::filesystem::create_directories(std::filesystem::path(folder_).parent_path(), error);
  if (::mkdir(folder_.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return absl::UnavailableError(
        absl::StrCat("media folder cannot be made: ", std::generic_category().message(errno)));
  }
  return absl::OkStatus();
}

absl::Status MediaFiles::Write(std::string_view media_id, int64_t offset,
                               std::string_view bytes) const {
  if (!IsMediaId(media_id) || offset < 0) return BadId();
  RETURN_IF_ERROR(MakeFolder());
  const Opened opened(PathOf(media_id), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW);
  if (opened.get() < 0) return Failure("media file not opened", errno);
  struct stat info = {};
  if (::fstat(opened.get(), &info) != 0) return Failure("media file not read", errno);
  if (info.st_size < offset) return absl::OutOfRangeError("something is missing before the offset");
  RETURN_IF_ERROR(WriteAll(opened.get(), bytes, offset));
  RETURN_IF_ERROR(Sync(opened.get()));
  return offset == 0 ? SyncFolder(folder_) : absl::OkStatus();
}

absl::StatusOr<std::string> MediaFiles::Read(std::string_view media_id, int64_t offset,
                                             size_t limit) const {
  if (!IsMediaId(media_id) || offset < 0) return BadId();
  const Opened opened(PathOf(media_id), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (opened.get() < 0) return Failure("media file not opened", errno);
  std::string bytes(limit, '\0');
  size_t read = 0;
  while (read < limit) {
    const ssize_t got = ::pread(opened.get(), bytes.data() + read, limit - read,
                                offset + static_cast<int64_t>(read));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure("media file not read", errno);
    if (got == 0) break;
    read += static_cast<size_t>(got);
  }
  bytes.resize(read);
  return bytes;
}

int64_t MediaFiles::Size(std::string_view media_id) const {
  struct stat info = {};
  return IsMediaId(media_id) && ::stat(PathOf(media_id).c_str(), &info) == 0 ? info.st_size : 0;
}

absl::Status MediaFiles::Remove(std::string_view media_id) const {
  if (!IsMediaId(media_id)) return BadId();
  if (::unlink(PathOf(media_id).c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return Failure("media file not removed", errno);
}

absl::StatusOr<MediaFiles::Incoming> MediaFiles::Receive(std::string_view media_id) const {
  if (!IsMediaId(media_id)) return BadId();
  RETURN_IF_ERROR(MakeFolder());
  // Another process may be bringing the same one.
  static std::atomic<int64_t> count = 0;
  const std::string path = PathOf(media_id);
  std::string part = absl::StrCat(path, ".", ::getpid(), ".", ++count, kPart);
  const int file =
      ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return Failure("media file not opened", errno);
  return Incoming(folder_, std::move(part), path, file);
}

MediaFiles::Incoming::Incoming(std::string folder, std::string part, std::string path, int file)
    : folder_(std::move(folder)), part_(std::move(part)), path_(std::move(path)), file_(file) {}

MediaFiles::Incoming::Incoming(Incoming&& other) noexcept
    : folder_(std::move(other.folder_)),
      part_(std::move(other.part_)),
      path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      size_(other.size_) {}

MediaFiles::Incoming::~Incoming() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(part_.c_str());
}

absl::Status MediaFiles::Incoming::Add(std::string_view bytes) {
  RETURN_IF_ERROR(WriteAll(file_, bytes, size_));
  size_ += static_cast<int64_t>(bytes.size());
  return absl::OkStatus();
}

absl::Status MediaFiles::Incoming::Finish() {
  RETURN_IF_ERROR(Sync(file_));
  if (::rename(part_.c_str(), path_.c_str()) != 0) return Failure("media file not kept", errno);
  ::close(std::exchange(file_, -1));
  return SyncFolder(folder_);
}

absl::StatusOr<std::vector<std::string>> MediaFiles::Names() const {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder_, error);
  if (error == std::errc::no_such_file_or_directory) return names;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return absl::UnavailableError("media folder cannot be listed");
  return names;
}

absl::StatusOr<std::vector<std::string>> MediaFiles::List() const {
  ASSIGN_OR_RETURN(std::vector<std::string> names, Names());
  std::erase_if(names, [](const std::string& name) { return !IsMediaId(name); });
  return names;
}

absl::Status MediaFiles::RemoveUnfinished(absl::Duration age) const {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, Names());
  for (const std::string& name : names) {
    if (!name.ends_with(kPart)) continue;
    const std::string path = absl::StrCat(folder_, "/", name);
    struct stat info = {};
    if (::stat(path.c_str(), &info) != 0) continue;
    if (absl::Now() - absl::TimeFromTimespec(info.st_mtim) < age) continue;
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      return Failure("media file not removed", errno);
    }
  }
  return absl::OkStatus();
}

}  // namespace selfology::telegram_gateway
