#include "services/edge/webhook/outbound/sender_store.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::webhook::store {
namespace {

constexpr int32_t kPending = v1::DELIVERY_STATE_PENDING;
constexpr int32_t kEnabled = v1::ENDPOINT_STATE_ENABLED;

constexpr std::string_view kHeld =
    " RETURNING endpoint_id, user_id, url, retry_seconds, timeout_seconds, state, failing_since,"
    " failures, secret, old_secret, old_secret_until, lease";

}  // namespace

absl::StatusOr<std::optional<Held>> Take(postgres::Transaction& tx, bool healthy_only,
                                         absl::Time now, absl::Time until) {
  return tx.QueryOne<Held>(
      absl::StrCat("UPDATE webhook_endpoints SET lease = lease + 1, leased_until = $3"
                   " WHERE endpoint_id = (SELECT endpoint_id FROM webhook_endpoints"
                   "  WHERE due_at <= $2 AND leased_until <= $2 AND state = $4"
                   "  AND (failing_since IS NULL OR NOT $1)"
                   "  ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)",
                   kHeld),
      healthy_only, now, until, kEnabled);
}

absl::StatusOr<std::optional<Held>> Keep(postgres::Transaction& tx, const Held& held,
                                         absl::Time until) {
  return tx.QueryOne<Held>(absl::StrCat("UPDATE webhook_endpoints SET leased_until = $3"
                                        " WHERE endpoint_id = $1 AND lease = $2",
                                        kHeld),
                           held.endpoint_id, held.lease, until);
}

void Release(postgres::Transaction& tx, std::string_view endpoint_id, absl::Time now) {
  tx.Queue(
      "UPDATE webhook_endpoints SET leased_until = '-infinity', due_at ="
      " (SELECT GREATEST(due_at, $2) FROM webhook_deliveries WHERE endpoint_id = $1 AND state = $3"
      "  ORDER BY delivery_id LIMIT 1) WHERE endpoint_id = $1",
      endpoint_id, now, kPending);
}

absl::StatusOr<absl::Time> NextDue(postgres::Transaction& tx) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<std::optional<absl::Time>>(
                       "SELECT min(GREATEST(due_at, leased_until)) FROM webhook_endpoints"
                       " WHERE due_at IS NOT NULL AND state = $1",
                       kEnabled));
  return std::get<0>(*row).value_or(absl::InfiniteFuture());
}

absl::StatusOr<std::vector<Due>> ReadDue(postgres::Transaction& tx, std::string_view endpoint_id,
                                         absl::Time now, int64_t limit) {
  // A message that is not due yet holds back those behind it.
  return tx.Query<Due>(
      "SELECT d.delivery_id, d.message_id, m.body, d.counted, COALESCE((SELECT max(number)"
      "  FROM webhook_attempts a WHERE a.delivery_id = d.delivery_id), 0), d.created_at"
      " FROM (SELECT *, bool_and(due_at <= $2) OVER (ORDER BY delivery_id) AS in_turn"
      "  FROM (SELECT * FROM webhook_deliveries WHERE endpoint_id = $1 AND state = $4"
      "   ORDER BY delivery_id LIMIT $3) AS first) AS d"
      " JOIN webhook_messages m USING (message_id) WHERE d.in_turn ORDER BY d.delivery_id",
      endpoint_id, now, limit, kPending);
}

void BeginAttempts(postgres::Transaction& tx, const std::vector<Due>& due, absl::Time now) {
  std::vector<int64_t> ids, tried;
  std::vector<int32_t> numbers;
  for (const Due& one : due) {
    ids.push_back(one.delivery_id);
    numbers.push_back(one.tried + 1);
    if (one.tried > 0) tried.push_back(one.delivery_id);
  }
  if (!tried.empty()) {
    tx.Queue(
        "UPDATE webhook_attempts SET ended_at = $2, failure = $3"
        " WHERE delivery_id = ANY ($1) AND ended_at IS NULL",
        tried, now, int32_t{v1::DELIVERY_FAILURE_UNKNOWN});
  }
  tx.Queue(
      "INSERT INTO webhook_attempts (delivery_id, number, started_at)"
      " SELECT delivery_id, number, $3"
      " FROM unnest($1::bigint[], $2::integer[]) AS begun (delivery_id, number)",
      ids, numbers, now);
}

