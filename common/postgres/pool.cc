#include "common/postgres/pool.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/postgres/error.h"
#include "common/status/status_macros.h"

namespace selfology::postgres {
namespace {

// How often a caller that waits looks whether its call was cancelled.
constexpr absl::Duration kCancelCheck = absl::Milliseconds(100);

// How long clearing up after a caller that gave up may take before the connection is closed
// instead.
constexpr absl::Duration kRecoverTimeout = absl::Seconds(5);

constexpr absl::Duration kWarningInterval = absl::Seconds(1);

// No role can be called so.
constexpr char kUnknownRole[] = "\n";

observe::Gauge ConnectionsGauge(const PoolOptions& options, std::string_view state) {
  if (options.metrics == nullptr) return {};
  return options.metrics->Gauge("postgres_connections", "Connections of the pool, by state",
                                {{"database", options.name}, {"state", std::string(state)}});
}

observe::Histogram AcquireSeconds(const PoolOptions& options) {
  if (options.metrics == nullptr) return {};
  return options.metrics->Histogram(
      "postgres_acquire_seconds",
      "Time that calls other than background calls waited for a connection",
      observe::LatencyBuckets(), {{"database", options.name}});
}

}  // namespace

Pool::Pool(PoolOptions options)
    : options_(std::move(options)),
      open_gauge_(ConnectionsGauge(options_, "open")),
      idle_gauge_(ConnectionsGauge(options_, "idle")),
      waiting_gauge_(ConnectionsGauge(options_, "waiting")),
      yielding_gauge_(ConnectionsGauge(options_, "yielding")),
      acquire_seconds_(AcquireSeconds(options_)),
      tender_([this] { Tend(); }) {}

Pool::~Pool() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  tender_.join();
}

absl::StatusOr<Pool::Lease> Pool::Acquire(const Call& call, const std::string& role) {
  const absl::Time start = absl::Now();
  while (true) {
    ASSIGN_OR_RETURN(Slot slot, Take(call, role));
    absl::Status ready;
    const bool reused = slot.connection != nullptr;
    if (reused && !slot.connection->StillOpen()) {
      Drop(std::move(slot));
      continue;
    }
    if (!reused) ready = Fill(call, slot);
    const bool differs = slot.role != role;
    const bool known = std::find(slot.roles.begin(), slot.roles.end(), role) != slot.roles.end();
    if (ready.ok() && differs && !known) ready = Assume(call, role, slot);
    if (ready.ok()) {
      if (!call.yields()) acquire_seconds_.Observe(absl::Now() - start);
      Lease lease(this, std::move(slot));
      if (differs && known) {
        lease.due_role_ = role;
        lease.slot_.role = kUnknownRole;
      }
      return lease;
    }
    // An idle connection may die just now; a new one tells for certain.
    const bool again = reused && slot.connection->broken();
    if (slot.connection != nullptr && slot.connection->usable()) {
      Release(std::move(slot));
    } else {
      Drop(std::move(slot));
    }
    if (!again) return ready;
  }
}

absl::StatusOr<Pool::Slot> Pool::Take(const Call& call, const std::string& role) {
  absl::MutexLock lock(&mutex_);
  if (!call.yields()) return TakeLocked(call, role);
  YieldLocked(call);
  ++yielders_at_work_;
  absl::StatusOr<Slot> slot = TakeLocked(call, role);
  if (slot.ok()) {
    slot->yielding = true;
  } else {
    --yielders_at_work_;
  }
  return slot;
}

bool Pool::MayYielderBegin() const {
  return yielders_at_work_ == 0 ||
         open_ - static_cast<int>(idle_.size()) < options_.yielding_connections;
}

void Pool::YieldLocked(const Call& call) {
  const absl::Time end = std::min(call.deadline(), absl::Now() + options_.acquire_timeout);
  yielders_.push_back(&call);
  ShowLocked();
  const auto turn = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return yielders_.front() == &call && MayYielderBegin();
  };
  while (!call.Cancelled() && absl::Now() < end &&
         !mutex_.AwaitWithDeadline(absl::Condition(&turn),
                                   std::min(end, absl::Now() + kCancelCheck))) {
  }
  yielders_.remove(&call);
  ShowLocked();
}

absl::StatusOr<Pool::Slot> Pool::TakeLocked(const Call& call, const std::string& role) {
  const absl::Time deadline = std::min(call.deadline(), absl::Now() + options_.acquire_timeout);
  if (waiters_.empty()) {
    auto slot = std::find_if(idle_.rbegin(), idle_.rend(),
                             [&](const Slot& idle) { return idle.role == role; });
    if (slot == idle_.rend() && open_ < options_.max_connections) {
      ++open_;
      ShowLocked();
      return Slot();
    }
    if (!idle_.empty()) {
      // Of another role: the one that has been idle longest.
      const auto chosen = slot == idle_.rend() ? idle_.begin() : std::prev(slot.base());
      Slot taken = std::move(*chosen);
      idle_.erase(chosen);
      ShowLocked();
      return taken;
    }
  }

  Waiter waiter;
  waiters_.push_back(&waiter);
  ShowLocked();
  while (!waiter.granted && absl::Now() < deadline && !call.Cancelled()) {
    waiter.granted_changed.WaitWithDeadline(&mutex_,
                                            std::min(deadline, absl::Now() + kCancelCheck));
  }
  if (waiter.granted) return std::move(waiter.slot);
  waiters_.remove(&waiter);
  ShowLocked();
  if (call.Cancelled()) {
    return absl::CancelledError("cancelled while waiting for a database connection");
  }
  if (call.Remaining() <= absl::ZeroDuration()) {
    return absl::DeadlineExceededError("no database connection became free in time");
  }
  return absl::UnavailableError(absl::StrCat("all ", options_.max_connections,
                                             " database connections have been busy for ",
                                             absl::FormatDuration(options_.acquire_timeout)));
}

