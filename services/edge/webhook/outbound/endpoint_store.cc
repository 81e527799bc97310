#include "services/edge/webhook/outbound/endpoint_store.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::webhook::store {
namespace {

constexpr std::string_view kSelect =
    "SELECT endpoint_id, place, user_id, url, description, event_types, retry_seconds,"
    " timeout_seconds, state, state_since, failing_since, failures, secret, old_secret,"
    " old_secret_until, created_at FROM webhook_endpoints ";

}  // namespace

v1::Endpoint ToProto(const EndpointRow& row, absl::Time now) {
  v1::Endpoint endpoint;
  endpoint.set_endpoint_id(row.endpoint_id);
  endpoint.set_user_id(row.user_id);
  endpoint.set_url(row.url);
  endpoint.set_description(row.description);
  for (const std::string& type : row.event_types) endpoint.add_event_types(type);
  for (const int32_t pause : row.retry_seconds) endpoint.add_retry_seconds(pause);
  endpoint.set_timeout_seconds(row.timeout_seconds);
  endpoint.set_state(static_cast<v1::EndpointState>(row.state));
  *endpoint.mutable_state_since() = timestamps::ToProto(row.state_since);
  if (row.failing_since.has_value()) {
    *endpoint.mutable_failing_since() = timestamps::ToProto(*row.failing_since);
  }
  if (row.old_secret_until.has_value() && *row.old_secret_until > now) {
    *endpoint.mutable_old_secret_until() = timestamps::ToProto(*row.old_secret_until);
  }
  *endpoint.mutable_created_at() = timestamps::ToProto(row.created_at);
  return endpoint;
}

void InsertEndpoint(postgres::Transaction& tx, const EndpointRow& row) {
  tx.Queue(
      "INSERT INTO webhook_endpoints (endpoint_id, user_id, url, description, event_types,"
      " retry_seconds, timeout_seconds, state, state_since, secret, created_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      row.endpoint_id, row.user_id, row.url, row.description, row.event_types, row.retry_seconds,
      row.timeout_seconds, row.state, row.state_since, row.secret, row.created_at);
}

absl::StatusOr<std::optional<EndpointRow>> ReadEndpoint(postgres::Transaction& tx, int64_t user_id,
                                                        std::string_view endpoint_id) {
  return tx.QueryOne<EndpointRow>(absl::StrCat(kSelect, "WHERE endpoint_id = $1 AND user_id = $2"),
                                  endpoint_id, user_id);
}

absl::StatusOr<std::optional<EndpointRow>> LockEndpoint(postgres::Transaction& tx, int64_t user_id,
                                                        std::string_view endpoint_id) {
  return tx.QueryOne<EndpointRow>(
      absl::StrCat(kSelect, "WHERE endpoint_id = $1 AND user_id = $2 FOR UPDATE"), endpoint_id,
      user_id);
}

absl::StatusOr<std::vector<EndpointRow>> ListEndpoints(postgres::Transaction& tx, int64_t user_id,
                                                       int64_t after_place, int64_t limit) {
  return tx.Query<EndpointRow>(
      absl::StrCat(kSelect, "WHERE user_id = $1 AND place > $2 ORDER BY place LIMIT $3"), user_id,
      after_place, limit);
}

absl::StatusOr<int64_t> CountEndpoints(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT count(*) FROM webhook_endpoints WHERE user_id = $1", user_id));
  return std::get<0>(*row);
}

void UpdateEndpoint(postgres::Transaction& tx, const EndpointRow& row) {
  tx.Queue(
      "UPDATE webhook_endpoints SET url = $2, description = $3, event_types = $4,"
      " retry_seconds = $5, timeout_seconds = $6, state = $7, state_since = $8, failing_since = $9,"
      " failures = $10, secret = $11, old_secret = $12, old_secret_until = $13"
      " WHERE endpoint_id = $1",
      row.endpoint_id, row.url, row.description, row.event_types, row.retry_seconds,
      row.timeout_seconds, row.state, row.state_since, row.failing_since, row.failures, row.secret,
      row.old_secret, row.old_secret_until);
}

absl::StatusOr<bool> DeleteEndpoint(postgres::Transaction& tx, int64_t user_id,
                                    std::string_view endpoint_id) {
  ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute("DELETE FROM webhook_endpoints WHERE endpoint_id = $1 AND user_id = $2",
                 endpoint_id, user_id));
  return rows > 0;
}

absl::StatusOr<int64_t> GiveUpPending(postgres::Transaction& tx, std::string_view endpoint_id,
                                      v1::DeliveryFailure failure, absl::Time now) {
  tx.Queue("UPDATE webhook_endpoints SET due_at = NULL WHERE endpoint_id = $1", endpoint_id);
  return tx.Execute(
      "UPDATE webhook_deliveries SET state = $2, failure = $3, due_at = NULL, ended_at = $4"
      " WHERE endpoint_id = $1 AND state = $5",
      endpoint_id, int32_t{v1::DELIVERY_STATE_FAILED}, int32_t{failure}, now,
      int32_t{v1::DELIVERY_STATE_PENDING});
}

}  // namespace selfology::webhook::store
