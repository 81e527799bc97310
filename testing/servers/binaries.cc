#include "testing/servers/binaries.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace selfology::servers {
namespace {

// Bytes; leaves room for the folder's own name and a socket's in the 107 of its address.
constexpr size_t kLongestParent = 60;

}  // namespace

absl::StatusOr<std::string> BinaryPath(std::string_view name) {
  std::vector<std::string> folders;
  if (const char* folder = getenv("SELFOLOGY_SERVERS"); folder != nullptr)
    folders.push_back(folder);
  for (const char* variable : {"TEST_SRCDIR", "RUNFILES_DIR"}) {
    if (const char* runfiles = getenv(variable); runfiles != nullptr) {
      folders.push_back(absl::StrCat(runfiles, "/debian_sysroot/bin"));
    }
  }
  folders.push_back(absl::StrCat(program_invocation_name, ".runfiles/debian_sysroot/bin"));
  for (const std::string& folder : folders) {
    std::string path = absl::StrCat(folder, "/", name);
    // Absolute, so that a process may start in any folder.
    std::error_code error;
    std::string absolute = std::filesystem::absolute(path, error).string();
    if (!error && access(absolute.c_str(), X_OK) == 0) return absolute;
  }
  return absl::NotFoundError(
      absl::StrCat("no program ", name,
                   ": set SELFOLOGY_SERVERS to the folder that has it, or run under Bazel"));
}

absl::StatusOr<ScratchFolder> ScratchFolder::Make() {
  const char* parent = getenv("TMPDIR");
  const bool usable = parent != nullptr && *parent == '/' && strlen(parent) <= kLongestParent;
  std::string path = absl::StrCat(usable ? parent : "/tmp", "/selfology-XXXXXX");
  if (mkdtemp(path.data()) == nullptr) {
    return absl::InternalError(absl::StrCat("cannot make ", path, ": ", strerrordesc_np(errno)));
  }
  chmod(path.c_str(), 0755);  // PostgreSQL may have to run as another user.
  ScratchFolder folder;
  folder.path_ = std::move(path);
  return folder;
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

ScratchFolder& ScratchFolder::operator=(ScratchFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace selfology::servers
