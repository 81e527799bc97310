// What people write, measured as the contracts measure it: in characters (Unicode code points),
// without the white space around it.
//
//   const std::string_view answer = text::Trim(request.answer_text());
//   if (text::Characters(answer) > 4096) ...
//
// The texts are valid UTF-8, as every string field of a message that was parsed is. Threads: pure
// functions. Source: the Unicode property White_Space (PropList.txt).
#pragma once

#include <string_view>

namespace selfology::text {

int Characters(std::string_view utf8);

// Without white space at either end, of any script: U+00A0 and U+3000 too.
std::string_view Trim(std::string_view utf8);

// Whether a database can keep it: U+0000 is the one character that PostgreSQL's text cannot hold.
bool IsStorable(std::string_view utf8);

}  // namespace selfology::text
