// SQL of rules; see migrations/0002_rules.sql. Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/gamification/v1/rule.pb.h"

namespace selfology::gamification::store {

// Waits for other changes of rules; the key is always 0.
inline constexpr postgres::AdvisoryLock LockRules("gamification.rules");

// The newest version if that is the same, else a new one.
absl::StatusOr<v1::Rule> SaveDraft(postgres::Transaction& tx, const v1::RuleDefinition& definition,
                                   absl::Time now);
// version 0: the newest.
absl::StatusOr<std::optional<v1::Rule>> ReadRule(postgres::Transaction& tx,
                                                 std::string_view rule_id, int32_t version);
absl::StatusOr<std::vector<v1::Rule>> ListRules(postgres::Transaction& tx, v1::RuleState state,
                                                std::string_view after_rule, int32_t after_version,
                                                int64_t limit);
absl::StatusOr<std::vector<v1::Rule>> ReadLive(postgres::Transaction& tx);

// Makes the version live, and the one before retired.
absl::Status Publish(postgres::Transaction& tx, std::string_view rule_id, int32_t version,
                     bool backfill, absl::Time now);
// nullopt: none was live.
absl::StatusOr<std::optional<v1::Rule>> Retire(postgres::Transaction& tx, std::string_view rule_id);

// Definitions of rules that are not there at all become live.
absl::Status Seed(postgres::Transaction& tx, const std::vector<v1::RuleDefinition>& definitions,
                  absl::Time now);

// A rule whose badge is to be given for events of the past, and the last person that was done; it is
// locked. nullopt: none.
struct Backfill {
  v1::Rule rule = {};
  int64_t after = 0;
};
absl::StatusOr<std::optional<Backfill>> LockBackfill(postgres::Transaction& tx);
// nullopt: it is done.
void SaveBackfill(postgres::Transaction& tx, const v1::Rule& rule, std::optional<int64_t> after);

}  // namespace selfology::gamification::store
