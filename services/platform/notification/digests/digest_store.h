// SQL of digests; see ../migrations/0001_notifications.sql. Functions that return nothing are queued.
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

namespace selfology::notification::store {

// The one that collects for this topic, opened if there is none. Under LockPerson.
absl::StatusOr<int64_t> OpenDigest(postgres::Transaction& tx, int64_t user_id,
                                   std::string_view topic, absl::Time closes_at);

struct DueDigest {
  int64_t digest_id = 0;
  int64_t user_id = 0;
  std::string topic = {};
};
// In the order in which they end.
absl::StatusOr<std::vector<DueDigest>> ListDueDigests(postgres::Transaction& tx, absl::Time now,
                                                      int limit);
// False: it was closed meanwhile. Under LockPerson.
absl::StatusOr<bool> IsOpen(postgres::Transaction& tx, int64_t digest_id);

struct DigestItem {
  int64_t notification_id = 0;
  std::string kind = {};
  std::string title = {};
};
// What lies in it and was not read, in its order.
absl::StatusOr<std::vector<DigestItem>> ListItems(postgres::Transaction& tx, int64_t digest_id);
// notification_id: what it became; 0: nothing was left to tell.
void CloseDigest(postgres::Transaction& tx, int64_t digest_id, int64_t notification_id);

}  // namespace selfology::notification::store
