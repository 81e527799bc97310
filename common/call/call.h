#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/observe/trace.h"

namespace selfology {

// What every piece of work carries with it: until when its result is wanted, on whose trace it is
// done, and whether anybody still waits. An RPC, an event's handling and a timer's tick each make
// one; database, Redis, HTTP and RPC operations take it first, so a deadline set at the edge bounds
// all that is done on its behalf.
//
//   absl::StatusOr<Profile> Load(const Call& call, int64_t user_id) {
//     return database_.Read(call.WithTimeout(absl::Milliseconds(300)), ...);
//   }
//
// Immutable and cheap to copy; safe to use from several threads.
class Call {
 public:
  Call(absl::Time deadline, observe::TraceContext trace, std::function<bool()> cancelled = nullptr)
      : deadline_(deadline), trace_(std::move(trace)), cancelled_(std::move(cancelled)) {}

  // Work that nobody outside waits for, such as a timer's tick.
  static Call Background(absl::Duration timeout, observe::TraceContext trace = {}) {
    return Call(absl::Now() + timeout, std::move(trace));
  }

  absl::Time deadline() const { return deadline_; }
  absl::Duration Remaining() const { return deadline_ - absl::Now(); }
  const observe::TraceContext& trace() const { return trace_; }

  // True once the caller has gone away; the result would be thrown away.
  bool Cancelled() const { return cancelled_ && cancelled_(); }

  // The same call with less time; never more than it had.
  Call WithTimeout(absl::Duration timeout) const {
    Call call(std::min(deadline_, absl::Now() + timeout), trace_, cancelled_);
    call.waiting_ = waiting_;
    return call;
  }

  // For the kernel: calls of different users may share one transaction, and then none may make it
  // wait for anything but its own statements. RPC, HTTP and other transactions ask MayWait first.
  // Whoever is refused is run again, alone.
  struct Waiting {
    const bool allowed = true;
    std::atomic<bool> asked = false;
  };
  Call With(std::shared_ptr<Waiting> waiting) const {
    Call call(*this);
    call.waiting_ = std::move(waiting);
    return call;
  }
  absl::Status MayWait() const {
    if (waiting_ == nullptr) return absl::OkStatus();
    waiting_->asked.store(true, std::memory_order_relaxed);
    if (waiting_->allowed) return absl::OkStatus();
    return absl::AbortedError("others' transaction would have to wait: to be run alone");
  }

 private:
  absl::Time deadline_;
  observe::TraceContext trace_;
  std::function<bool()> cancelled_;
  std::shared_ptr<Waiting> waiting_;
};

}  // namespace selfology
