// All SQL about endpoints; see migrations/. Functions that return nothing are queued. Errors: the
// transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/webhook/v1/endpoint.pb.h"

namespace selfology::webhook::store {

struct EndpointRow {
  std::string endpoint_id;
  int64_t place = 0;
  int64_t user_id = 0;
  std::string url;
  std::string description;
  std::vector<std::string> event_types;
  std::vector<int32_t> retry_seconds;
  int32_t timeout_seconds = 0;
  int32_t state = v1::ENDPOINT_STATE_ENABLED;
  absl::Time state_since;
  std::optional<absl::Time> failing_since = std::nullopt;
  int64_t failures = 0;
  postgres::Bytes secret = {};  // Sealed, as the next.
  std::optional<postgres::Bytes> old_secret = std::nullopt;
  std::optional<absl::Time> old_secret_until = std::nullopt;
  absl::Time created_at;
};

v1::Endpoint ToProto(const EndpointRow& row, absl::Time now);

void InsertEndpoint(postgres::Transaction& tx, const EndpointRow& row);
// nullopt: this person has none of that id.
absl::StatusOr<std::optional<EndpointRow>> ReadEndpoint(postgres::Transaction& tx, int64_t user_id,
                                                        std::string_view endpoint_id);
// The same, locked until the transaction ends.
absl::StatusOr<std::optional<EndpointRow>> LockEndpoint(postgres::Transaction& tx, int64_t user_id,
                                                        std::string_view endpoint_id);
absl::StatusOr<std::vector<EndpointRow>> ListEndpoints(postgres::Transaction& tx, int64_t user_id,
                                                       int64_t after_place, int64_t limit);
absl::StatusOr<int64_t> CountEndpoints(postgres::Transaction& tx, int64_t user_id);
// All but ids, the sender's fields and created_at.
void UpdateEndpoint(postgres::Transaction& tx, const EndpointRow& row);
absl::StatusOr<bool> DeleteEndpoint(postgres::Transaction& tx, int64_t user_id,
                                    std::string_view endpoint_id);

// Gives up what waits for an endpoint; how many messages.
absl::StatusOr<int64_t> GiveUpPending(postgres::Transaction& tx, std::string_view endpoint_id,
                                      v1::DeliveryFailure failure, absl::Time now);

}  // namespace selfology::webhook::store
