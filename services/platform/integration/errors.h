// Errors that several parts of this service give, and what its owner is told of a connection.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "common/postgres/transaction.h"
#include "services/platform/integration/connection_store.h"

namespace selfology::integration {

// what: "connection", "provider" or "attempt".
absl::Status NotFound(std::string_view what);
absl::Status NotPossible(std::string_view why);

// Publish the event and the notice to the person.
absl::Status TellFailing(postgres::Transaction& tx, const store::ConnectionRow& row,
                         std::string_view display);
absl::Status TellRecovered(postgres::Transaction& tx, const store::ConnectionRow& row,
                           std::string_view display);

}  // namespace selfology::integration
