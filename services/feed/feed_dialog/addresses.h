// Finds the channels that a message names.
//
//   FindAddresses("look: @daily_tea and https://t.me/s/night_sky/7.").found
//       // {"@daily_tea", "https://t.me/s/night_sky/7"}
//   FindAddresses("durov").found                  // {"durov"}: a single word may be a name, and lines of them
//   FindAddresses("daily_tea space2024").found    // both: no sentence has such words
//   FindAddresses("hello?").found                 // none: a greeting, a question, small talk
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace selfology::feed_dialog {

inline constexpr size_t kMaxAddresses = 10;

struct Addresses {
  // In their order, each once, one more than kMaxAddresses if there are more.
  std::vector<std::string> found = {};
  // Words beside them that may be names, and may be none.
  std::vector<std::string> unclear = {};
};
Addresses FindAddresses(std::string_view words);

}  // namespace selfology::feed_dialog
