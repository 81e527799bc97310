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

// Nobody means what only gathers more, or waits for its person's choice, without naming it.
constexpr std::string_view kNamedOrStuck =
    " AND (cardinality($3) > 0 OR NOT (gathers OR awaits_choice))";

// Of one that waits, or has waited, for a choice; operators read it.
constexpr std::string_view kForChoice = "set aside until the person chooses a dialog";

static_assert(v1::HELD_UPDATE_STATE_WAITING == 1 && v1::HELD_UPDATE_STATE_PARKED == 2);

}  // namespace

absl::StatusOr<Holding> Hold(Transaction& tx, const HeldUpdate& update) {
  LockOrder(tx, update.user_id);
  auto handled = tx.Ask<int>("SELECT 1 FROM handled_updates WHERE bot_id = $1 AND update_id = $2",
                             update.bot_id, update.update_id);
  auto known = tx.Ask<int>(
      "SELECT 1 FROM held_updates WHERE user_id = $1 AND bot_id = $2 AND $3 = ANY(gathered) LIMIT "
      "1",
      update.user_id, update.bot_id, update.update_id);
  auto others = tx.Ask<int>(
      "SELECT 1 FROM held_updates WHERE user_id = $1 AND bot_id = $2 AND NOT parked LIMIT 1",
      update.user_id, update.bot_id);
  Holding holding;
  ASSIGN_OR_RETURN(const auto was_handled, handled.One());
  holding.was_handled = was_handled.has_value();
  if (holding.was_handled) return holding;
  ASSIGN_OR_RETURN(const auto other, others.One());
  holding.is_first = !other.has_value();
  // It is in one that was gathered.
  ASSIGN_OR_RETURN(const auto is_known, known.One());
  if (is_known.has_value()) return holding;
  // What comes after this one does not belong to what came before it.
  EndGathering(tx, update.bot_id, update.user_id, update.held_at);
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
  tx.Queue(
      "UPDATE held_updates SET due_at = $3, gathers = false WHERE bot_id = $1 AND update_id = $2",
      bot_id, first->update_id, until);
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

absl::StatusOr<bool> RemoveHeld(Transaction& tx, int64_t bot_id, int64_t update_id,
                                int64_t user_id) {
  LockOrder(tx, user_id);
  ASSIGN_OR_RETURN(const int64_t rows,
                   tx.Execute("DELETE FROM held_updates WHERE bot_id = $1 AND update_id = $2",
                              bot_id, update_id));
  return rows > 0;
}

absl::StatusOr<KnownUpdate> FindKnown(Transaction& tx, int64_t bot_id, int64_t user_id,
                                      int64_t update_id) {
  auto handled = tx.Ask<int>("SELECT 1 FROM handled_updates WHERE bot_id = $1 AND update_id = $2",
                             bot_id, update_id);
  auto held = tx.Ask<int>(
      "SELECT 1 FROM held_updates WHERE user_id = $1 AND bot_id = $2"
      " AND (update_id = $3 OR $3 = ANY(gathered)) LIMIT 1",
      user_id, bot_id, update_id);
  KnownUpdate known;
  ASSIGN_OR_RETURN(const auto is_handled, handled.One());
  ASSIGN_OR_RETURN(const auto is_held, held.One());
  known.handled = is_handled.has_value();
  known.held = is_held.has_value();
  return known;
}

absl::StatusOr<bool> HasMarkBetween(Transaction& tx, int64_t bot_id, int64_t user_id,
                                    int64_t after_message_id, int64_t before_message_id) {
  ASSIGN_OR_RETURN(
      const auto found,
      tx.QueryOne<int>("SELECT 1 FROM outgoing_messages WHERE bot_id = $1 AND user_id = $2"
                       " AND mark <> '' AND message_ids[1] > $3 AND message_ids[1] < $4 LIMIT 1",
                       bot_id, user_id, after_message_id, before_message_id));
  return found.has_value();
}

absl::StatusOr<std::optional<HeldUpdate>> FindGathering(Transaction& tx, int64_t bot_id,
                                                        int64_t user_id) {
  LockOrder(tx, user_id);
  return tx.QueryOne<HeldUpdate>(
      absl::StrCat("SELECT ", kColumns,
                   " FROM held_updates WHERE user_id = $1 AND bot_id = $2 AND gathers"
                   " ORDER BY update_id DESC LIMIT 1"),
      user_id, bot_id);
}

void EndGathering(Transaction& tx, int64_t bot_id, int64_t user_id, absl::Time now) {
  LockOrder(tx, user_id);
  tx.Queue(
      "UPDATE held_updates SET gathers = false, due_at = $3"
      " WHERE user_id = $1 AND bot_id = $2 AND gathers",
      user_id, bot_id, now);
}

void LetGather(Transaction& tx, int64_t before, const HeldUpdate& update,
               const std::vector<int64_t>& gathered) {
  LockOrder(tx, update.user_id);
  if (before != 0) {
    tx.Queue(
        "UPDATE held_updates SET update_id = $3, body = $4, due_at = $5, gathered = $6"
        " WHERE bot_id = $1 AND update_id = $2",
        update.bot_id, before, update.update_id, update.json, update.due_at, gathered);
    return;
  }
  tx.Queue(
      "INSERT INTO held_updates (bot_id, update_id, user_id, body, dialog, code, reason, rounds,"
      " due_at, held_at, parked, gathered, gathers)"
      " VALUES ($1, $2, $3, $4, $8, '', '', 0, $5, $6, false, $7, true)",
      update.bot_id, update.update_id, update.user_id, update.json, update.due_at, update.held_at,
      gathered, update.dialog);
}

absl::StatusOr<bool> LockHeld(Transaction& tx, int64_t bot_id, int64_t update_id, int64_t user_id) {
  LockOrder(tx, user_id);
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int>("SELECT 1 FROM held_updates WHERE bot_id = $1 AND update_id = $2 FOR UPDATE",
                       bot_id, update_id));
  return row.has_value();
}

