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
void MarkIndexed(postgres::Transaction& tx, int64_t user_id, int64_t version);

// Who of these has no profile, or none any more.
absl::StatusOr<std::vector<int64_t>> WithoutProfile(postgres::Transaction& tx,
                                                    const std::vector<int64_t>& user_ids);

// The number of rows erased. Events in the outbox age out with its retention.
// Who of these has no profile, or none any more.
absl::StatusOr<std::vector<int64_t>> WithoutProfile(postgres::Transaction& tx,
                                                    const std::vector<int64_t>& user_ids);
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::profile::store
