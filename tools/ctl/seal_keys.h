// Files with the keys that seal backups: lines of 64 hexadecimal digits; the first key seals, all open.
//
//   RETURN_IF_ERROR(AddSealKey(path));       // a new key at the end
//   RETURN_IF_ERROR(UseNewestSealKey(path)); // it comes first and seals
//   RETURN_IF_ERROR(DropOldSealKeys(path));  // once nothing is wanted any more that the others sealed
//
// The file is replaced as a whole, and is this user's only. Errors: UNAVAILABLE of the file system; INVALID_ARGUMENT when the
// file has something else; FAILED_PRECONDITION when there is no other key. Threads: one at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace selfology::ctl {

// Of 32 bytes each, the first seals.
using SealKeys = std::vector<std::string>;

// Empty lines and lines that begin with "#" do not count. Empty path: no keys. INVALID_ARGUMENT names the flag.
absl::StatusOr<SealKeys> ReadSealKeys(const std::string& path, std::string_view flag);

absl::Status AddSealKey(const std::string& path);
absl::Status UseNewestSealKey(const std::string& path);
absl::Status DropOldSealKeys(const std::string& path);

}  // namespace selfology::ctl
