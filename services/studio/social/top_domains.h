// Top-level domains, generic and of countries, of which X knows that they make a link: those of IANA
// (by the Public Suffix List, https://publicsuffix.org/list/, MPL 2.0) that twitter-text 3.1.0 takes. Younger
// ones make none.
//
//   IsTopDomain("com");   // true; "рф" as well
//
// Threads: pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace selfology::social {

// In lower case, not in Punycode.
bool IsTopDomain(std::string_view name);
constexpr size_t kLongestTopDomain = 33;  // In bytes.

}  // namespace selfology::social
