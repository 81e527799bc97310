#include "services/edge/telegram_gateway/gateway_store.h"

#include <tuple>
#include <utility>

#include "common/enums/word.h"
#include "common/postgres/advisory_lock.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_gateway::store {
namespace {

using postgres::Bytes;
using postgres::Transaction;

Fate::Status StatusOf(std::string_view word) {
  if (word == "waiting") return Fate::Status::kWaiting;
  if (word == "sending") return Fate::Status::kSending;
  return word == "sent" ? Fate::Status::kSent : Fate::Status::kDropped;
}

// Held by whoever adds to a person's messages, claims one or erases them. Erasing sees all that was
// added before. A claim sees the order as it is: had it waited for a row's lock instead, it would
// get that row although another has come ahead of it meanwhile.
constexpr postgres::AdvisoryLock LockOrder("telegram_gateway.order");

struct OutgoingRow {
  int64_t id = 0;
  std::string key;
  std::string kind;
  Bytes body;
  std::string traceparent;
  std::string status;
  absl::Time due_at;
  int failures = 0;
  std::vector<int64_t> message_ids;
  absl::Time created_at;
};

struct FateRow {
  std::string status;
  int failures = 0;
  absl::Time due_at;
  std::vector<int64_t> message_ids;
};

}  // namespace

absl::StatusOr<bool> Enqueue(Transaction& tx, const Outgoing& message, absl::Time place_at,
                             absl::Time now) {
  LockOrder(tx, message.user_id);
  ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute("INSERT INTO outgoing_messages (user_id, key, kind, body, traceparent,"
                 " status, place_at, due_at, created_at)"
                 " VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $6, $7)"
                 " ON CONFLICT ON CONSTRAINT outgoing_messages_once DO NOTHING",
                 message.user_id, message.key, WordOf(message.kind),
                 Bytes{message.body.SerializeAsString()}, message.traceparent, place_at, now));
  return rows > 0;
}

absl::StatusOr<bool> AwaitsFeedback(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<std::string>("SELECT kind FROM outgoing_messages WHERE user_id = $1"
                                            " AND kind IN ('question', 'feedback')"
                                            " ORDER BY id DESC LIMIT 1",
                                            user_id));
  return row.has_value() && std::get<0>(*row) == WordOf(Kind::kQuestion);
}

void ReleaseHeld(Transaction& tx, int64_t user_id, absl::Time now) {
  LockOrder(tx, user_id);
  tx.Queue(
      "UPDATE outgoing_messages SET place_at = $2, due_at = $2"
      " WHERE user_id = $1 AND status = 'waiting' AND place_at > $2",
      user_id, now);
}

absl::StatusOr<Next> ClaimNext(Transaction& tx, int64_t user_id, absl::Time now, absl::Time until) {
  LockOrder(tx, user_id);
  ASSIGN_OR_RETURN(
      std::optional<OutgoingRow> row,
      tx.QueryOne<OutgoingRow>(
          "SELECT id, key, kind, body, traceparent, status, due_at, failures, message_ids, "
          "created_at"
          " FROM outgoing_messages WHERE user_id = $1 AND status IN ('waiting', 'sending')"
          " ORDER BY place_at, id LIMIT 1 FOR UPDATE",
          user_id));
  if (!row.has_value()) return Next{};
  if (row->due_at > now) return Next{.claimed = std::nullopt, .due_at = row->due_at};
  Claimed claimed;
  claimed.id = row->id;
  claimed.message.user_id = user_id;
  claimed.message.key = std::move(row->key);
  claimed.message.kind = KindOf(row->kind);
  claimed.readable = claimed.message.body.ParseFromString(row->body.value);
  if (!claimed.readable) claimed.message.body.Clear();
  claimed.message.traceparent = std::move(row->traceparent);
  claimed.failures = row->failures;
  claimed.message_ids = std::move(row->message_ids);
  claimed.created_at = row->created_at;
  claimed.in_doubt = StatusOf(row->status) == Fate::Status::kSending;
  tx.Queue("UPDATE outgoing_messages SET status = 'sending', due_at = $2 WHERE id = $1", claimed.id,
           until);
  return Next{.claimed = std::move(claimed), .due_at = now};
}

void NotePiece(Transaction& tx, int64_t id, int64_t message_id, bool is_last, absl::Time now) {
  tx.Queue(
      "UPDATE outgoing_messages SET message_ids = message_ids || $2::bigint, due_at = $4,"
      " status = CASE WHEN $3 THEN 'sent' ELSE 'waiting' END,"
      " body = CASE WHEN $3 THEN NULL ELSE body END WHERE id = $1",
      id, message_id, is_last, now);
}

void Postpone(Transaction& tx, int64_t id, absl::Time due_at, bool failed) {
  tx.Queue(
      "UPDATE outgoing_messages SET status = 'waiting', due_at = $2,"
      " failures = failures + CASE WHEN $3 THEN 1 ELSE 0 END WHERE id = $1",
      id, due_at, failed);
}

