#include "services/edge/webhook/outbound/delivery_store.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::webhook::store {
namespace {

constexpr int32_t kPending = v1::DELIVERY_STATE_PENDING;
constexpr int32_t kDelivered = v1::DELIVERY_STATE_DELIVERED;
constexpr int32_t kFailed = v1::DELIVERY_STATE_FAILED;
constexpr int32_t kDisabled = v1::DELIVERY_FAILURE_DISABLED;
constexpr int32_t kEnabled = v1::ENDPOINT_STATE_ENABLED;

// $1 message, $2 person, $3 type, $4 body, $5 occurred, $6 now, $7 enabled, $8 pending, $9 failed,
// $10 disabled; `chosen` gives the endpoints, locked in one order so that two events do not wait for
// each other.
std::string EnqueueSql(std::string_view chosen) {
  return absl::StrCat(
      "WITH chosen AS (SELECT endpoint_id, user_id, state, due_at FROM webhook_endpoints"
      "  WHERE ",
      chosen,
      " ORDER BY endpoint_id FOR UPDATE),"
      " message AS (INSERT INTO webhook_messages"
      "  (message_id, user_id, event_type, body, occurred_at, created_at)"
      "  SELECT $1, $2, $3, $4, $5, $6 WHERE EXISTS (SELECT FROM chosen)"
      "  ON CONFLICT DO NOTHING),"
      " written AS (INSERT INTO webhook_deliveries"
      "  (endpoint_id, message_id, user_id, state, failure, due_at, created_at, ended_at)"
      "  SELECT endpoint_id, $1, user_id,"
      "   CASE WHEN state = $7 THEN $8 ELSE $9 END, CASE WHEN state = $7 THEN 0 ELSE $10 END,"
      "   CASE WHEN state = $7 THEN $6 END, $6, CASE WHEN state = $7 THEN NULL ELSE $6 END"
      "  FROM chosen ON CONFLICT DO NOTHING RETURNING delivery_id, endpoint_id, state),"
      // Not those that are due already: their row stays as it is. That is judged by the locked row,
      // since a sender may have released the endpoint while this waited for it.
      " woken AS (UPDATE webhook_endpoints SET due_at = $6"
      "  FROM written JOIN chosen USING (endpoint_id)"
      "  WHERE webhook_endpoints.endpoint_id = chosen.endpoint_id AND written.state = $8"
      "  AND (chosen.due_at IS NULL OR chosen.due_at > $6))"
      " SELECT delivery_id FROM written ORDER BY delivery_id");
}

absl::StatusOr<std::vector<int64_t>> Ids(absl::StatusOr<std::vector<std::tuple<int64_t>>> rows) {
  RETURN_IF_ERROR(rows.status());
  std::vector<int64_t> ids;
  for (const auto& [id] : *rows) ids.push_back(id);
  return ids;
}

struct DeliveryRow {
  int64_t delivery_id = 0;
  std::string endpoint_id;
  std::string message_id;
  std::string event_type;
  int32_t state = 0;
  int32_t failure = 0;
  int32_t counted = 0;
  std::optional<absl::Time> due_at;
  absl::Time occurred_at;
  absl::Time created_at;
  std::optional<absl::Time> ended_at;
};

constexpr std::string_view kSelectDelivery =
    "SELECT d.delivery_id, d.endpoint_id, d.message_id, m.event_type, d.state, d.failure, "
    "d.counted,"
    " d.due_at, m.occurred_at, d.created_at, d.ended_at"
    " FROM webhook_deliveries d JOIN webhook_messages m USING (message_id) ";

v1::Delivery ToProto(const DeliveryRow& row) {
  v1::Delivery delivery;
  delivery.set_delivery_id(row.delivery_id);
  delivery.set_endpoint_id(row.endpoint_id);
  delivery.set_message_id(row.message_id);
  delivery.set_event_type(row.event_type);
  delivery.set_state(static_cast<v1::DeliveryState>(row.state));
  delivery.set_failure(static_cast<v1::DeliveryFailure>(row.failure));
  delivery.set_attempt_count(row.counted);
  if (row.due_at.has_value()) {
    *delivery.mutable_next_attempt_at() = timestamps::ToProto(*row.due_at);
  }
  *delivery.mutable_occurred_at() = timestamps::ToProto(row.occurred_at);
  *delivery.mutable_created_at() = timestamps::ToProto(row.created_at);
  if (row.ended_at.has_value()) *delivery.mutable_ended_at() = timestamps::ToProto(*row.ended_at);
  return delivery;
}

struct AttemptRow {
  int32_t number = 0;
  absl::Time started_at;
  std::optional<absl::Time> ended_at;
  int32_t http_status = 0;
  int32_t failure = 0;
  std::string answer;
};

v1::Attempt ToProto(const AttemptRow& row) {
  v1::Attempt attempt;
  attempt.set_number(row.number);
  *attempt.mutable_started_at() = timestamps::ToProto(row.started_at);
  attempt.set_unfinished(!row.ended_at.has_value());
  if (row.ended_at.has_value()) {
    attempt.set_duration_ms(
        static_cast<int32_t>(absl::ToInt64Milliseconds(*row.ended_at - row.started_at)));
  }
  attempt.set_http_status(row.http_status);
  attempt.set_failure(static_cast<v1::DeliveryFailure>(row.failure));
  attempt.set_answer_excerpt(row.answer);
  return attempt;
}

}  // namespace

