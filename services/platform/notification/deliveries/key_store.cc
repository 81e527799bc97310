#include "services/platform/notification/deliveries/key_store.h"

#include <tuple>
#include <utility>

#include "common/status/status_macros.h"

namespace selfology::notification::store {

absl::StatusOr<std::string> KeepKey(postgres::Transaction& tx, std::string_view name,
                                    std::string_view fresh) {
  ASSIGN_OR_RETURN(auto row,
                   tx.QueryOne<postgres::Bytes>(
                       "INSERT INTO notification_keys AS known (name, secret_key) VALUES ($1, $2)"
                       " ON CONFLICT (name) DO UPDATE SET secret_key = known.secret_key"
                       " RETURNING secret_key",
                       name, postgres::BytesView{fresh}));
  return std::move(std::get<0>(row.value()).value);
}

}  // namespace selfology::notification::store
