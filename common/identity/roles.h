// What each role may do. The one list of it: services read it as patterns of permissions
// (common/identity/caller.h), and whoever makes a new domain adds its rows.
//
//   caller.permissions = identity::PatternsOf(caller.roles);
//
// Every person has the role "user", named or not: the data of their own. The subject rule
// (common/rpc/authorize.h) holds whoever has a permission by that role alone to themselves. The
// other roles are given to people by administrators and are for the data of all.
//
// Source: R004-16 (docs/requirements.md). Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace selfology::identity {

inline constexpr std::string_view kUserRole = "user";

struct RoleGrant {
  std::string_view role;
  std::string_view pattern;
};

// All rows, for tests and documents.
absl::Span<const RoleGrant> RoleGrants();

// Of all of the roles, and of "user"; unknown ones have none. In the table's order.
std::vector<std::string> PatternsOf(absl::Span<const std::string> roles);

// Whether one of the roles other than "user" covers it.
bool StaffAllows(absl::Span<const std::string> roles, std::string_view permission);

// Whether the role "user" covers it.
bool UserAllows(std::string_view permission);

// What a member of a team may do with the team's things, by their role in it: "owner", "admin", "editor",
// "member" or "viewer".
absl::Span<const RoleGrant> TeamRoleGrants();
bool TeamAllows(std::string_view team_role, std::string_view permission);

// What both of two lists of patterns cover: a third-party app may do what its scope says, as far as
// its person may.
std::vector<std::string> Intersection(absl::Span<const std::string> one,
                                      absl::Span<const std::string> other);

}  // namespace selfology::identity
