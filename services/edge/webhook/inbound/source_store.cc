#include "services/edge/webhook/inbound/source_store.h"

#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/edge/webhook/inbound/facts.h"

namespace selfology::webhook::store {
namespace {

using Fields = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kSelectSource =
    "SELECT endpoint_id, place, user_id, provider, description, secrets, hmac, window_seconds,"
    " rules, enabled, created_at, last_received_at FROM webhook_sources ";

constexpr std::string_view kReceivedColumns =
    "received_id, endpoint_id, event_id, event_kind, kind, state, refusal, matched, times,"
    " body_bytes, received_at";

struct ReceivedRow {
  int64_t received_id = 0;
  std::string endpoint_id;
  std::optional<std::string> event_id;
  std::string event_kind;
  std::string kind;
  int32_t state = 0;
  std::string refusal;
  std::vector<std::string> matched;
  int32_t times = 0;
  int32_t body_bytes = 0;
  absl::Time received_at;
};

struct StoredRow {
  int64_t received_id = 0;
  std::string endpoint_id;
  std::optional<std::string> event_id;
  std::string event_kind;
  std::string kind;
  int32_t state = 0;
  std::string refusal;
  std::vector<std::string> matched;
  int32_t times = 0;
  int32_t body_bytes = 0;
  absl::Time received_at;
  std::optional<postgres::Json> headers;
  std::optional<postgres::Json> query;
  std::optional<postgres::Bytes> body;
};

template <typename Row>
v1::Received ToProto(const Row& row) {
  v1::Received received;
  received.set_received_id(row.received_id);
  received.set_endpoint_id(row.endpoint_id);
  received.set_provider_event_id(row.event_id.value_or(""));
  received.set_event_kind(row.event_kind);
  received.set_kind(row.kind);
  received.set_state(static_cast<v1::ReceivedState>(row.state));
  received.set_refusal(row.refusal);
  for (const std::string& rule : row.matched) received.add_matched_rules(rule);
  received.set_times_received(row.times);
  received.set_body_bytes(row.body_bytes);
  *received.mutable_received_at() = timestamps::ToProto(row.received_at);
  return received;
}

// What can be kept of header and query fields, without what proves the sender.
std::string FieldsJson(const Fields& fields) {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [name, value] : fields) {
    if (!IsSecretHeader(name) && IsText(name) && IsText(value)) object[name] = value;
  }
  return object.dump();
}

Fields FieldsOf(const std::optional<postgres::Json>& json) {
  Fields fields;
  if (!json.has_value()) return fields;
  const auto object = nlohmann::json::parse(json->value, nullptr, false);
  if (!object.is_object()) return fields;
  for (const auto& [name, value] : object.items()) {
    if (value.is_string()) fields.emplace(name, value.template get<std::string>());
  }
  return fields;
}

Stored ToStored(StoredRow row) {
  Stored stored;
  stored.received = ToProto(row);
  stored.incoming.headers = FieldsOf(row.headers);
  stored.incoming.query = FieldsOf(row.query);
  if (row.body.has_value()) stored.incoming.body = std::move(row.body->value);
  return stored;
}

}  // namespace

absl::StatusOr<bool> InsertSource(postgres::Transaction& tx, const SourceRow& row) {
  ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(
          "INSERT INTO webhook_sources (endpoint_id, user_id, provider, description, secrets,"
          " hmac, window_seconds, rules, enabled, created_at)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
          row.endpoint_id, row.user_id, row.provider, row.description, row.secrets, row.hmac,
          row.window_seconds, row.rules, row.enabled, row.created_at));
  return rows == 1;
}

absl::StatusOr<std::optional<SourceRow>> FindSource(postgres::Transaction& tx,
                                                    std::string_view endpoint_id) {
  return tx.QueryOne<SourceRow>(absl::StrCat(kSelectSource, "WHERE endpoint_id = $1"), endpoint_id);
}

