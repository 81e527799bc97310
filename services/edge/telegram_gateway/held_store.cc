#include "services/edge/telegram_gateway/held_store.h"

#include <string_view>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/gateway_store.h"

namespace selfology::telegram_gateway::store {
namespace {

using postgres::Transaction;

// Of HeldUpdate, in its order.
constexpr std::string_view kColumns =
    "position, bot_id, update_id, user_id, body, dialog, code, reason, rounds, due_at, held_at,"
    " parked";

// The filter: every condition is true when its parameter is empty.
constexpr std::string_view kWhere =
    " WHERE ($1 = 0 OR bot_id = $1) AND ($2 = 0 OR user_id = $2)"
    " AND (cardinality($3) = 0 OR update_id = ANY($3))"
    " AND CASE $4 WHEN 1 THEN NOT parked WHEN 2 THEN parked ELSE true END";

static_assert(v1::HELD_UPDATE_STATE_WAITING == 1 && v1::HELD_UPDATE_STATE_PARKED == 2);

}  // namespace

absl::StatusOr<Holding> Hold(Transaction& tx, const HeldUpdate& update) {
  LockOrder(tx, update.user_id);
  auto handled = tx.Ask<int>("SELECT 1 FROM handled_updates WHERE bot_id = $1 AND update_id = $2",
                             update.bot_id, update.update_id);
  auto others = tx.Ask<int>(
      "SELECT 1 FROM held_updates WHERE user_id = $1 AND bot_id = $2 AND NOT parked LIMIT 1",
      update.user_id, update.bot_id);
  Holding holding;
  ASSIGN_OR_RETURN(const auto was_handled, handled.One());
  holding.was_handled = was_handled.has_value();
  if (holding.was_handled) return holding;
  ASSIGN_OR_RETURN(const auto other, others.One());
  holding.is_first = !other.has_value();
  ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute("INSERT INTO held_updates (bot_id, update_id, user_id, body, dialog, code, reason,"
                 " rounds, due_at, held_at, parked)"
                 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
                 update.bot_id, update.update_id, update.user_id, update.json, update.dialog,
                 update.code, update.reason, update.rounds, update.due_at, update.held_at,
                 update.parked));
  holding.is_new = rows > 0;
  return holding;
}

absl::StatusOr<std::optional<HeldUpdate>> ClaimHeld(Transaction& tx, int64_t bot_id,
                                                    int64_t user_id, absl::Time now,
                                                    absl::Time until) {
  LockOrder(tx, user_id);
  ASSIGN_OR_RETURN(
      std::optional<HeldUpdate> first,
      tx.QueryOne<HeldUpdate>(absl::StrCat("SELECT ", kColumns,
                                           " FROM held_updates WHERE user_id = $1 AND bot_id = $2"
                                           " AND NOT parked ORDER BY update_id LIMIT 1"),
                              user_id, bot_id));
  if (!first.has_value() || first->due_at > now) return std::nullopt;
  tx.Queue("UPDATE held_updates SET due_at = $3 WHERE bot_id = $1 AND update_id = $2", bot_id,
           first->update_id, until);
  return first;
}

absl::StatusOr<bool> KeepHeld(Transaction& tx, const HeldUpdate& update) {
  LockOrder(tx, update.user_id);
  ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute("UPDATE held_updates SET dialog = $3, code = $4, reason = $5, rounds = $6,"
                 " due_at = $7, parked = $8 WHERE bot_id = $1 AND update_id = $2",
                 update.bot_id, update.update_id, update.dialog, update.code, update.reason,
                 update.rounds, update.due_at, update.parked));
  return rows > 0;
}

void RemoveHeld(Transaction& tx, int64_t bot_id, int64_t update_id, int64_t user_id) {
  LockOrder(tx, user_id);
  tx.Queue("DELETE FROM held_updates WHERE bot_id = $1 AND update_id = $2", bot_id, update_id);
}

absl::StatusOr<HeldNow> LookAtHeld(Transaction& tx, int64_t bot_id, absl::Time now, int limit) {
  auto due = tx.Ask<int64_t>(
      "SELECT user_id FROM (SELECT DISTINCT ON (user_id) user_id, due_at FROM held_updates"
      " WHERE bot_id = $1 AND NOT parked ORDER BY user_id, update_id) AS first"
      " WHERE due_at <= $2 ORDER BY due_at LIMIT $3",
      bot_id, now, limit);
  auto counts = tx.Ask<int64_t, int64_t>(
      "SELECT count(*) FILTER (WHERE NOT parked), count(*) FILTER (WHERE parked)"
      " FROM held_updates");
  HeldNow held;
  ASSIGN_OR_RETURN(const auto people, due.All());
  for (const auto& [user_id] : people) held.people_due.push_back(user_id);
  ASSIGN_OR_RETURN(const auto row, counts.One());
  std::tie(held.waiting, held.parked) = row.value();
  return held;
}

absl::StatusOr<std::vector<HeldUpdate>> ListHeld(Transaction& tx, const HeldFilter& filter,
                                                 int64_t after_position, int limit) {
  return tx.Query<HeldUpdate>(absl::StrCat("SELECT ", kColumns, " FROM held_updates", kWhere,
                                           " AND position > $5 ORDER BY position LIMIT $6"),
                              filter.bot_id, filter.user_id, filter.update_ids,
                              static_cast<int32_t>(filter.state), after_position, limit);
}

absl::StatusOr<int64_t> ReplayHeld(Transaction& tx, const HeldFilter& filter, absl::Time now) {
  return tx.Execute(absl::StrCat("UPDATE held_updates SET parked = false, rounds = 0, due_at = $5",
                                 kWhere, " AND parked"),
                    filter.bot_id, filter.user_id, filter.update_ids,
                    static_cast<int32_t>(filter.state), now);
}

absl::StatusOr<int64_t> DiscardHeld(Transaction& tx, const HeldFilter& filter, bool with_waiting,
                                    absl::Time now) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          absl::StrCat("WITH gone AS (DELETE FROM held_updates", kWhere,
                       " AND (parked OR $5) RETURNING bot_id, update_id),"
                       " noted AS (INSERT INTO handled_updates"
                       " (bot_id, update_id, outcome, handled_at)"
                       " SELECT bot_id, update_id, $6, $7 FROM gone ON CONFLICT DO NOTHING)"
                       " SELECT count(*) FROM gone"),
          filter.bot_id, filter.user_id, filter.update_ids, static_cast<int32_t>(filter.state),
          with_waiting, enums::LowerWord(v1::UPDATE_OUTCOME_IGNORED), now));
  return std::get<0>(row.value());
}

}  // namespace selfology::telegram_gateway::store
