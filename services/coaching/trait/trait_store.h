// All SQL of the trait service; see migrations/. Functions that return nothing are queued: they
// cost no round trip of their own. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/trait/v1/trait.pb.h"
#include "services/coaching/trait/evolution.h"

namespace selfology::trait::store {

// Waits for other changes of the same person's history; held until the transaction ends.
inline constexpr postgres::AdvisoryLock LockUser("trait");

// `before`: what is known of the time before; the value that a trait not in it had is looked up.
void Append(postgres::Transaction& tx, int64_t user_id, int64_t answer_id,
            const std::map<TraitName, Sample>& samples, const History& before);

// Samples from `since` on.
absl::StatusOr<History> ReadHistory(postgres::Transaction& tx, int64_t user_id, absl::Time since);

struct Known {
  History history = {};                                             // From `since` on.
  std::map<TraitName, v1::TraitPatternType> published_shapes = {};  // The last of each trait.
};
absl::StatusOr<Known> ReadKnown(postgres::Transaction& tx, int64_t user_id, absl::Time since);

struct RecordFilter {
  int64_t user_id = 0;
  std::string trait_name;                                       // Empty: any.
  v1::TraitCategory category = v1::TRAIT_CATEGORY_UNSPECIFIED;  // Unspecified: any.
  absl::Time from = absl::InfinitePast();
  absl::Time before = absl::InfiniteFuture();
  int64_t before_id = 0;
  int limit = 0;
};
// Newest first, traits of words among them.
absl::StatusOr<std::vector<v1::TraitRecord>> ListRecords(postgres::Transaction& tx,
                                                         const RecordFilter& filter);

void SavePublished(postgres::Transaction& tx, int64_t user_id,
                   const std::map<TraitName, v1::TraitPatternType>& shapes);

// The word that each trait of words had last.
absl::StatusOr<Words> ReadWords(postgres::Transaction& tx, int64_t user_id);
// Entries of words that changed, each with the one of `before`.
void AppendWords(postgres::Transaction& tx, int64_t user_id, int64_t answer_id,
                 const std::string& trigger, absl::Time at, const Words& changed,
                 const Words& before);

// How well statements describe the person, 1 to 5, by their ids.
using Ratings = std::map<std::string, int64_t>;
absl::StatusOr<Ratings> ReadRatings(postgres::Transaction& tx, int64_t user_id);
void SaveRating(postgres::Transaction& tx, int64_t user_id, const std::string& statement_id,
                int64_t rating, absl::Time now);

// The number of rows erased.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::trait::store
