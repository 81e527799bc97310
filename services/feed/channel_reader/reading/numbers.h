// Numbers, times and sizes as pages write them.
//
//   ReadCount("1.5M")           // 1500000
//   ReadCount("11 123")         // 11123
//   ReadTime("2024-01-15T10:30:00+00:00"), ReadTime("Mon, 15 Jan 2024 10:30:00 GMT")
//   ReadSize("1.2 MB")          // 1258291
//   ReadDuration("1:02:03")     // 1 h 2 min 3 s
//
// Threads: pure functions. Sources: RFC 3339, RFC 822 and 2822 with the zones that feeds write.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace selfology::channel_reader {

// 0 for what is no number. K, M and B stand for thousands, millions, thousands of millions.
int64_t ReadCount(std::string_view text);
// nullopt for what is no time, or not of the years 1970 to 2200.
std::optional<absl::Time> ReadTime(std::string_view text);
// Bytes, of 1,024 a KB; 0 for what is no size.
int64_t ReadSize(std::string_view text);
// nullopt for what is no duration.
std::optional<absl::Duration> ReadDuration(std::string_view text);
// The `c` of Telegram's data-view, base64 of {"c":-1005640892,…}, as the Bot API writes ids; 0:
// it has none.
int64_t ReadTelegramId(std::string_view data_view);

}  // namespace selfology::channel_reader