void Close(Transaction& tx, int64_t id, bool sent) {
  tx.Queue(
      "UPDATE outgoing_messages SET status = CASE WHEN $2 THEN 'sent' ELSE 'dropped' END,"
      " body = NULL WHERE id = $1",
      id, sent);
}

absl::StatusOr<int64_t> DropAll(Transaction& tx, int64_t user_id) {
  return tx.Execute(
      "UPDATE outgoing_messages SET status = 'dropped', body = NULL"
      " WHERE user_id = $1 AND status IN ('waiting', 'sending')",
      user_id);
}

absl::StatusOr<std::optional<Fate>> FateOf(Transaction& tx, int64_t user_id, std::string_view key) {
  ASSIGN_OR_RETURN(
      std::optional<FateRow> row,
      tx.QueryOne<FateRow>("SELECT status, failures, due_at, message_ids FROM outgoing_messages"
                           " WHERE user_id = $1 AND key = $2",
                           user_id, key));
  if (!row.has_value()) return std::nullopt;
  return Fate{.status = StatusOf(row->status),
              .failures = row->failures,
              .due_at = row->due_at,
              .message_ids = std::move(row->message_ids)};
}

absl::StatusOr<bool> Withdraw(Transaction& tx, int64_t user_id, std::string_view key) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   tx.Execute("DELETE FROM outgoing_messages WHERE user_id = $1 AND key = $2"
                              " AND status = 'waiting' AND message_ids = '{}'",
                              user_id, key));
  return rows > 0;
}

absl::StatusOr<std::vector<int64_t>> UsersDue(Transaction& tx, absl::Time now, int limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT user_id FROM outgoing_messages"
                                     " WHERE status IN ('waiting', 'sending') AND due_at <= $1"
                                     " GROUP BY user_id ORDER BY min(due_at) LIMIT $2",
                                     now, limit));
  std::vector<int64_t> users;
  for (const auto& [user_id] : rows) users.push_back(user_id);
  return users;
}

absl::StatusOr<int64_t> CountUnsent(Transaction& tx) {
  ASSIGN_OR_RETURN(const auto row, tx.QueryOne<int64_t>("SELECT count(*) FROM outgoing_messages"
                                                        " WHERE status IN ('waiting', 'sending')"));
  return std::get<0>(row.value());
}

absl::StatusOr<std::vector<std::pair<int64_t, absl::Time>>> LatestSince(
    Transaction& tx, const std::vector<int64_t>& user_ids, absl::Time since) {
  ASSIGN_OR_RETURN(const auto rows,
                   (tx.Query<int64_t, absl::Time>(
                       "SELECT user_id, max(created_at) FROM outgoing_messages"
                       " WHERE user_id = ANY($1) AND created_at >= $2 GROUP BY user_id",
                       user_ids, since)));
  std::vector<std::pair<int64_t, absl::Time>> latest;
  for (const auto& [user_id, at] : rows) latest.emplace_back(user_id, at);
  return latest;
}

absl::StatusOr<bool> WasHandled(Transaction& tx, int64_t bot_id, int64_t update_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int>("SELECT 1 FROM handled_updates WHERE bot_id = $1 AND update_id = $2", bot_id,
                       update_id));
  return row.has_value();
}

absl::StatusOr<bool> MarkHandled(Transaction& tx, int64_t bot_id, int64_t update_id,
                                 v1::UpdateOutcome outcome, absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   tx.Execute("INSERT INTO handled_updates (bot_id, update_id, outcome, handled_at)"
                              " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                              bot_id, update_id, enums::LowerWord(outcome), now));
  return rows > 0;
}

void SaveTrace(Transaction& tx, int64_t user_id, std::string_view traceparent, absl::Time now) {
  tx.Queue(
      "INSERT INTO journey_traces (user_id, traceparent, began_at) VALUES ($1, $2, $3)"
      " ON CONFLICT (user_id) DO UPDATE SET traceparent = EXCLUDED.traceparent,"
      " began_at = EXCLUDED.began_at",
      user_id, traceparent, now);
}

absl::StatusOr<std::optional<std::string>> ReadTrace(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(auto row,
                   tx.QueryOne<std::string>(
                       "SELECT traceparent FROM journey_traces WHERE user_id = $1", user_id));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*std::move(row));
}

absl::StatusOr<int64_t> ForgetOld(Transaction& tx, absl::Time now) {
  int64_t forgotten = 0;
  for (const std::string_view sql : {"DELETE FROM outgoing_messages WHERE created_at < $1",
                                     "DELETE FROM handled_updates WHERE handled_at < $1",
                                     "DELETE FROM journey_traces WHERE began_at < $1"}) {
    ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(sql, now - kMemory));
    forgotten += rows;
  }
  return forgotten;
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  LockOrder(tx, user_id);
  int64_t deleted = 0;
  for (const std::string_view sql : {"DELETE FROM outgoing_messages WHERE user_id = $1",
                                     "DELETE FROM journey_traces WHERE user_id = $1"}) {
    ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(sql, user_id));
    deleted += rows;
  }
  return deleted;
}

}  // namespace selfology::telegram_gateway::store
