#include "common/relay/lsn.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace selfology::relay {

absl::StatusOr<Lsn> ParseLsn(std::string_view text) {
  const std::vector<std::string_view> parts = absl::StrSplit(text, '/');
  uint32_t high = 0, low = 0;
  if (parts.size() != 2 || !absl::SimpleHexAtoi(parts[0], &high) ||
      !absl::SimpleHexAtoi(parts[1], &low)) {
    return absl::InvalidArgumentError(absl::StrCat("not a pg_lsn: \"", text, "\""));
  }
  return Lsn{high} << 32 | low;
}

std::string FormatLsn(Lsn lsn) {
  return absl::StrFormat("%X/%X", static_cast<uint32_t>(lsn >> 32), static_cast<uint32_t>(lsn));
}

}  // namespace selfology::relay