absl::StatusOr<bool> HoldForChoice(Transaction& tx, const HeldUpdate& update, bool was_held) {
  LockOrder(tx, update.user_id);
  if (was_held) {
    ASSIGN_OR_RETURN(const int64_t rows,
                     tx.Execute("UPDATE held_updates SET parked = true, awaits_choice = true,"
                                " rounds = 0, dialog = '', code = '', reason = $3, held_at = $4"
                                " WHERE bot_id = $1 AND update_id = $2",
                                update.bot_id, update.update_id, kForChoice, update.held_at));
    return rows > 0;
  }
  ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute("INSERT INTO held_updates (bot_id, update_id, user_id, body, dialog, code, reason,"
                 " rounds, due_at, held_at, parked, awaits_choice)"
                 " SELECT $1, $2, $3, $4, '', '', $5, 0, $6, $6, true, true WHERE NOT EXISTS"
                 " (SELECT FROM handled_updates WHERE bot_id = $1 AND update_id = $2)"
                 " ON CONFLICT DO NOTHING",
                 update.bot_id, update.update_id, update.user_id, update.json, kForChoice,
                 update.held_at));
  return rows > 0;
}

void ReleaseChosen(Transaction& tx, int64_t bot_id, int64_t user_id, absl::Time now) {
  LockOrder(tx, user_id);
  tx.Queue(
      "UPDATE held_updates SET parked = false, awaits_choice = false, due_at = $2"
      " WHERE user_id = $1 AND bot_id = $3 AND awaits_choice",
      user_id, now, bot_id);
}

absl::StatusOr<int64_t> ForgetUnchosen(Transaction& tx, absl::Time since) {
  return tx.Execute("DELETE FROM held_updates WHERE awaits_choice AND held_at < $1", since);
}

absl::StatusOr<std::vector<HeldPerson>> PeopleDue(Transaction& tx, int64_t bot_id, absl::Time now,
                                                  int limit) {
  return tx.Query<HeldPerson>(
      "SELECT user_id, dialog FROM (SELECT user_id, dialog, due_at,"
      " row_number() OVER (PARTITION BY dialog ORDER BY due_at) AS place"
      " FROM (SELECT DISTINCT ON (user_id) user_id, dialog, due_at FROM held_updates"
      " WHERE bot_id = $1 AND NOT parked ORDER BY user_id, update_id) AS first"
      " WHERE due_at <= $2) AS due WHERE place <= $3 ORDER BY due_at",
      bot_id, now, limit);
}

absl::StatusOr<HeldCounts> CountHeld(Transaction& tx, int64_t bot_id) {
  auto waiting = tx.Ask<int64_t>(
      "SELECT count(*) FROM held_updates"
      " WHERE bot_id = $1 AND NOT parked AND NOT gathers",
      bot_id);
  auto parked = tx.Ask<int64_t>(
      "SELECT count(*) FROM held_updates WHERE bot_id = $1 AND parked AND NOT awaits_choice",
      bot_id);
  HeldCounts counts;
  ASSIGN_OR_RETURN(const auto those, waiting.One());
  std::tie(counts.waiting) = those.value();
  ASSIGN_OR_RETURN(const auto these, parked.One());
  std::tie(counts.parked) = these.value();
  return counts;
}

absl::StatusOr<std::vector<HeldUpdate>> ListHeld(Transaction& tx, const HeldFilter& filter,
                                                 int64_t after_position, int limit) {
  return tx.Query<HeldUpdate>(absl::StrCat("SELECT ", kColumns, " FROM held_updates", kWhere,
                                           " AND position > $5 ORDER BY position LIMIT $6"),
                              filter.bot_id, filter.user_id, filter.update_ids,
                              static_cast<int32_t>(filter.state), after_position, limit);
}

absl::StatusOr<int64_t> ReplayHeld(Transaction& tx, const HeldFilter& filter, absl::Time now) {
  return tx.Execute(absl::StrCat("UPDATE held_updates SET parked = false, awaits_choice = false,"
                                 " rounds = 0, code = '', reason = '', due_at = $5",
                                 kWhere, kNamedOrStuck, " AND parked"),
                    filter.bot_id, filter.user_id, filter.update_ids,
                    static_cast<int32_t>(filter.state), now);
}

absl::StatusOr<int64_t> DiscardHeld(Transaction& tx, const HeldFilter& filter, bool with_waiting,
                                    absl::Time now) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          absl::StrCat("WITH gone AS (DELETE FROM held_updates", kWhere, kNamedOrStuck,
                       " AND (parked OR $5) RETURNING bot_id, update_id, gathered),"
                       " noted AS (INSERT INTO handled_updates"
                       " (bot_id, update_id, outcome, handled_at)"
                       " SELECT DISTINCT bot_id, number, $6, $7 FROM gone,"
                       " unnest(gathered || update_id) AS number ON CONFLICT DO NOTHING)"
                       " SELECT count(*) FROM gone"),
          filter.bot_id, filter.user_id, filter.update_ids, static_cast<int32_t>(filter.state),
          with_waiting, enums::LowerWord(v1::UPDATE_OUTCOME_IGNORED), now));
  return std::get<0>(row.value());
}

}  // namespace selfology::telegram_gateway::store
