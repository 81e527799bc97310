// SQL of the social graph; see migrations/0004_skills_and_social.sql. Errors: the transaction's.
// Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/user/v1/social_service.pb.h"

namespace selfology::user::store {

// Waits for other changes between the same two persons, whichever begins; held until the transaction
// ends.
void LockPair(postgres::Transaction& tx, int64_t a, int64_t b);

// These say whether something changed.
absl::StatusOr<bool> Follow(postgres::Transaction& tx, int64_t user_id, int64_t other,
                            absl::Time now);
absl::StatusOr<bool> Unfollow(postgres::Transaction& tx, int64_t user_id, int64_t other);
absl::StatusOr<bool> Block(postgres::Transaction& tx, int64_t user_id, int64_t other,
                           absl::Time now);
absl::StatusOr<bool> Unblock(postgres::Transaction& tx, int64_t user_id, int64_t other);

absl::StatusOr<bool> IsBlockedEitherWay(postgres::Transaction& tx, int64_t a, int64_t b);
absl::StatusOr<v1::Relation> ReadRelation(postgres::Transaction& tx, int64_t user_id,
                                          int64_t other);

enum class Kind { kFollowing, kFollowers, kMutuals, kBlocked };
// Where a page of a list goes on: behind this one, newest first.
struct Position {
  absl::Time since = absl::InfiniteFuture();
  int64_t other = 0;
};
absl::StatusOr<std::vector<v1::Relation>> ListRelations(postgres::Transaction& tx, Kind kind,
                                                        int64_t user_id, const Position& after,
                                                        int limit);

absl::StatusOr<std::vector<v1::Suggestion>> Suggest(postgres::Transaction& tx, int64_t user_id,
                                                    int limit);

absl::StatusOr<int64_t> DeleteSocial(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::user::store