absl::StatusOr<std::optional<SourceRow>> ReadSource(postgres::Transaction& tx, int64_t user_id,
                                                    std::string_view endpoint_id) {
  return tx.QueryOne<SourceRow>(
      absl::StrCat(kSelectSource, "WHERE endpoint_id = $1 AND user_id = $2"), endpoint_id, user_id);
}

absl::StatusOr<std::optional<SourceRow>> LockSource(postgres::Transaction& tx, int64_t user_id,
                                                    std::string_view endpoint_id) {
  return tx.QueryOne<SourceRow>(
      absl::StrCat(kSelectSource, "WHERE endpoint_id = $1 AND user_id = $2 FOR UPDATE"),
      endpoint_id, user_id);
}

absl::StatusOr<std::vector<SourceRow>> ListSources(postgres::Transaction& tx, int64_t user_id,
                                                   int64_t after_place, int64_t limit) {
  return tx.Query<SourceRow>(
      absl::StrCat(kSelectSource, "WHERE user_id = $1 AND place > $2 ORDER BY place LIMIT $3"),
      user_id, after_place, limit);
}

absl::StatusOr<int64_t> CountSources(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT count(*) FROM webhook_sources WHERE user_id = $1", user_id));
  return std::get<0>(*row);
}

void UpdateSource(postgres::Transaction& tx, const SourceRow& row) {
  tx.Queue(
      "UPDATE webhook_sources SET description = $2, secrets = $3, hmac = $4, window_seconds = $5,"
      " rules = $6, enabled = $7, last_received_at = $8 WHERE endpoint_id = $1",
      row.endpoint_id, row.description, row.secrets, row.hmac, row.window_seconds, row.rules,
      row.enabled, row.last_received_at);
}

absl::StatusOr<bool> DeleteSource(postgres::Transaction& tx, int64_t user_id,
                                  std::string_view endpoint_id) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   tx.Execute("DELETE FROM webhook_sources WHERE endpoint_id = $1 AND user_id = $2",
                              endpoint_id, user_id));
  return rows > 0;
}

absl::StatusOr<Taken> InsertReceived(postgres::Transaction& tx, const NewReceived& row,
                                     const Incoming& incoming, absl::Time now) {
  // What one source gets is taken one after the other, so its events are in their order.
  tx.Queue("UPDATE webhook_sources SET last_received_at = $2 WHERE endpoint_id = $1",
           row.endpoint_id, now);
  // xmax tells an inserted row from one that was there.
  ASSIGN_OR_RETURN(
      const auto taken,
      (tx.QueryOne<int64_t, bool>(
          "INSERT INTO webhook_received (endpoint_id, user_id, event_id, event_kind, kind, state,"
          " refusal, matched, headers, query, body, body_bytes, received_at, person_id)"
          " VALUES ($1, $2, $3, $4, $5, $6, '', '{}', $7, $8, $9, $10, $11, $12)"
          " ON CONFLICT (endpoint_id, event_id) DO UPDATE SET times = webhook_received.times + 1"
          " RETURNING received_id, xmax = 0",
          row.endpoint_id, row.user_id, row.event_id, row.event_kind, row.kind,
          int32_t{v1::RECEIVED_STATE_ROUTED}, postgres::Json{FieldsJson(incoming.headers)},
          postgres::Json{FieldsJson(incoming.query)}, postgres::BytesView{incoming.body},
          static_cast<int32_t>(incoming.body.size()), now, row.person_id)));
  if (!taken.has_value()) return absl::InternalError("nothing was written");
  return Taken{.received_id = std::get<0>(*taken), .is_new = std::get<1>(*taken)};
}

void SetRouted(postgres::Transaction& tx, int64_t received_id, v1::ReceivedState state,
               const std::vector<std::string>& matched) {
  tx.Queue("UPDATE webhook_received SET state = $2, matched = $3 WHERE received_id = $1",
           received_id, int32_t{state}, matched);
}

