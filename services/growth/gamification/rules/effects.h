// What an event of a person brings about, and what taking one back undoes: rewards, badges, streak,
// levels and ranks, in one transaction.
//
//   const Scene scene = {tx, user_id, now, trace, *live_rules};
//   RETURN_IF_ERROR(TakeFact(scene, fact));
//   ASSIGN_OR_RETURN(const Undone undone, RevokeEvents(scene, {event_id}, true, "task.reopened"));
//
// Whoever calls holds the person's lock (fact_store.h). Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "common/uuid/uuid.h"
#include "services/growth/gamification/ledger/posting_store.h"
#include "services/growth/gamification/rules/evaluation.h"

namespace selfology::gamification {

struct Scene {
  postgres::Transaction& tx;
  int64_t user_id;
  absl::Time now;
  std::optional<uuid::Uuid> trace;
  const std::vector<v1::Rule>& rules;  // Those that are live.
};

// Keeps the event and gives what it earns. One that is known changes nothing.
absl::Status TakeFact(const Scene& scene, const FactOf& fact);

struct Undone {
  std::vector<v1::TransferResult> results = {};
  std::vector<uuid::Uuid> reversals = {};
  std::vector<uuid::Uuid> revoked_awards = {};
  bool refused = false;  // Some transfer could not be reversed: roll back.
};
// The events count no longer: reverses what they caused and takes back badges that are not due any
// more. Pending transfers that they caused are let go.
absl::StatusOr<Undone> RevokeEvents(const Scene& scene, const std::vector<uuid::Uuid>& events,
                                    bool allow_debt, std::string_view code);

// Gives the badge of a rule where it is due and takes it back where it is not.
absl::Status SettleBadge(const Scene& scene, const v1::Rule& rule, Undone& undone);

}  // namespace selfology::gamification
