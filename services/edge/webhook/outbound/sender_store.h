// The sender's SQL: who holds an endpoint, what is due for it, what became of it. Functions that return
// nothing are queued. Errors: the transaction's. Threads: as the transaction's.
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

// An endpoint that this process holds until `leased_until`.
struct Held {
  std::string endpoint_id;
  int64_t user_id = 0;
  std::string url;
  std::vector<int32_t> retry_seconds;
  int32_t timeout_seconds = 0;
  int32_t state = 0;
  std::optional<absl::Time> failing_since;
  int64_t failures = 0;
  postgres::Bytes secret;
  std::optional<postgres::Bytes> old_secret;
  std::optional<absl::Time> old_secret_until;
  int64_t lease = 0;
};

// Takes the endpoint that has been due for the longest and that nobody holds. healthy_only: leaves out those
// that fail, so that they do not take all senders.
absl::StatusOr<std::optional<Held>> Take(postgres::Transaction& tx, bool healthy_only,
                                         absl::Time now, absl::Time until);
// Locks a held endpoint and holds it longer. nullopt: another has it meanwhile, or it is gone.
absl::StatusOr<std::optional<Held>> Keep(postgres::Transaction& tx, const Held& held,
                                         absl::Time until);
// Lets go of it, and says when it is due again: at its first message's time.
void Release(postgres::Transaction& tx, std::string_view endpoint_id, absl::Time now);
// When the next endpoint is due; InfiniteFuture: none.
absl::StatusOr<absl::Time> NextDue(postgres::Transaction& tx);

struct Due {
  int64_t delivery_id = 0;
  std::string message_id;
  std::string body;
  int32_t counted = 0;
  int32_t tried = 0;  // Attempts before, also those that were never ended.
  absl::Time created_at;
};
// The endpoint's first messages as far as they are due, in their order.
absl::StatusOr<std::vector<Due>> ReadDue(postgres::Transaction& tx, std::string_view endpoint_id,
                                         absl::Time now, int64_t limit);

// Writes down an attempt at each of them; attempts that were never ended are ended as unknown.
void BeginAttempts(postgres::Transaction& tx, const std::vector<Due>& due, absl::Time now);

// What became of one attempt, and of its delivery.
struct Ended {
  int64_t delivery_id = 0;
  int32_t number = 0;
  absl::Time started_at;
  absl::Time ended_at;
  int32_t http_status = 0;
  int32_t failure = 0;
  std::string answer;
  int32_t state = 0;
  bool counts = false;
  std::optional<absl::Time> due_at;
};
void EndAttempts(postgres::Transaction& tx, const std::vector<Ended>& ended);
// Forgets attempts that were begun and not made.
void DropAttempts(postgres::Transaction& tx, const std::vector<Due>& due);

// How the endpoint fares. failing_since: nullopt: it does not fail.
void SetFailing(postgres::Transaction& tx, std::string_view endpoint_id,
                std::optional<absl::Time> failing_since, int64_t failures);
void Disable(postgres::Transaction& tx, std::string_view endpoint_id, v1::EndpointState state,
             absl::Time now);

}  // namespace selfology::webhook::store
