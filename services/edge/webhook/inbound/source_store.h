// All SQL about sources and what they received; see migrations/. Functions that return nothing are queued.
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/webhook/v1/source.pb.h"
#include "services/edge/webhook/inbound/incoming.h"

namespace selfology::webhook::store {

struct SourceRow {
  std::string endpoint_id;
  int64_t place = 0;
  int64_t user_id = 0;
  int32_t provider = 0;
  std::string description;
  postgres::Bytes secrets;  // Sealed; see secrets.h.
  postgres::Bytes hmac;     // An encoded HmacScheme.
  int32_t window_seconds = 0;
  postgres::Bytes rules;  // An encoded RuleList.
  bool enabled = true;
  absl::Time created_at;
  std::optional<absl::Time> last_received_at = std::nullopt;
};

// False: there is one of that id already.
absl::StatusOr<bool> InsertSource(postgres::Transaction& tx, const SourceRow& row);
// Of whichever owner; nullopt: there is none.
absl::StatusOr<std::optional<SourceRow>> FindSource(postgres::Transaction& tx,
                                                    std::string_view endpoint_id);
// nullopt: this person has none of that id.
absl::StatusOr<std::optional<SourceRow>> ReadSource(postgres::Transaction& tx, int64_t user_id,
                                                    std::string_view endpoint_id);
absl::StatusOr<std::optional<SourceRow>> LockSource(postgres::Transaction& tx, int64_t user_id,
                                                    std::string_view endpoint_id);
absl::StatusOr<std::vector<SourceRow>> ListSources(postgres::Transaction& tx, int64_t user_id,
                                                   int64_t after_place, int64_t limit);
absl::StatusOr<int64_t> CountSources(postgres::Transaction& tx, int64_t user_id);
// All but ids, provider, and created_at.
void UpdateSource(postgres::Transaction& tx, const SourceRow& row);
absl::StatusOr<bool> DeleteSource(postgres::Transaction& tx, int64_t user_id,
                                  std::string_view endpoint_id);

struct NewReceived {
  std::string endpoint_id;
  int64_t user_id = 0;
  int64_t person_id = 0;  // Whom it is about, if that is not the owner and known.
  std::string event_id;
  std::string event_kind;
  std::string kind;
};
struct Taken {
  int64_t received_id = 0;
  bool is_new = false;  // Else it has come before, and is counted.
};
absl::StatusOr<Taken> InsertReceived(postgres::Transaction& tx, const NewReceived& row,
                                     const Incoming& incoming, absl::Time now);
void SetRouted(postgres::Transaction& tx, int64_t received_id, v1::ReceivedState state,
               const std::vector<std::string>& matched);
// Writes down a request that was refused; whether none was in the `quiet` time before.
absl::StatusOr<bool> InsertRefused(postgres::Transaction& tx, const SourceRow& source,
                                   std::string_view refusal, int64_t body_bytes, absl::Time now,
                                   absl::Duration quiet);

struct ReceivedFilter {
  int64_t user_id = 0;
  std::string_view endpoint_id = {};  // Empty: any.
  int32_t state = 0;                  // 0: any.
  int64_t before_id = 0;
  int64_t limit = 0;
};
// Newest first.
absl::StatusOr<std::vector<v1::Received>> ListReceived(postgres::Transaction& tx,
                                                       const ReceivedFilter& filter);

struct Stored {
  v1::Received received;
  Incoming incoming;
};
absl::StatusOr<std::optional<Stored>> ReadReceived(postgres::Transaction& tx, int64_t user_id,
                                                   int64_t received_id);
// The latest that were taken, with at most max_bytes of body each and of all together.
absl::StatusOr<std::vector<Stored>> LatestReceived(postgres::Transaction& tx,
                                                   std::string_view endpoint_id, int64_t count,
                                                   int64_t max_bytes);
absl::StatusOr<int64_t> DeleteReceivedBefore(postgres::Transaction& tx, absl::Time before,
                                             absl::Time refused_before, int64_t limit);

}  // namespace selfology::webhook::store