absl::Status Pool::Fill(const Call& call, Slot& slot) {
  auto connection = Connection::Open(call, options_.connection);
  if (!connection.ok()) {
    Warn(connection.status());
    return connection.status();
  }
  opened_.fetch_add(1, std::memory_order_relaxed);
  slot.connection = *std::move(connection);
  return absl::OkStatus();
}

// Every caller meets the same outage: one line a second tells as much as thousands.
void Pool::Warn(const absl::Status& status) {
  const int64_t now = absl::ToUnixMicros(absl::Now());
  int64_t next = next_warning_.load(std::memory_order_relaxed);
  if (now < next || !next_warning_.compare_exchange_strong(
                        next, now + absl::ToInt64Microseconds(kWarningInterval))) {
    return;
  }
  observe::Warning("database connection failed", {{"database", options_.name}, {"status", status}});
}

absl::Status Pool::Assume(const Call& call, const std::string& role, Slot& slot) {
  Connection& connection = *slot.connection;
  connection.Add("SELECT set_config('role', $1, false)",
                 internal::EncodeAll(role.empty() ? std::string_view("none") : role));
  round_trips_.fetch_add(1, std::memory_order_relaxed);
  const absl::Status status = connection.RoundTrip(call).status();
  if (status.ok()) {
    slot.role = role;
    slot.roles.push_back(role);
    return status;
  }
  if (!connection.usable()) return status;
  return absl::FailedPreconditionError(
      absl::StrCat("the database login may not act as ", role, ": ", status.message()));
}

void Pool::Release(Slot slot) {
  if (slot.connection->broken()) return Drop(std::move(slot));
  absl::MutexLock lock(&mutex_);
  if (std::exchange(slot.yielding, false)) --yielders_at_work_;
  if (!slot.connection->usable()) {
    abandoned_.push_back(std::move(slot));  // Wakes the tender.
  } else {
    ServeLocked(std::move(slot));
  }
}

void Pool::Drop(Slot slot) {
  slot.connection.reset();  // Before the lock: closing writes to the socket.
  absl::MutexLock lock(&mutex_);
  if (slot.yielding) --yielders_at_work_;
  FreeLocked();
}

// Gives a sound connection to who has waited longest, or lays it by.
void Pool::ServeLocked(Slot slot) {
  if (waiters_.empty()) {
    slot.idle_since = absl::Now();
    idle_.push_back(std::move(slot));
  } else {
    Waiter* waiter = waiters_.front();
    waiters_.pop_front();
    waiter->slot = std::move(slot);
    waiter->granted = true;
    waiter->granted_changed.Signal();
  }
  ShowLocked();
}

// A connection is gone: who has waited longest may open another.
void Pool::FreeLocked() {
  if (waiters_.empty()) {
    --open_;
    ShowLocked();
  } else {
    ServeLocked(Slot());
  }
}

void Pool::Recover(Slot slot) {
  if (slot.connection->Recover(Call::Background(kRecoverTimeout))) {
    absl::MutexLock lock(&mutex_);
    ServeLocked(std::move(slot));
  } else {
    Drop(std::move(slot));
  }
}

bool Pool::NeedsTending() const { return stopping_ || !abandoned_.empty(); }

// The background thread: clears up abandoned connections, closes idle ones.
void Pool::Tend() {
  while (true) {
    std::vector<Slot> abandoned, closed;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(this, &Pool::NeedsTending),
                              std::max(options_.idle_timeout / 2, absl::Milliseconds(10)));
      if (stopping_) return;
      abandoned.swap(abandoned_);
      CloseIdleLocked(absl::Now(), closed);
    }
    closed.clear();
    for (Slot& slot : abandoned) Recover(std::move(slot));
  }
}

void Pool::CloseIdleLocked(absl::Time now, std::vector<Slot>& closed) {
  while (!idle_.empty() && open_ > options_.min_connections &&
         idle_.front().idle_since <= now - options_.idle_timeout) {
    closed.push_back(std::move(idle_.front()));
    idle_.erase(idle_.begin());
    --open_;
  }
  ShowLocked();
}

void Pool::ShowLocked() const {
  open_gauge_.Set(open_);
  idle_gauge_.Set(static_cast<double>(idle_.size()));
  waiting_gauge_.Set(static_cast<double>(waiters_.size()));
  yielding_gauge_.Set(static_cast<double>(yielders_.size()));
}

PoolStats Pool::stats() const {
  absl::MutexLock lock(&mutex_);
  return {.open = open_,
          .idle = static_cast<int>(idle_.size()),
          .waiting = static_cast<int>(waiters_.size()),
          .yielding = static_cast<int>(yielders_.size()),
          .opened = opened_.load(std::memory_order_relaxed),
          .round_trips = round_trips_.load(std::memory_order_relaxed)};
}

Pool::Lease::~Lease() {
  if (pool_ == nullptr || slot_.connection == nullptr) return;
  pool_->round_trips_.fetch_add(slot_.connection->round_trips() - round_trips_,
                                std::memory_order_relaxed);
  if (discarded_) {
    pool_->Drop(std::move(slot_));
  } else {
    pool_->Release(std::move(slot_));
  }
}

}  // namespace selfology::postgres
