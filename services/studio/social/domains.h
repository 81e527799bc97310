// What X makes links of: addresses with a scheme, and domains that stand in a text without one:
// "see example.com/page".
//
//   FindXLinks("see example.com/page, (https://a.org/x_(y)) or a.b");
//   // two: "example.com/page" and "https://a.org/x_(y)"
//
// Threads: pure. Source: the documentation and the behaviour of twitter-text 3.1.0
// (https://github.com/twitter/twitter-text). With a scheme, a domain may hold letters of all
// scripts; without one it is of Latin letters and stands between others: "漢字example.com". Paths
// hold Latin and Cyrillic letters only.
#pragma once

#include <string_view>
#include <vector>

#include "services/studio/social/limits.h"

namespace selfology::social {

// Byte positions, in order. No e-mail addresses.
std::vector<Link> FindXLinks(std::string_view text);

}  // namespace selfology::social
