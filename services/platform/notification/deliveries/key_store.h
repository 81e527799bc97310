// SQL of the service's own keys; see ../migrations/0002_choices.sql. Errors: the transaction's.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/postgres/transaction.h"

namespace selfology::notification::store {

// The one that is kept: `fresh` if there was none.
absl::StatusOr<std::string> KeepKey(postgres::Transaction& tx, std::string_view name,
                                    std::string_view fresh);

}  // namespace selfology::notification::store
