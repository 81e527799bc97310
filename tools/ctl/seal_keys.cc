#include "tools/ctl/seal_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/status/status_macros.h"

namespace selfology::ctl {
namespace {

absl::Status Write(const std::string& path, const SealKeys& keys) {
  std::string text =
      "# Seals backups: the first key seals, all open. Whoever loses it loses what it sealed.\n";
  for (const std::string& key : keys) absl::StrAppend(&text, absl::BytesToHexString(key), "\n");
  const std::string fresh = path + ".new";
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  const bool written = file >= 0 &&
                       write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(file) == 0;
  if (file >= 0) close(file);
  std::error_code error;
  if (written) std::filesystem::rename(fresh, path, error);
  if (written && !error) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot write ", path));
}

absl::StatusOr<SealKeys> ReadSeveral(const std::string& path) {
  ASSIGN_OR_RETURN(SealKeys keys, ReadSealKeys(path, path));
  if (keys.size() > 1) return keys;
  return absl::FailedPreconditionError(absl::StrCat(path, " has one key only"));
}

}  // namespace

absl::StatusOr<SealKeys> ReadSealKeys(const std::string& path, std::string_view flag) {
  if (path.empty()) return SealKeys();
  std::ifstream file(path);
  if (!file.is_open()) return absl::InvalidArgumentError(absl::StrCat(flag, " cannot be read"));
  SealKeys keys;
  for (std::string text; std::getline(file, text);) {
    const std::string_view line = absl::StripAsciiWhitespace(text);
    if (line.empty() || line.starts_with('#')) continue;
    const bool is_hex = line.size() == 2 * crypto::Sealer::kKeyBytes &&
                        std::all_of(line.begin(), line.end(), absl::ascii_isxdigit);
    if (!is_hex) {
      return absl::InvalidArgumentError(
          absl::StrCat(flag, " must have lines of 64 hexadecimal digits"));
    }
    keys.push_back(absl::HexStringToBytes(line));
  }
  if (!keys.empty()) return keys;
  return absl::InvalidArgumentError(absl::StrCat(flag, " has no key"));
}

absl::Status AddSealKey(const std::string& path) {
  SealKeys keys;
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    ASSIGN_OR_RETURN(keys, ReadSealKeys(path, path));
  }
  keys.push_back(crypto::RandomBytes(crypto::Sealer::kKeyBytes));
  return Write(path, keys);
}

absl::Status UseNewestSealKey(const std::string& path) {
  ASSIGN_OR_RETURN(SealKeys keys, ReadSeveral(path));
  std::rotate(keys.rbegin(), keys.rbegin() + 1, keys.rend());
  return Write(path, keys);
}

absl::Status DropOldSealKeys(const std::string& path) {
  ASSIGN_OR_RETURN(SealKeys keys, ReadSeveral(path));
  keys.resize(1);
  return Write(path, keys);
}

}  // namespace selfology::ctl
