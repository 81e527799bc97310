// The threads that compute password hashes: few, and with a bounded queue, because each hash costs a
// core for tens of milliseconds and 19 MiB.
//
//   PasswordWorkers workers({.threads = 2, .max_waiting = 32});
//   ASSIGN_OR_RETURN(const std::string hash, workers.Hash(call, password));
//   ASSIGN_OR_RETURN(const PasswordWorkers::Checked checked, workers.Check(call, password, hash));
//
// Errors: RATE_LIMITED with RetryInfo when `max_waiting` wait already; DEADLINE_EXCEEDED when the
// call's time is over, also while the hash is being computed; UNAVAILABLE without memory. Threads:
// thread-safe; the caller waits.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/call/call.h"
#include "common/executor/worker_pool.h"
#include "services/platform/user/accounts/password_hash.h"

namespace selfology::user {

class PasswordWorkers {
 public:
  struct Options {
    int threads = 2;
    int max_waiting = 32;  // Besides those that are being computed.
    HashParameters parameters = {};
  };

  explicit PasswordWorkers(Options options);

  absl::StatusOr<std::string> Hash(const Call& call, std::string_view password);

  struct Checked {
    bool matches = false;
    // Set when it matches and was hashed with other parameters: what to keep instead.
    std::optional<std::string> better_hash = std::nullopt;
  };
  // hash: empty for an account that is not there, or has no password. That matches nothing, and takes
  // as long as any other.
  absl::StatusOr<Checked> Check(const Call& call, std::string_view password,
                                const std::string& hash);

  // For tests: occupies a thread until it is called.
  std::function<void()> HoldThreadForTest();

 private:
  absl::Status Run(const Call& call, std::function<void()> work);
  // A hash of nothing that anybody knows, made with the present parameters.
  const std::string& Decoy();

  const Options options_;
  absl::Mutex mutex_;
  int pending_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string decoy_ ABSL_GUARDED_BY(mutex_);
  executor::WorkerPool pool_;  // Last: its threads use the rest.
};

}  // namespace selfology::user
