// Calls that were refused because they were too many, gathered, and told as events
// (rate.limit.exceeded): security looks for abuse in them. One event a caller and route each time, so
// that whoever hammers costs no more than who does not.
//
//   RefusedCalls refused(secret);
//   refused.Note(*caller, "address:1.2.3.4", "GET /api/v1/domains");
//   ... every few seconds ...
//   refused.Publish(call, mesh.database());
//
// Callers are told apart by a keyed hash, the same as long as this process runs.
// Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/call/call.h"
#include "common/identity/caller.h"
#include "common/postgres/database.h"

namespace selfology::api_gateway {

class RefusedCalls {
 public:
  // Further callers of the time between two Publish are not told of.
  static constexpr size_t kMaxEvents = 1000;

  explicit RefusedCalls(std::string secret) : secret_(std::move(secret)) {}

  // rate_key: as RateKeyOf gives it.
  void Note(const identity::Caller& caller, std::string_view rate_key, std::string_view route);

  // Tells of what was noted since. What cannot be told now is told the next time.
  absl::Status Publish(const Call& call, postgres::Database& database);

 private:
  struct Refused {
    int64_t user_id = 0;
    int64_t count = 0;
  };
  using ByCallerAndRoute = std::map<std::pair<std::string, std::string>, Refused>;

  const std::string secret_;
  absl::Mutex mutex_;
  ByCallerAndRoute refused_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::api_gateway
