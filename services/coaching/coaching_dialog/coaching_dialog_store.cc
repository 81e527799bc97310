#include "services/coaching/coaching_dialog/coaching_dialog_store.h"

#include <tuple>
#include <utility>

#include "common/status/status_macros.h"

namespace selfology::coaching_dialog::store {

using postgres::Transaction;

void SaveTrace(Transaction& tx, int64_t user_id, std::string_view traceparent, absl::Time now) {
  tx.Queue(
      "INSERT INTO coaching_journeys (user_id, traceparent, began_at) VALUES ($1, $2, $3)"
      " ON CONFLICT (user_id) DO UPDATE SET traceparent = EXCLUDED.traceparent,"
      " began_at = EXCLUDED.began_at",
      user_id, traceparent, now);
}

absl::StatusOr<std::optional<std::string>> ReadTrace(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(auto row,
                   tx.QueryOne<std::string>(
                       "SELECT traceparent FROM coaching_journeys WHERE user_id = $1", user_id));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*std::move(row));
}

absl::StatusOr<int64_t> ForgetOld(Transaction& tx, absl::Time now) {
  return tx.Execute("DELETE FROM coaching_journeys WHERE began_at < $1", now - kMemory);
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  return tx.Execute("DELETE FROM coaching_journeys WHERE user_id = $1", user_id);
}

}  // namespace selfology::coaching_dialog::store
