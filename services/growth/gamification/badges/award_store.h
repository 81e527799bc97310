// SQL of badges that persons got; see migrations/0002_rules.sql. Functions that return nothing are
// queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "common/uuid/uuid.h"
#include "selfology/gamification/v1/badge_service.pb.h"

namespace selfology::gamification::store {

struct AwardRow {
  uuid::Uuid award_id = {};
  int64_t user_id = 0;
  std::string badge_id = {};
  std::string rule_id = {};
  int32_t rule_version = 0;
  std::string key = {};
  int32_t ordinal = 0;
  uuid::Uuid event_id = {};
  absl::Time awarded_at;
  std::optional<absl::Time> revoked_at = {};
};
v1::Award ToProto(const AwardRow& row);

// Of these rules, revoked ones too.
absl::StatusOr<std::vector<AwardRow>> ReadAwards(postgres::Transaction& tx, int64_t user_id,
                                                 const std::vector<std::string>& rules);
void SaveAward(postgres::Transaction& tx, const AwardRow& award);
void RevokeAward(postgres::Transaction& tx, const uuid::Uuid& award_id, absl::Time now);

// Newest first, from behind that award on.
absl::StatusOr<std::vector<AwardRow>> ListAwards(postgres::Transaction& tx, int64_t user_id,
                                                 bool with_revoked,
                                                 const std::optional<uuid::Uuid>& after,
                                                 int64_t limit);
absl::StatusOr<std::optional<AwardRow>> ReadAward(postgres::Transaction& tx, int64_t user_id,
                                                  const uuid::Uuid& award_id);
// Those that an event has earned.
absl::StatusOr<std::vector<AwardRow>> AwardsOfEvent(postgres::Transaction& tx, int64_t user_id,
                                                    const uuid::Uuid& event_id);
absl::StatusOr<int64_t> CountAwards(postgres::Transaction& tx, int64_t user_id);
// How many persons have each badge.
absl::StatusOr<std::map<std::string, int64_t>> CountHolders(postgres::Transaction& tx);
// Newest first.
absl::StatusOr<std::vector<std::string>> ListRevoked(postgres::Transaction& tx, int64_t skip,
                                                     int64_t limit);

absl::StatusOr<int64_t> ForgetAwards(postgres::Transaction& tx, int64_t user_id);

// The seed of the key that signs credentials: that of the table, which `fresh` becomes if there is
// none.
absl::StatusOr<std::string> KeepIssuerSeed(postgres::Transaction& tx, std::string_view fresh);

}  // namespace selfology::gamification::store
