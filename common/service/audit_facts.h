// What the audit has to know of calls (rpc/access_control.h, Fact), gathered, and told as events
// (audit.fact.noted), which security writes down. The same fact of a few seconds is one event, so that
// whoever hammers costs no more than who does not.
//
//   AuditFacts facts;
//   rpc::AccessControl access({.note = [&](auto fact) { facts.Note(std::move(fact)); }}, metrics);
//   ... every few seconds ...
//   facts.Publish(call, database);
//
// What was noted and not told yet goes with the process, if it crashes. Thread-safe.
#pragma once

#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/rpc/access_control.h"

namespace selfology::service {

class AuditFacts {
 public:
  // Further ones of the time between two Publish are not told of.
  static constexpr size_t kMaxFacts = 1000;

  void Note(rpc::AccessControl::Fact fact);

  // Under the role that owns the outbox. What cannot be told now is told the next time.
  absl::Status Publish(const Call& call, postgres::Database& database);

 private:
  using Facts = std::set<rpc::AccessControl::Fact>;

  absl::Mutex mutex_;
  Facts facts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::service
