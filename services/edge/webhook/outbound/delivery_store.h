// All SQL about messages, their deliveries and attempts, but the sender's (sender_store.h). Functions
// that return nothing are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/webhook/v1/endpoint.pb.h"

namespace selfology::webhook::store {

struct Message {
  std::string message_id;
  int64_t user_id = 0;  // Whom it is about; 0: nobody.
  std::string event_type;
  std::string body;
  absl::Time occurred_at;
};

// Writes the message down for every endpoint of its person, and of the installation, that gets its type;
// endpoints are locked, so that ids are in the order of commits. Endpoints that are disabled have it given
// up at once. Whether anybody gets it. The same message again changes nothing.
absl::StatusOr<bool> Enqueue(postgres::Transaction& tx, const Message& message, absl::Time now);

// The same for some endpoints of one owner; the new deliveries' ids. only: one endpoint; empty: all that
// get the type.
absl::StatusOr<std::vector<int64_t>> EnqueueFor(postgres::Transaction& tx, const Message& message,
                                                std::string_view only, absl::Time now);

struct DeliveryFilter {
  int64_t user_id = 0;
  std::string_view endpoint_id = {};  // Empty: any.
  int32_t state = 0;                  // 0: any.
  int64_t before_id = 0;
  int64_t limit = 0;
};
// Newest first.
absl::StatusOr<std::vector<v1::Delivery>> ListDeliveries(postgres::Transaction& tx,
                                                         const DeliveryFilter& filter);
// nullopt: this person has none of that id.
absl::StatusOr<std::optional<v1::Delivery>> ReadDelivery(postgres::Transaction& tx, int64_t user_id,
                                                         int64_t delivery_id);
absl::StatusOr<std::string> ReadBody(postgres::Transaction& tx, std::string_view message_id);
absl::StatusOr<std::vector<v1::Attempt>> ListAttempts(postgres::Transaction& tx,
                                                      int64_t delivery_id);

// Makes it due now, with its schedule from the start, unless it was delivered. The endpoint is locked.
void Retry(postgres::Transaction& tx, std::string_view endpoint_id, int64_t delivery_id,
           absl::Time now);
// The same for all that were given up, of events in [since, until); how many.
absl::StatusOr<int64_t> RetryFailed(postgres::Transaction& tx, std::string_view endpoint_id,
                                    absl::Time since, absl::Time until, absl::Time now);

// How many messages were dropped from the log.
absl::StatusOr<int64_t> DeleteMessagesBefore(postgres::Transaction& tx, absl::Time before,
                                             int64_t limit);

}  // namespace selfology::webhook::store
