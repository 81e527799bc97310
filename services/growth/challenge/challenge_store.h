// All SQL of the challenge service; see migrations/. Functions that return nothing are queued. Errors:
// the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "common/uuid/uuid.h"
#include "selfology/challenge/v1/challenge.pb.h"
#include "services/growth/challenge/generation/draft.h"
#include "services/growth/challenge/generation/templates.h"

namespace selfology::challenge::store {

// Waits for other changes of the person's challenges, or of one challenge; held until the
// transaction ends. A person's comes first.
inline constexpr postgres::AdvisoryLock LockUser("challenge.user");
inline constexpr postgres::AdvisoryLock LockChallenge("challenge");
// The same for the ratings of what challenges are learned under, by events::HashedKey, then of a person.
// Many challenges change them; taken after LockChallenge.
inline constexpr postgres::AdvisoryLock LockItemRating("challenge.item");
inline constexpr postgres::AdvisoryLock LockPersonRating("challenge.rating");

enum class Prize { kNone, kWanted, kHeld, kPayDue, kPaid, kReturnDue, kReturned };

struct Row {
  int64_t id = 0;
  int64_t user_id = 0;
  int32_t kind = 0;
  int32_t mode = 0;
  int32_t state = 0;
  bool generated = false;
  std::string title = {};
  std::string text = {};
  std::vector<std::string> options = {};
  int32_t right_option = 0;
  std::vector<int64_t> proof_tasks = {};
  int32_t goal = 0;
  std::string item = {};
  std::string language = {};
  std::string model = {};
  absl::Time created_at;
  absl::Time ends_at;
  int64_t prize = 0;
  int32_t prize_state = 0;
  uuid::Uuid hold_id = {};
  uuid::Uuid post_id = {};
  uuid::Uuid pay_id = {};
  int64_t winner_id = 0;
};
struct NewRow {
  Row row = {};
  std::string key = {};
  int32_t ordinal = 0;
  uint64_t fingerprint = 0;
  std::vector<std::pair<v1::EvidenceKind, int64_t>> evidence = {};
};
struct Part {
  int64_t challenge_id = 0;
  int64_t user_id = 0;
  int32_t state = 0;
  absl::Time joined_at;
  std::optional<absl::Time> decided_at = {};
  int32_t chosen_option = 0;
};

void SaveInsight(postgres::Transaction& tx, int64_t user_id, int64_t id, std::string_view text,
                 absl::Time at);
void MarkGone(postgres::Transaction& tx, int64_t user_id, v1::EvidenceKind kind, int64_t id,
              absl::Time at);
// The newest ones that are not gone.
absl::StatusOr<std::vector<InsightOf>> ReadInsights(postgres::Transaction& tx, int64_t user_id);
// Whether something of this evidence is gone.
absl::StatusOr<bool> IsAnyGone(postgres::Transaction& tx, int64_t user_id,
                               const std::vector<std::pair<v1::EvidenceKind, int64_t>>& evidence);
absl::StatusOr<std::vector<uint64_t>> ReadFingerprints(postgres::Transaction& tx, int64_t user_id,
                                                       int64_t limit);

absl::StatusOr<int64_t> Insert(postgres::Transaction& tx, const NewRow& row);
absl::StatusOr<std::vector<Row>> ReadByKey(postgres::Transaction& tx, int64_t user_id,
                                           std::string_view key);
absl::StatusOr<std::optional<Row>> Read(postgres::Transaction& tx, int64_t id);
// Those the person made, was given or joined, of lower ids.
absl::StatusOr<std::vector<Row>> List(postgres::Transaction& tx, int64_t user_id, int32_t state,
                                      int64_t before_id, int64_t limit);
absl::StatusOr<std::vector<v1::Evidence>> ReadEvidence(postgres::Transaction& tx, int64_t id);
// Open ones that rest on it.
absl::StatusOr<std::vector<int64_t>> RestingOn(postgres::Transaction& tx, int64_t user_id,
                                               v1::EvidenceKind kind, int64_t id);
absl::StatusOr<std::vector<int64_t>> Due(postgres::Transaction& tx, absl::Time now, int64_t limit);
absl::StatusOr<std::vector<int64_t>> WithPrizeToMove(postgres::Transaction& tx, int64_t limit);
void SetState(postgres::Transaction& tx, int64_t id, v1::ChallengeState state);
void SetPrize(postgres::Transaction& tx, int64_t id, Prize state, int64_t winner_id);
// Those that are funded but for the ledger's word, or whose prize is; false: another did it.
absl::StatusOr<bool> MovePrize(postgres::Transaction& tx, int64_t id, Prize from, Prize to);

absl::StatusOr<std::optional<Part>> ReadPart(postgres::Transaction& tx, int64_t id,
                                             int64_t user_id);
absl::StatusOr<std::vector<Part>> ReadParts(postgres::Transaction& tx, int64_t id);
void SavePart(postgres::Transaction& tx, const Part& part);
// Deeds that the person takes part in, are open, began before and may be proven by this task.
absl::StatusOr<std::vector<int64_t>> DeedsFor(postgres::Transaction& tx, int64_t user_id,
                                              int64_t task_id, absl::Time at);
// False: the task counted before.
absl::StatusOr<bool> SaveProof(postgres::Transaction& tx, int64_t id, int64_t user_id,
                               int64_t task_id, const uuid::Uuid& event_id);
// Of challenges that are open still.
void ForgetProofs(postgres::Transaction& tx, int64_t user_id, int64_t task_id);
// user_id 0: of all who take part.
absl::StatusOr<std::vector<std::string>> ReadProofs(postgres::Transaction& tx, int64_t id,
                                                    int64_t user_id);

absl::StatusOr<rating::Glicko> ReadPersonRating(postgres::Transaction& tx, int64_t user_id);
// Of these items, as they were learned; those that were not are left out.
absl::StatusOr<std::vector<std::pair<std::string, rating::Glicko>>> ReadItemRatings(
    postgres::Transaction& tx, const std::vector<std::string>& items);
void SavePersonRating(postgres::Transaction& tx, int64_t user_id, const rating::Glicko& rating);
void SaveItemRating(postgres::Transaction& tx, std::string_view item, const rating::Glicko& rating);
// Keeps what was learned.
void AddItem(postgres::Transaction& tx, std::string_view item, const rating::Glicko& first);

absl::StatusOr<Tally> ReadTally(postgres::Transaction& tx);
void AddToTally(postgres::Transaction& tx, const Tally& more);

struct DecisionRow {
  int64_t id = 0;
  int64_t challenge_id = 0;
  int64_t actor_id = 0;
  std::string action = {};
  std::string reason = {};
  absl::Time decided_at;
  int64_t person_id = 0;
};
// One of "reported" and "appealed" that is there already stays as it is.
absl::StatusOr<DecisionRow> SaveDecision(postgres::Transaction& tx, const DecisionRow& decision);
absl::StatusOr<int64_t> CountReports(postgres::Transaction& tx, int64_t challenge_id);
absl::StatusOr<std::optional<DecisionRow>> ReadDecision(postgres::Transaction& tx,
                                                        int64_t challenge_id, int64_t person_id,
                                                        const std::vector<std::string>& actions);
absl::StatusOr<std::vector<DecisionRow>> ListDecisions(postgres::Transaction& tx,
                                                       int64_t challenge_id, bool waiting,
                                                       int64_t before_id, int64_t limit);

// The number of rows erased.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::challenge::store
