// Whether a person may do something: by a role, by a grant of their own, or by one of a team of
// theirs.
//
//   const Decision decision = Decide(standing, {"studio.posts.write", "content/42"}, now);
//
// A grant without a resource is for all of them; one with a resource for that one only, so a
// question about no resource in particular needs the former. A role in a team is for "team/<number>".
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace selfology::security {

struct GrantFacts {
  bool of_team = false;
  std::string pattern = {};
  std::string resource = {};  // Empty: all.
  absl::Time expires_at = absl::InfiniteFuture();
};

// A member's role in a team, which is for that team's things.
struct Membership {
  int64_t team_id = 0;
  std::string role = {};  // "owner", "admin", "editor", "member", "viewer".
};

// All that bears on a person.
struct Standing {
  std::vector<std::string> roles = {};  // Without "user", which everybody has.
  std::vector<GrantFacts> grants = {};  // Their own, and their teams'.
  std::vector<Membership> teams = {};
};

struct Question {
  std::string_view permission;
  std::string_view resource = {};
  // What roles allow does not count: not that of everybody with their own, and that of staff is known by
  // their token, which an app and a machine of theirs do not have.
  bool of_others = false;
};

struct Decision {
  bool allowed = false;
  std::string_view granted_by = {};  // "role", "grant", "team"; the first that allows it.
};

Decision Decide(const Standing& standing, const Question& question, absl::Time now);

}  // namespace selfology::security
