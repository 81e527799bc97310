// Brings what is sealed in a service's tables to the newest key, so that older ones can go.
//
//   const crypto::SealedColumn kSealed[] = {
//       {.table = "webhook_endpoints", .column = "secret", .purpose = "endpoint_id"}};
//   ASSIGN_OR_RETURN(const int64_t rows, crypto::Reseal(call, mesh.database(), seal_key, kSealed));
//
// Each row is locked and written for itself, so callers go on meanwhile; rows that somebody else has locked are left for the
// next time.
// Errors: the database's. What does not open is left as it is, and logged. Threads: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "common/crypto/seal_key.h"
#include "common/postgres/database.h"

namespace selfology::crypto {

struct SealedColumn {
  std::string_view table;
  std::string_view column;  // bytea; null: nothing is sealed there.
  // An SQL expression: what each row is sealed for.
  std::string_view purpose;
  // Texts of this many bytes are from before they were sealed; 0: there are none.
  size_t plain_bytes = 0;
};

// Gives how many rows were sealed anew. Ends with the call; what is left comes the next time.
absl::StatusOr<int64_t> Reseal(const Call& call, postgres::Database& database, SealKey& seal_key,
                               absl::Span<const SealedColumn> columns);

}  // namespace selfology::crypto
