#include "services/edge/webhook/webhook_store.h"

#include <string_view>

#include "common/status/status_macros.h"

namespace selfology::webhook::store {

absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id) {
  int64_t rows = 0;
  // What belongs to an endpoint, a message or a source goes with it.
  constexpr std::string_view kDeletes[] = {
      "DELETE FROM webhook_deliveries WHERE user_id = $1",
      "DELETE FROM webhook_endpoints WHERE user_id = $1",
      "DELETE FROM webhook_messages WHERE user_id = $1",
      "DELETE FROM webhook_received WHERE user_id = $1 OR person_id = $1",
      "DELETE FROM webhook_sources WHERE user_id = $1",
  };
  for (const std::string_view sql : kDeletes) {
    ASSIGN_OR_RETURN(const int64_t deleted, tx.Execute(sql, user_id));
    rows += deleted;
  }
  return rows;
}

}  // namespace selfology::webhook::store