absl::StatusOr<bool> InsertRefused(postgres::Transaction& tx, const SourceRow& source,
                                   std::string_view refusal, int64_t body_bytes, absl::Time now,
                                   absl::Duration quiet) {
  constexpr int32_t kRefused = v1::RECEIVED_STATE_REFUSED;
  auto before = tx.Ask<bool>(
      "SELECT EXISTS (SELECT FROM webhook_received WHERE endpoint_id = $1 AND state = $2"
      " AND received_at > $3)",
      source.endpoint_id, kRefused, now - quiet);
  tx.Queue(
      "INSERT INTO webhook_received (endpoint_id, user_id, event_kind, kind, state, refusal,"
      " matched, body_bytes, received_at) VALUES ($1, $2, '', '', $3, $4, '{}', $5, $6)",
      source.endpoint_id, source.user_id, kRefused, refusal, static_cast<int32_t>(body_bytes), now);
  ASSIGN_OR_RETURN(const auto row, before.One());
  return row.has_value() && !std::get<0>(*row);
}

absl::StatusOr<std::vector<v1::Received>> ListReceived(postgres::Transaction& tx,
                                                       const ReceivedFilter& filter) {
  ASSIGN_OR_RETURN(
      const std::vector<ReceivedRow> rows,
      tx.Query<ReceivedRow>(
          absl::StrCat("SELECT ", kReceivedColumns,
                       " FROM webhook_received WHERE user_id = $1"
                       " AND ($2 = '' OR endpoint_id = $2) AND ($3 = 0 OR state = $3)"
                       " AND received_id < $4 ORDER BY received_id DESC LIMIT $5"),
          filter.user_id, filter.endpoint_id, filter.state, filter.before_id, filter.limit));
  std::vector<v1::Received> received;
  for (const ReceivedRow& row : rows) received.push_back(ToProto(row));
  return received;
}

absl::StatusOr<std::optional<Stored>> ReadReceived(postgres::Transaction& tx, int64_t user_id,
                                                   int64_t received_id) {
  ASSIGN_OR_RETURN(
      std::optional<StoredRow> row,
      tx.QueryOne<StoredRow>(absl::StrCat("SELECT ", kReceivedColumns,
                                          ", headers, query, body FROM webhook_received"
                                          " WHERE user_id = $1 AND received_id = $2"),
                             user_id, received_id));
  if (!row.has_value()) return std::nullopt;
  return ToStored(*std::move(row));
}

absl::StatusOr<std::vector<Stored>> LatestReceived(postgres::Transaction& tx,
                                                   std::string_view endpoint_id, int64_t count,
                                                   int64_t max_bytes) {
  ASSIGN_OR_RETURN(
      std::vector<StoredRow> rows,
      tx.Query<StoredRow>(
          absl::StrCat(
              "SELECT ", kReceivedColumns,
              ", headers, query, body FROM (SELECT *, sum(body_bytes::bigint) OVER"
              " (ORDER BY received_id DESC) AS so_far FROM (SELECT * FROM webhook_received"
              "  WHERE endpoint_id = $1 AND state <> $4 ORDER BY received_id DESC LIMIT $2)"
              "  AS latest) AS counted"
              " WHERE so_far <= $3 ORDER BY received_id DESC"),
          endpoint_id, count, max_bytes, int32_t{v1::RECEIVED_STATE_REFUSED}));
  std::vector<Stored> stored;
  for (StoredRow& row : rows) stored.push_back(ToStored(std::move(row)));
  return stored;
}

absl::StatusOr<int64_t> DeleteReceivedBefore(postgres::Transaction& tx, absl::Time before,
                                             absl::Time refused_before, int64_t limit) {
  return tx.Execute(
      "DELETE FROM webhook_received WHERE received_id IN (SELECT received_id FROM webhook_received"
      " WHERE received_at < $1 OR (received_at < $2 AND state = $3) LIMIT $4)",
      before, refused_before, int32_t{v1::RECEIVED_STATE_REFUSED}, limit);
}

}  // namespace selfology::webhook::store
