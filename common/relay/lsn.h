// A place in PostgreSQL's write-ahead log: bytes since its beginning. PostgreSQL writes it
// "16/B374D848".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace selfology::relay {

using Lsn = uint64_t;

absl::StatusOr<Lsn> ParseLsn(std::string_view text);
std::string FormatLsn(Lsn lsn);

}  // namespace selfology::relay
