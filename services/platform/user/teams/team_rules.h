// Who may do what in a team, and what becomes of it.
//
//   Members members = ...;                                   // user id -> role
//   RETURN_IF_ERROR(ChangeRole(members, request.user_id(), other, v1::TEAM_ROLE_ADMIN));
//   store::SaveMembers(tx, team_id, members);
//
// A team always has exactly one owner. What is refused changes nothing. Errors: TEAM_NOT_FOUND (who
// asks is no member), TEAM_ROLE_REQUIRED, TEAM_RULE_BROKEN, INVALID_ARGUMENT. Threads: pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "absl/status/status.h"
#include "selfology/user/v1/team_service.pb.h"

namespace selfology::user {

using Members = std::map<int64_t, v1::TeamRole>;

std::optional<int64_t> OwnerOf(const Members& members);

// Whether `actor` may invite somebody as that; `limit`: members that the plan allows, invited ones
// included in `taken`.
absl::Status MayInvite(const Members& members, int64_t actor, int64_t invited, v1::TeamRole role,
                       int taken, int limit);
// Joins as what they were invited as.
absl::Status Join(Members& members, int64_t invited, v1::TeamRole role, int limit);
absl::Status ChangeRole(Members& members, int64_t actor, int64_t member, v1::TeamRole role);
absl::Status Remove(Members& members, int64_t actor, int64_t member);
absl::Status Leave(Members& members, int64_t member);
absl::Status Transfer(Members& members, int64_t actor, int64_t new_owner);
absl::Status MayDelete(const Members& members, int64_t actor);

// Somebody is erased. The owner's place goes to an admin, else to a member; of several to the one of
// the lowest id. False: nobody is left, and the team ends.
bool Erase(Members& members, int64_t member);

}  // namespace selfology::user
