// Whose something is: a person's own, or a team's, in which a person does what they do.
//
//   store::FindPost(tx, identity::OwnerOf(request), request.post_id());
//   "SELECT ... FROM content_posts WHERE " OWNED_BY_1_AND_2 " AND id = $3", owner.user_id, owner.team_id, post_id
//
// Whether the person may is not asked here: the kernel has asked before (rpc/authorize.h).
// Threads: values.
#pragma once

#include <cstdint>

namespace selfology::identity {

struct Owner {
  int64_t user_id = 0;  // Who does it; of what is no team's, whose it is.
  int64_t team_id = 0;  // 0: it is no team's.
};

// Of a request with `user_id` and, where it can be about a team's things, `team_id`.
template <typename Request>
Owner OwnerOf(const Request& request) {
  if constexpr (requires { request.team_id(); }) {
    return {.user_id = request.user_id(), .team_id = request.team_id()};
  } else {
    return {.user_id = request.user_id()};
  }
}

}  // namespace selfology::identity

// A condition on a table with `user_id` and `team_id`, whose statement has an owner's as $1 and $2.
#define OWNED_BY_1_AND_2 "team_id = $2 AND ($2 <> 0 OR user_id = $1)"