absl::StatusOr<bool> Enqueue(postgres::Transaction& tx, const Message& message, absl::Time now) {
  static const std::string& sql = *new std::string(
      EnqueueSql("user_id IN (0, $2) AND (event_types = '{}' OR $3 = ANY (event_types))"));
  ASSIGN_OR_RETURN(
      const auto rows,
      tx.Query<int64_t>(sql, message.message_id, message.user_id, message.event_type, message.body,
                        message.occurred_at, now, kEnabled, kPending, kFailed, kDisabled));
  return !rows.empty();
}

absl::StatusOr<std::vector<int64_t>> EnqueueFor(postgres::Transaction& tx, const Message& message,
                                                std::string_view only, absl::Time now) {
  static const std::string& sql =
      *new std::string(EnqueueSql("user_id = $2 AND (endpoint_id = $11 OR ($11 = '' AND"
                                  " (event_types = '{}' OR $3 = ANY (event_types))))"));
  return Ids(tx.Query<int64_t>(sql, message.message_id, message.user_id, message.event_type,
                               message.body, message.occurred_at, now, kEnabled, kPending, kFailed,
                               kDisabled, only));
}

absl::StatusOr<std::vector<v1::Delivery>> ListDeliveries(postgres::Transaction& tx,
                                                         const DeliveryFilter& filter) {
  ASSIGN_OR_RETURN(
      const std::vector<DeliveryRow> rows,
      tx.Query<DeliveryRow>(absl::StrCat(kSelectDelivery,
                                         "WHERE d.user_id = $1 AND ($2 = '' OR d.endpoint_id = $2)"
                                         " AND ($3 = 0 OR d.state = $3) AND d.delivery_id < $4"
                                         " ORDER BY d.delivery_id DESC LIMIT $5"),
                            filter.user_id, filter.endpoint_id, filter.state, filter.before_id,
                            filter.limit));
  std::vector<v1::Delivery> deliveries;
  for (const DeliveryRow& row : rows) deliveries.push_back(ToProto(row));
  return deliveries;
}

absl::StatusOr<std::optional<v1::Delivery>> ReadDelivery(postgres::Transaction& tx, int64_t user_id,
                                                         int64_t delivery_id) {
  ASSIGN_OR_RETURN(const std::optional<DeliveryRow> row,
                   tx.QueryOne<DeliveryRow>(
                       absl::StrCat(kSelectDelivery, "WHERE d.user_id = $1 AND d.delivery_id = $2"),
                       user_id, delivery_id));
  if (!row.has_value()) return std::nullopt;
  return ToProto(*row);
}

absl::StatusOr<std::string> ReadBody(postgres::Transaction& tx, std::string_view message_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<std::string>(
                       "SELECT body FROM webhook_messages WHERE message_id = $1", message_id));
  return row.has_value() ? std::get<0>(*row) : std::string();
}

absl::StatusOr<std::vector<v1::Attempt>> ListAttempts(postgres::Transaction& tx,
                                                      int64_t delivery_id) {
  ASSIGN_OR_RETURN(
      const std::vector<AttemptRow> rows,
      tx.Query<AttemptRow>("SELECT number, started_at, ended_at, http_status, failure, answer"
                           " FROM webhook_attempts WHERE delivery_id = $1 ORDER BY number",
                           delivery_id));
  std::vector<v1::Attempt> attempts;
  for (const AttemptRow& row : rows) attempts.push_back(ToProto(row));
  return attempts;
}

void Retry(postgres::Transaction& tx, std::string_view endpoint_id, int64_t delivery_id,
           absl::Time now) {
  tx.Queue(
      "UPDATE webhook_deliveries SET state = $2, failure = 0, counted = 0, due_at = $3,"
      " ended_at = NULL WHERE delivery_id = $1 AND state <> $4",
      delivery_id, kPending, now, kDelivered);
  tx.Queue("UPDATE webhook_endpoints SET due_at = $2 WHERE endpoint_id = $1", endpoint_id, now);
}

absl::StatusOr<int64_t> RetryFailed(postgres::Transaction& tx, std::string_view endpoint_id,
                                    absl::Time since, absl::Time until, absl::Time now) {
  tx.Queue("UPDATE webhook_endpoints SET due_at = $2 WHERE endpoint_id = $1", endpoint_id, now);
  return tx.Execute(
      "UPDATE webhook_deliveries d SET state = $4, failure = 0, counted = 0, due_at = $5,"
      " ended_at = NULL FROM webhook_messages m WHERE m.message_id = d.message_id"
      " AND d.endpoint_id = $1 AND d.state = $6 AND m.occurred_at >= $2 AND m.occurred_at < $3",
      endpoint_id, since, until, kPending, now, kFailed);
}

absl::StatusOr<int64_t> DeleteMessagesBefore(postgres::Transaction& tx, absl::Time before,
                                             int64_t limit) {
  return tx.Execute(
      "DELETE FROM webhook_messages WHERE message_id IN"
      " (SELECT message_id FROM webhook_messages WHERE created_at < $1 LIMIT $2)",
      before, limit);
}

}  // namespace selfology::webhook::store
