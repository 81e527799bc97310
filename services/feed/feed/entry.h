// What makes an entry acceptable.
//
//   status::FieldViolations bad;
//   CheckText(request.text(), bad);
//   RETURN_IF_ERROR(bad.ToStatus());
//
// Threads: pure functions. Time, randomness and I/O stay outside of this file, so its tests need no
// server.
#pragma once

#include <string_view>

#include "common/status/status.h"

namespace selfology::feed {

inline constexpr int kMaxTextLength = 1000;  // Unicode code points.

// 1 to kMaxTextLength characters, not only white space.
void CheckText(std::string_view text, status::FieldViolations& bad);

}  // namespace selfology::feed
