// All SQL of the safety dialog; see migrations/. Functions that return nothing are queued: they
// cost no round trip of their own. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/coaching/safety_dialog/crisis.h"

namespace selfology::safety_dialog::store {

// Answers to updates, see common/idempotency/once.h.
inline constexpr std::string_view kRequests = "safety_requests";
// Who has said nothing for so long has the mode no more.
inline constexpr absl::Duration kMemory = absl::Hours(24 * 7);

struct Person {
  std::optional<Crisis> crisis = std::nullopt;
  std::string language = {};  // BCP 47, that they were answered in last; empty without the mode.
  std::string country = {};   // Empty: not known.
};
absl::StatusOr<Person> ReadPerson(postgres::Transaction& tx, int64_t user_id);

void SaveCrisis(postgres::Transaction& tx, int64_t user_id, const Crisis& crisis,
                std::string_view language);
void DeleteCrisis(postgres::Transaction& tx, int64_t user_id);
// Empty: it is not known any more.
void SaveCountry(postgres::Transaction& tx, int64_t user_id, std::string_view country);

// Ends modes that are older than kMemory; the number of rows.
absl::StatusOr<int64_t> ForgetOld(postgres::Transaction& tx, absl::Time now);
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::safety_dialog::store