void EndAttempts(postgres::Transaction& tx, const std::vector<Ended>& ended) {
  std::vector<int64_t> ids;
  std::vector<int32_t> numbers, statuses, failures, states;
  std::vector<absl::Time> starts, ends;
  std::vector<std::string> answers;
  std::vector<int32_t> counts;
  std::vector<std::optional<absl::Time>> due;
  for (const Ended& one : ended) {
    ids.push_back(one.delivery_id);
    numbers.push_back(one.number);
    starts.push_back(one.started_at);
    ends.push_back(one.ended_at);
    statuses.push_back(one.http_status);
    failures.push_back(one.failure);
    answers.push_back(one.answer);
    states.push_back(one.state);
    counts.push_back(one.counts ? 1 : 0);
    due.push_back(one.due_at);
  }
  // That the ids are those of the array again makes it an index scan, also in a plan that was made while
  // the tables were small.
  tx.Queue(
      "UPDATE webhook_attempts a SET started_at = e.started_at, ended_at = e.ended_at,"
      " http_status = e.http_status, failure = e.failure, answer = e.answer"
      " FROM unnest($1::bigint[], $2::integer[], $3::timestamptz[], $4::timestamptz[],"
      "  $5::integer[], $6::integer[], $7::text[])"
      "  AS e (delivery_id, number, started_at, ended_at, http_status, failure, answer)"
      " WHERE a.delivery_id = ANY ($1) AND a.delivery_id = e.delivery_id AND a.number = e.number",
      ids, numbers, starts, ends, statuses, failures, answers);
  // What its owner gave up meanwhile stays given up, unless it was delivered after all.
  tx.Queue(
      "UPDATE webhook_deliveries d SET state = e.state, counted = d.counted + e.counts,"
      " tried = e.number,"
      " failure = CASE WHEN e.state = $7 THEN e.failure ELSE 0 END, due_at = e.due_at,"
      " ended_at = CASE WHEN e.state = $8 THEN NULL ELSE e.ended_at END"
      " FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::timestamptz[],"
      "  $5::timestamptz[], $6::integer[], $10::integer[])"
      "  AS e (delivery_id, state, counts, ended_at, due_at, failure, number)"
      " WHERE d.delivery_id = ANY ($1) AND d.delivery_id = e.delivery_id"
      " AND (d.state = $8 OR e.state = $9)",
      ids, states, counts, ends, due, failures, int32_t{v1::DELIVERY_STATE_FAILED}, kPending,
      int32_t{v1::DELIVERY_STATE_DELIVERED}, numbers);
}

void DropAttempts(postgres::Transaction& tx, const std::vector<Due>& due) {
  std::vector<int64_t> ids;
  for (const Due& one : due) ids.push_back(one.delivery_id);
  tx.Queue("DELETE FROM webhook_attempts WHERE delivery_id = ANY ($1) AND ended_at IS NULL", ids);
}

void SetFailing(postgres::Transaction& tx, std::string_view endpoint_id,
                std::optional<absl::Time> failing_since, int64_t failures) {
  tx.Queue("UPDATE webhook_endpoints SET failing_since = $2, failures = $3 WHERE endpoint_id = $1",
           endpoint_id, failing_since, failures);
}

void Disable(postgres::Transaction& tx, std::string_view endpoint_id, v1::EndpointState state,
             absl::Time now) {
  tx.Queue("UPDATE webhook_endpoints SET state = $2, state_since = $3 WHERE endpoint_id = $1",
           endpoint_id, int32_t{state}, now);
}

}  // namespace selfology::webhook::store
