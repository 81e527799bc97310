// All SQL of the profile service but for vectors; see migrations/. Functions that return nothing
// are queued: they cost no round trip of their own. Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/profile/v1/profile.pb.h"

namespace selfology::profile::store {

inline constexpr std::string_view kRequests = "profile_requests";

// Every change to a person's profile begins with this. Held until the transaction ends.
inline constexpr postgres::AdvisoryLock LockUser("profile");

absl::StatusOr<std::optional<v1::Profile>> Read(postgres::Transaction& tx, int64_t user_id);
// Those found, in no particular order.
absl::StatusOr<std::vector<v1::Profile>> ReadAll(postgres::Transaction& tx,
                                                 const std::vector<int64_t>& user_ids);

absl::Status Save(postgres::Transaction& tx, const v1::Profile& profile);

// Profiles that changed since they were put into the vector store, the longest waiting first.
absl::StatusOr<std::vector<v1::Profile>> Unindexed(postgres::Transaction& tx, int limit);
// Notes that the vector store has these versions; gives whose profile is not the one that was read
// any more: erased since, and perhaps begun anew.
absl::StatusOr<std::vector<int64_t>> MarkIndexed(postgres::Transaction& tx,
                                                 const std::vector<v1::Profile>& profiles);
// The vector store has nothing of these people.
void MarkUnindexed(postgres::Transaction& tx, const std::vector<int64_t>& user_ids);

// The number of rows erased.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::profile::store
