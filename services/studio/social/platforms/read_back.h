// Knows a post again in what its platform gives back: X shortens links and escapes "&", LinkedIn marks
// tags up, Facebook and Instagram change white space, WordPress makes a page of it.
//
//   if (SameText(PlainOfX(tweet), outgoing.text)) ...
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace selfology::social {

// Of a post as X's API v2 gives it, with "text" and "entities": its links as they were written.
std::string PlainOfX(const nlohmann::json& post);

// A text as LinkedIn's "little" format has it: what would be markup is escaped, tags stay tags.
// Source: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format
std::string LittleOf(std::string_view text);
// The other way; also of texts that were written elsewhere.
std::string PlainOfLittle(std::string_view little);

// Whether both say the same, but for white space, the scheme of links and "/" at their ends.
bool SameText(std::string_view a, std::string_view b);

// Whether both have the same letters and digits in the same order, whatever stands between them; without
// any, whether they have the same words.
bool SameLetters(std::string_view a, std::string_view b);

// "2026-11-30T12:00:00.000Z" or "2026-11-30T12:00:00+0000". InfinitePast for what is no time.
absl::Time ReadTime(const std::string& text);

}  // namespace selfology::social
