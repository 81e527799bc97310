#include "common/rpc/service_secret.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"

namespace selfology::rpc {

absl::StatusOr<std::string> ReadServiceSecret(const std::string& path) {
  constexpr size_t kShortest = 32;
  std::ifstream file(path);
  if (!file.is_open()) return absl::InvalidArgumentError("the file cannot be read");
  std::string secret((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  absl::StripAsciiWhitespace(&secret);
  // It travels as metadata, which takes nothing else.
  const bool printable = std::all_of(secret.begin(), secret.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c));
  });
  if (secret.size() < kShortest || !printable) {
    return absl::InvalidArgumentError(
        "the file must hold 32 or more printable ASCII characters, without spaces");
  }
  return secret;
}

}  // namespace selfology::rpc
