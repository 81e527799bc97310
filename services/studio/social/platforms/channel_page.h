// What a channel's public page (t.me/s/<channel>) says of its newest messages.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace selfology::social {

struct ChannelMessage {
  std::string id = {};    // "17"
  std::string text = {};  // Lines as they were; white space at the ends left out.
  absl::Time at = absl::InfinitePast();
};

// Oldest first, as the page has them. What cannot be read is left out.
std::vector<ChannelMessage> ReadChannelPage(std::string_view html);

// The same text, but for white space.
bool SameWords(std::string_view a, std::string_view b);

}  // namespace selfology::social
