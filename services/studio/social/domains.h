// Domains that stand in a text without "http://", which X makes links of: "see example.com/page".
//
//   FindDomains("see example.com/page or a.b");   // one: "example.com/page"
//
// Threads: pure. Source: twitter-text 3 (https://github.com/twitter/twitter-text): a domain of a
// country alone, as in "name.ru", is a link only with a path, or of two countries (.co, .tv). Of
// the generic domains it knows the usual ones, not all.
#pragma once

#include <string_view>
#include <vector>

#include "services/studio/social/limits.h"

namespace selfology::social {

// Byte positions, in order. Nothing within a link with a scheme or an e-mail address.
std::vector<Link> FindDomains(std::string_view text);

}  // namespace selfology::social
