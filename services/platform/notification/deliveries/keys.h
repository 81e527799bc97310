// Keys that the service makes for itself at their first use and keeps in its database: every replica
// has the same ones.
//
//   ASSIGN_OR_RETURN(const std::string key, keys.Of(call, Keys::kLinks));
//
// Errors: the database's. Threads: thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "services/platform/notification/push/signed_token.h"

namespace selfology::notification {

class Keys {
 public:
  static constexpr std::string_view kLinks = "links";  // Of unsubscribe links: 32 bytes.
  static constexpr std::string_view kVapid = "vapid";  // What browsers know us by: a P-256 scalar.

  // The database outlives it.
  explicit Keys(postgres::Database& database) : database_(database) {}

  absl::StatusOr<std::string> Of(const Call& call, std::string_view name);
  absl::StatusOr<PrivateKey> Vapid(const Call& call);

 private:
  postgres::Database& database_;
  absl::Mutex mutex_;
  std::map<std::string, std::string, std::less<>> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::notification
