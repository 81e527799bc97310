// Permission patterns, and scopes made of them.
//
//   IsPattern("coaching.*")                                                   // true
//   ScopeWithin("coaching.answers.write", "coaching.* feed.posts.read")       // true
//
// A pattern is a permission, "<domain>.<things>.<verb>", or its beginning with ".*", or "*". A
// scope is patterns with spaces between. What covers what is said in common/identity/caller.h.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/status/status.h"

namespace selfology::security {

bool IsPattern(std::string_view text);

std::vector<std::string> SplitScope(std::string_view scope);
// Whether each pattern of `wanted` is covered by one of `allowed`.
bool ScopeWithin(std::string_view wanted, std::string_view allowed);

// What people may give away: patterns, neither "*" nor of operators ("mesh").
void CheckGrantable(std::string_view field, std::string_view pattern, status::FieldViolations& bad);
bool IsGrantable(std::string_view pattern);

}  // namespace selfology::security
