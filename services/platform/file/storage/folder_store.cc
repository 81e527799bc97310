#include "services/platform/file/storage/folder_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::file {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnfinished = ".part";

// Without the path: it may say where an operator keeps things.
absl::Status Failed(std::string_view what, int error) {
  const std::string message =
      absl::StrCat("cannot ", what, ": ", std::generic_category().message(error));
  if (error == ENOENT) return absl::NotFoundError("no such object");
  if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  const int number_;
};

absl::Status SyncFolder(const std::string& folder) {
  const Descriptor file(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.get() < 0 || fsync(file.get()) != 0) return Failed("sync a folder", errno);
  return absl::OkStatus();
}

absl::Status WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write", errno);
    bytes.remove_prefix(written);
  }
  if (fsync(file) != 0) return Failed("sync", errno);
  return absl::OkStatus();
}

}  // namespace

// Keys begin with two random hexadecimal digits and "/".
std::string FolderStore::PathOf(const std::string& key) const {
  return absl::StrCat(folder_, "/", key);
}

absl::Status FolderStore::Put(const Call&, const std::string& key, std::string_view bytes) {
  const std::string path = PathOf(key);
  const std::string folder = fs::path(path).parent_path();
  std::error_code error;
  const bool is_new = fs::create_directories(folder, error);
  if (error) return Failed("make a folder", error.value());
  if (is_new) {
    fs::permissions(folder_, fs::perms::owner_all, error);
    RETURN_IF_ERROR(SyncFolder(folder_));
  }
  const std::string part = absl::StrCat(path, kUnfinished);
  absl::Status status;
  {
    const Descriptor file(open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) return Failed("make a file", errno);
    status = WriteAll(file.get(), bytes);
  }
  if (status.ok() && rename(part.c_str(), path.c_str()) != 0) status = Failed("rename", errno);
  if (status.ok()) return SyncFolder(folder);
  unlink(part.c_str());
  return status;
}

absl::StatusOr<std::string> FolderStore::Get(const Call&, const std::string& key, int64_t offset,
                                             int64_t limit) {
  const Descriptor file(open(PathOf(key).c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return Failed("open", errno);
  struct stat about;
  if (fstat(file.get(), &about) != 0) return Failed("look at a file", errno);
  const int64_t size = std::clamp<int64_t>(about.st_size - offset, 0, limit);
  std::string bytes(size, '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = pread(file.get(), bytes.data() + have, bytes.size() - have,
                              offset + static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read", errno);
    if (got == 0) break;
    have += got;
  }
  bytes.resize(have);
  return bytes;
}

absl::Status FolderStore::Delete(const Call&, const std::string& key) {
  // Whoever wrote it may have ended before it was whole.
  for (const std::string& path : {PathOf(key), absl::StrCat(PathOf(key), kUnfinished)}) {
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return Failed("delete", errno);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> FolderStore::Exists(const Call&, const std::string& key) {
  // A part of it is there, too.
  for (const std::string& path : {PathOf(key), absl::StrCat(PathOf(key), kUnfinished)}) {
    struct stat about;
    if (stat(path.c_str(), &about) == 0) return true;
    if (errno != ENOENT && errno != ENOTDIR) return Failed("look at a file", errno);
  }
  return false;
}

absl::StatusOr<std::vector<ObjectStore::Listed>> FolderStore::List(const Call&,
                                                                   const std::string& after,
                                                                   int limit) {
  std::vector<Listed> found;
  std::error_code error;
  if (!fs::exists(folder_, error)) return found;
  // Folder by folder, in their order, until there are enough: a folder holds a 256th of all.
  std::vector<std::string> folders;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (entry.is_directory(error)) folders.push_back(entry.path().filename());
  }
  std::sort(folders.begin(), folders.end());
  for (const std::string& name : folders) {
    if (name < std::string_view(after).substr(0, name.size())) continue;
    std::vector<Listed> here;
    for (const auto& entry : fs::directory_iterator(absl::StrCat(folder_, "/", name), error)) {
      Listed object{.key = absl::StrCat(name, "/", entry.path().filename().string())};
      struct stat about;
      if (object.key <= after || stat(entry.path().c_str(), &about) != 0) continue;
      object.written_at = absl::TimeFromTimespec(about.st_mtim);
      here.push_back(std::move(object));
    }
    std::sort(here.begin(), here.end(),
              [](const Listed& a, const Listed& b) { return a.key < b.key; });
    for (Listed& object : here) {
      if (static_cast<int>(found.size()) == limit) return found;
      found.push_back(std::move(object));
    }
  }
  if (error) return Failed("list", error.value());
  return found;
}

absl::Status FolderStore::Healthy(const Call&) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return Failed("make the folder", error.value());
  if (access(folder_.c_str(), R_OK | W_OK | X_OK) != 0) return Failed("use the folder", errno);
  return absl::OkStatus();
}

}  // namespace selfology::file
