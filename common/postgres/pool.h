// Connections to one server, shared by callers that act under different roles. Kernel code only:
// the part of Database that knows no transactions.
//
//   ASSIGN_OR_RETURN(Pool::Lease lease, pool.Acquire(call, "selfology_session"));
//   lease->Add("SELECT 1", {});
//   ...                                   // the lease's end gives the connection back
//
// Callers are served first come, first served, but calls that yield (Call::Yielding) let others go
// first: one of them may begin at any time, more only while fewer than yielding_connections are in
// use. So background calls get lower priority but cannot starve. One that has yielded for
// acquire_timeout waits its turn like any other: it may hold a connection already.
//
// An idle connection that last acted under the wanted role is preferred; changing the role of one
// costs a round trip. Connections that the server closed while idle are noticed and replaced. One
// whose caller gave up waiting is cleared up in the background, so that nobody waits past a
// deadline.
//
// Errors: those of error.h; UNAVAILABLE when no connection became free within acquire_timeout.
// Threads: may be used from any. Leases must end before the pool does.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/postgres/connection.h"
#include "common/postgres/options.h"

namespace selfology::postgres {

struct PoolOptions {
  ConnectionOptions connection;
  std::string name;  // The metrics' label: "primary" or "replica".
  int min_connections = 5;
  int max_connections = 20;
  int yielding_connections = 3;
  absl::Duration acquire_timeout;
  absl::Duration idle_timeout;
  observe::Metrics* metrics = nullptr;
};

class Pool {
 public:
  class Lease;

  explicit Pool(PoolOptions options);
  ~Pool();

  absl::StatusOr<Lease> Acquire(const Call& call, const std::string& role);
  PoolStats stats() const;

 private:
  struct Slot {
    std::unique_ptr<Connection> connection;
    std::string role;                // Nothing's name, when it is not known.
    std::vector<std::string> roles;  // Those that it has acted as.
    bool yielding = false;           // Its caller is one of those that yield.
    absl::Time idle_since;
  };
  // A caller in the queue. Granted: a connection, or the right to open one.
  struct Waiter {
    absl::CondVar granted_changed;
    bool granted = false;
    Slot slot;
  };

  // A slot with a connection, or an empty one: then the caller may open one and must Release or
  // Drop it.
  absl::StatusOr<Slot> Take(const Call& call, const std::string& role);
  absl::StatusOr<Slot> TakeLocked(const Call& call, const std::string& role)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // For calls that yield: until it is their turn, or they have yielded long enough.
  void YieldLocked(const Call& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool MayYielderBegin() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Fill(const Call& call, Slot& slot);
  void Warn(const absl::Status& status);
  absl::Status Assume(const Call& call, const std::string& role, Slot& slot);
  void Release(Slot slot);
  void Drop(Slot slot);
  void Recover(Slot slot);
  void Tend();

  void ServeLocked(Slot slot) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FreeLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CloseIdleLocked(absl::Time now, std::vector<Slot>& closed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool NeedsTending() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ShowLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const PoolOptions options_;
  const observe::Gauge open_gauge_;
  const observe::Gauge idle_gauge_;
  const observe::Gauge waiting_gauge_;
  const observe::Gauge yielding_gauge_;
  const observe::Histogram acquire_seconds_;

  mutable absl::Mutex mutex_;
  std::vector<Slot> idle_ ABSL_GUARDED_BY(mutex_);  // Most recently used last.
  std::list<Waiter*> waiters_ ABSL_GUARDED_BY(mutex_);
  std::vector<Slot> abandoned_ ABSL_GUARDED_BY(mutex_);
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  std::list<const Call*> yielders_ ABSL_GUARDED_BY(mutex_);  // That let others go first.
  int yielders_at_work_ ABSL_GUARDED_BY(mutex_) = 0;         // That do so no longer.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::atomic<int64_t> opened_ = 0;
  std::atomic<int64_t> round_trips_ = 0;
  std::atomic<int64_t> next_warning_ = 0;  // Microseconds since 1970.
  std::thread tender_;                     // Last: it uses all of the above.
};

// One connection, for as long as this lives.
class Pool::Lease {
 public:
  Lease(Lease&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)),
        slot_(std::move(other.slot_)),
        due_role_(std::move(other.due_role_)),
        round_trips_(other.round_trips_),
        discarded_(other.discarded_) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  Connection* operator->() const { return slot_.connection.get(); }
  Connection& operator*() const { return *slot_.connection; }

  // The role to take on in the transaction, with its first statement, and that this was committed.
  // A switch of roles so costs no round trip of its own.
  const std::optional<std::string>& due_role() const { return due_role_; }
  void KeepRole() {
    if (due_role_.has_value()) slot_.role = *std::exchange(due_role_, std::nullopt);
  }

  // Closes the connection at the lease's end, though it may look sound.
  void Discard() { discarded_ = true; }

 private:
  friend class Pool;
  Lease(Pool* pool, Slot slot)
      : pool_(pool), slot_(std::move(slot)), round_trips_(slot_.connection->round_trips()) {}

  Pool* pool_;
  Slot slot_;
  std::optional<std::string> due_role_;
  int64_t round_trips_ = 0;
  bool discarded_ = false;
};

}  // namespace selfology::postgres
