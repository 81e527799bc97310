// Finds the channels that a message names.
//
//   FindAddresses("look: @daily_tea and https://t.me/s/night_sky/7.")
//       // {"@daily_tea", "https://t.me/s/night_sky/7"}
//   FindAddresses("daily_tea")         // {"daily_tea"}: a single word may be a name
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace selfology::feed_dialog {

inline constexpr size_t kMaxAddresses = 10;

// In their order, each once, one more than kMaxAddresses if there are more.
std::vector<std::string> FindAddresses(std::string_view words);

}  // namespace selfology::feed_dialog
