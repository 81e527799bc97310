#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/observe/trace.h"

namespace selfology {

// What every piece of work carries with it: until when its result is wanted, on whose trace it is
// done, who asked for it, and whether anybody still waits. An RPC, an event's handling and a timer's tick each make
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
  Call(absl::Time deadline, const observe::TraceContext& trace,
       std::function<bool()> cancelled = nullptr)
      : deadline_(deadline), trace_(trace), cancelled_(std::move(cancelled)) {}

  // Work that nobody outside waits for, such as a timer's tick.
  static Call Background(absl::Duration timeout, const observe::TraceContext& trace = {}) {
    return Call(absl::Now() + timeout, trace);
  }

  absl::Time deadline() const { return deadline_; }
  absl::Duration Remaining() const { return deadline_ - absl::Now(); }
  const observe::TraceContext& trace() const { return trace_; }

  // The same call for a span within it (observe/span.h).
  Call WithTrace(const observe::TraceContext& trace) const {
    Call call(*this);
    call.trace_ = trace;
    return call;
  }

  // True once the caller has gone away; the result would be thrown away.
  bool Cancelled() const { return cancelled_ && cancelled_(); }

  // The same call with less time; never more than it had. Peers may use all of it, also where their
  // contracts say less.
  Call WithTimeout(absl::Duration timeout) const {
    Call call(*this);
    call.deadline_ = std::min(deadline_, absl::Now() + timeout);
    call.bounded_by_contracts_ = false;
    return call;
  }

  // The same call, whose deadline somebody chose for the whole of the work: of what it asks peers
  // for, each may take only what its contract says (rpc/channel.h).
  Call BoundedByContracts() const {
    Call call(*this);
    call.bounded_by_contracts_ = true;
    return call;
  }
  bool bounded_by_contracts() const { return bounded_by_contracts_; }

  // A low-priority copy, for background work: it takes scarce resources (postgres/pool.h) last.
  Call Yielding() const {
    Call call(*this);
    call.yields_ = true;
    return call;
  }
  bool yields() const { return yields_; }

  // Who asked; never null. Work that nobody asked for has an anonymous caller. What is asked of
  // peers is asked by this process, not by its caller: to ask in a person's name, pass their token
  // on (WithToken).
  std::shared_ptr<const identity::Caller> caller() const {
    return caller_ != nullptr ? caller_ : identity::Anonymous();
  }
  Call WithCaller(std::shared_ptr<const identity::Caller> caller) const {
    Call call(*this);
    call.caller_ = std::move(caller);
    return call;
  }

  // The same call, whose RPCs carry "authorization: Bearer <bearer>", with that person's rights
  // instead of this process's own. Empty: with nobody's, which is what doors say for requests that
  // came without a token.
  Call WithToken(std::string bearer) const {
    Call call(*this);
    call.token_ = std::make_shared<const std::string>(std::move(bearer));
    return call;
  }
  // Without the token again.
  Call InOwnName() const {
    Call call(*this);
    call.token_ = nullptr;
    return call;
  }
  // Null: none.
  const std::shared_ptr<const std::string>& token() const { return token_; }

  // What the work is about to wait for.
  enum class Wait {
    kPeer,     // An RPC or HTTP: it may cost money.
    kStorage,  // Redis, or a transaction.
  };
  // For the kernel: who has to know before the work waits for anything but its own statements, and
  // may forbid it.
  class WaitListener {
   public:
    virtual ~WaitListener() = default;
    virtual absl::Status BeforeWait(Wait what) = 0;
  };
  Call With(std::shared_ptr<WaitListener> listener) const {
    Call call(*this);
    call.wait_listener_ = std::move(listener);
    return call;
  }
  absl::Status MayWait(Wait what = Wait::kPeer) const {
    return wait_listener_ == nullptr ? absl::OkStatus() : wait_listener_->BeforeWait(what);
  }

 private:
  absl::Time deadline_;
  observe::TraceContext trace_;
  std::function<bool()> cancelled_;
  std::shared_ptr<WaitListener> wait_listener_;
  std::shared_ptr<const identity::Caller> caller_;  // Null: anonymous.
  std::shared_ptr<const std::string> token_;
  bool yields_ = false;
  bool bounded_by_contracts_ = false;
};

}  // namespace selfology
