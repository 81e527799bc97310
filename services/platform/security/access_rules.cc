#include "services/platform/security/access_rules.h"

#include "absl/strings/str_cat.h"
#include "common/identity/caller.h"
#include "common/identity/roles.h"

namespace selfology::security {
namespace {

bool GrantAllows(const GrantFacts& grant, const Question& question, absl::Time now) {
  return grant.expires_at > now && identity::Covers(grant.pattern, question.permission) &&
         (grant.resource.empty() || grant.resource == question.resource);
}

}  // namespace

Decision Decide(const Standing& standing, const Question& question, absl::Time now) {
  if (!question.of_others && (identity::UserAllows(question.permission) ||
                              identity::StaffAllows(standing.roles, question.permission))) {
    return {true, "role"};
  }
  for (const bool of_team : {false, true}) {
    for (const GrantFacts& grant : standing.grants) {
      if (grant.of_team == of_team && GrantAllows(grant, question, now)) {
        return {true, of_team ? "team" : "grant"};
      }
    }
  }
  for (const Membership& member : standing.teams) {
    if (question.resource == absl::StrCat("team/", member.team_id) &&
        identity::TeamAllows(member.role, question.permission)) {
      return {true, "team"};
    }
  }
  return {};
}

}  // namespace selfology::security
