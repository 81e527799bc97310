// UTF-8, character by character, for texts that may hold anything.
//
//   for (std::string_view rest = text; !rest.empty();) Judge(text::TakeCharacter(rest));
//   std::string_view title = text::Prefix(summary, 100);
//
// Threads: pure functions. Source: RFC 3629.
#pragma once

#include <string>
#include <string_view>

namespace selfology::text {

// The first character, taken off the front of a text that is not empty. 0 for a byte that belongs
// to none, so that bad bytes are passed one by one; U+0000 is 0 as well.
char32_t TakeCharacter(std::string_view& utf8);

void AppendCharacter(char32_t character, std::string& utf8);

// The first `characters` characters, or all.
std::string_view Prefix(std::string_view utf8, int characters);

}  // namespace selfology::text
