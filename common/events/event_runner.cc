#include "common/events/event_runner.h"

#include <atomic>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/events/event_span.h"
#include "common/events/inbox.h"
#include "common/observe/log.h"
#include "common/observe/span.h"
#include "common/redis/reply.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::events {
namespace {

// How long a handler that waited counts as one that does: so many events that did not wait.
constexpr int kWaitsRemembered = 64;
constexpr int kRunsAlone = kWaitsRemembered / 2;
// After an event that was handled before, so many may have been.
constexpr int64_t kRepeatsExpected = 10'000;

// A handler that waits would make the others of its transaction wait. Whoever is refused is run
// again, alone.
class ForbidWaits final : public Call::WaitListener {
 public:
  absl::Status BeforeWait(Call::Wait) override {
    asked_.store(true, std::memory_order_relaxed);
    return absl::AbortedError("others' transaction would have to wait: to be run alone");
  }
  bool asked() const { return asked_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> asked_ = false;
};

// A handler that runs alone may wait for a peer, which costs time and perhaps money: before the
// first time, one read finds out whether the event may be handled at all. If not, every wait for a
// peer fails with what the inbox says, and so does the handler, whatever it makes of that. Waiting
// for storage costs no more than that read. Once the transaction is open its mark says it, and a
// second transaction must not be waited for.
class CheckBeforeWait final : public Call::WaitListener {
 public:
  // checked: it is known that it may.
  CheckBeforeWait(postgres::Database& database, const Call& call, const std::string& group,
                  const Envelope& envelope, bool checked)
      : database_(database), call_(call), group_(group), checked_(checked) {
    envelope_.id = envelope.id;
    envelope_.partition_key = envelope.partition_key;
    envelope_.subject = envelope.subject;
    envelope_.occurred_at = envelope.occurred_at;
  }

  absl::Status BeforeWait(Call::Wait what) override {
    absl::MutexLock lock(&mutex_);
    asked_ = true;
    if (what == Call::Wait::kStorage) return absl::OkStatus();
    if (!checked_) refusal_ = inbox::MayBegin(database_, call_, group_, envelope_);
    checked_ = true;
    return refusal_;
  }
  void TransactionBegins() {
    absl::MutexLock lock(&mutex_);
    checked_ = true;
  }

  bool asked() const {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }
  absl::Status refusal() const {
    absl::MutexLock lock(&mutex_);
    return refusal_;
  }

 private:
  postgres::Database& database_;
  const Call call_;
  const std::string group_;
  Envelope envelope_;  // Without what MayBegin does not look at.
  mutable absl::Mutex mutex_;
  bool asked_ ABSL_GUARDED_BY(mutex_) = false;
  bool checked_ ABSL_GUARDED_BY(mutex_);
  absl::Status refusal_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

EventRunner::EventRunner(std::string group, const Handlers& handlers, postgres::Database& database,
                         observe::Metrics& metrics, absl::Duration timeout, int max_attempts,
                         const observe::Tracer* tracer)
    : group_(std::move(group)),
      handlers_(handlers),
      database_(database),
      requests_(&metrics, "event_handler"),
      repeated_(metrics.Counter("event_repeated_total",
                                "Events dropped because they were handled before",
                                {{"group", group_}})),
      dead_letters_(group_, handlers, database, metrics, tracer),
      timeout_(timeout),
      max_attempts_(max_attempts),
      tracer_(tracer) {}

Call EventRunner::NewCall(const observe::TraceContext& trace) const {
  const Call call = Call::Background(timeout_, trace);
  return yields_ ? call.Yielding() : call;
}

absl::Status EventRunner::Handle(const Call& call, const Envelope& envelope, bool checked,
                                 bool* waiting) {
  const auto check = std::make_shared<CheckBeforeWait>(database_, call, group_, envelope, checked);
  const Call watched = call.With(check);
  Handling handling(database_, watched, group_, envelope, [&] { check->TransactionBegins(); });
  const Handlers::Handler& handler = *handlers_.Find(envelope.type);
  absl::Status status = handler.run(envelope.payload, handling);
  NoteWaits(handler, check->asked());
  if (absl::Status refusal = check->refusal(); !refusal.ok()) {
    *waiting = !inbox::Refuses(refusal);
    return refusal;
  }
  if (status.ok()) status = handling.Commit();
  // A handler may have hidden the transaction's error behind one of its own.
  if (handling.tx_.has_value() && !handling.tx_->status().ok()) status = handling.tx_->status();
  *waiting = !status.ok() && (handling.peer_is_away_ || redis::IsOutage(status) ||
                              (handling.tx_.has_value() && handling.tx_->connection_lost()));
  return status;
}

void EventRunner::EndSpan(const observe::Span& span, const Delivery& delivery,
                          absl::StatusCode code, absl::Time end) const {
  const Envelope& envelope = delivery.envelope;
  span.End(code, end, [&](observe::FinishedSpan& finished) {
    DescribeEvent("process", envelope.type, finished);
    finished.Add("messaging.consumer.group.name", group_);
    finished.Add("selfology.event.age_ms",
                 absl::ToInt64Milliseconds(finished.start - envelope.occurred_at));
    finished.Add("selfology.event.attempt", int64_t{delivery.attempts} + 1);
  });
}

EventRunner::Result EventRunner::Run(const Delivery& delivery) {
  const absl::Time start = absl::Now();
  const observe::Span span = HandlingSpan(delivery.envelope, tracer_, start);
  const Call call = NewCall(span.trace());
  const observe::ScopedTrace scope(call.trace());
  absl::Status status;
  const Result result = RunTraced(delivery, call, start, status);
  // That it was handled before, or is about nobody any more, is no failure.
  const bool is_done = inbox::HandledBefore(status) || inbox::UserIsErased(status);
  EndSpan(span, delivery, is_done ? absl::StatusCode::kOk : status.code(), absl::Now());
  return result;
}

EventRunner::Result EventRunner::RunTraced(const Delivery& delivery, const Call& call,
                                           absl::Time start, absl::Status& status) {
  const Envelope& envelope = delivery.envelope;
  const std::string operation = absl::StrCat(group_, "/", envelope.type);
  const bool checked = delivery.possibly_redelivered || delivery.attempts > 0;
  if (checked) {
    status = inbox::MayBegin(database_, call, group_, envelope);
    if (!status.ok() && !inbox::Refuses(status)) return {Outcome::kWaiting};
  }
  bool waiting = false;
  if (status.ok()) status = Handle(call, envelope, checked, &waiting);
  if (inbox::HandledBefore(status)) {
    repeated_.Increment();
    return {Outcome::kDone};
  }
  if (inbox::UserIsErased(status)) {
    return {inbox::Drop(database_, call, group_, envelope) ? Outcome::kDone : Outcome::kWaiting};
  }
  const absl::Duration elapsed = absl::Now() - start;
  requests_.Record(operation, status.code(), elapsed);
  if (status.ok()) {
    LogHandled(envelope, elapsed);
    dead_letters_.NoteHandled(envelope.partition_key);
    return {Outcome::kDone};
  }
  if (waiting) {
    observe::Warning("event waits for the database, Redis or another service",
                     {{"group", group_}, {"status", status}});
    return {Outcome::kWaiting};
  }
  const int attempts = delivery.attempts + 1;
  if (!inbox::UserIsParked(status) && status::IsRetryable(status) && attempts < max_attempts_) {
    observe::Warning("event handler failed; retrying", {{"group", group_},
                                                        {"type", envelope.type},
                                                        {"event_id", envelope.id.ToString()},
                                                        {"attempts", attempts},
                                                        {"status", status}});
    return {Outcome::kRetry, status::RetryAfter(status).value_or(absl::ZeroDuration())};
  }
  // The handler may have used up its time; parking needs its own.
  const Call parking = Call::Background(absl::Seconds(10), call.trace());
  const absl::Status parked =
      inbox::UserIsParked(status)
          ? dead_letters_.Park(
                parking, envelope,
                absl::FailedPreconditionError("waits behind an earlier event of the same user"), 0)
          : dead_letters_.Park(parking, envelope, status, attempts);
  if (inbox::UserIsErased(parked))
    return {inbox::Drop(database_, parking, group_, envelope) ? Outcome::kDone : Outcome::kWaiting};
  if (!parked.ok()) {
    observe::Error("event could not be stored as a dead letter",
                   {{"group", group_}, {"status", parked}});
    return {Outcome::kWaiting};
  }
  return {Outcome::kDone};
}

void EventRunner::NoteWaits(const Handlers::Handler& handler, bool waited) {
  const int waits = handler.waits.load(std::memory_order_relaxed);
  if (waited) {
    handler.waits.store(kWaitsRemembered, std::memory_order_relaxed);
  } else if (waits > 0) {
    handler.waits.store(waits - 1, std::memory_order_relaxed);
  }
}

bool EventRunner::RunsAlone(const Delivery& delivery) const {
  if (delivery.alone || delivery.attempts > 0) return true;
  const Handlers::Handler& handler = *handlers_.Find(delivery.envelope.type);
  if (handler.waits.load(std::memory_order_relaxed) > kRunsAlone) return true;
  return dead_letters_.ParkedLately(delivery.envelope.partition_key);
}

void EventRunner::LogHandled(const Envelope& envelope, absl::Duration elapsed) {
  observe::Info(observe::Category::kPerformance, "event handled",
                {{"group", group_},
                 {"type", envelope.type},
                 {"event_id", envelope.id.ToString()},
                 {"seconds", elapsed}});
}

bool EventRunner::RunTogether(absl::Span<const Delivery* const> deliveries) {
  const auto count = static_cast<int64_t>(deliveries.size());
  bool repeats = repeats_expected_ > 0;
  for (const Delivery* delivery : deliveries) repeats = repeats || delivery->possibly_redelivered;
  absl::Status status = HandleTogether(deliveries, repeats);
  if (inbox::HandledBefore(status) && !repeats) {
    // The relay publishes again what Redis may have lost: there will be more.
    repeats_expected_ = kRepeatsExpected;
    status = HandleTogether(deliveries, /*repeats=*/true);
  } else if (repeats_expected_ > 0) {
    repeats_expected_ -= count;
  }
  if (!status.ok()) {
    observe::Debug("shared transaction failed; handling its events one by one",
                   {{"group", group_}, {"status", status}});
  }
  return status.ok();
}

absl::Status EventRunner::HandleTogether(absl::Span<const Delivery* const> deliveries,
                                         bool repeats) {
  std::vector<uuid::Uuid> ids;
  std::vector<int64_t> keys;
  std::vector<int64_t> people;
  std::vector<absl::Time> times;
  for (const Delivery* delivery : deliveries) {
    ids.push_back(delivery->envelope.id);
    keys.push_back(delivery->envelope.partition_key);
    people.push_back(delivery->envelope.person());
    times.push_back(delivery->envelope.occurred_at);
  }
  const Call all = NewCall({});
  postgres::Transaction tx = database_.Begin(all);
  const absl::Time start = absl::Now();
  // One statement marks them all. It fails when one's user is parked or erased, or when one was
  // handled before and no repeats are expected: then the statement need not be waited for.
  std::set<uuid::Uuid> handled_before;
  if (repeats) {
    ASSIGN_OR_RETURN(const auto marked,
                     tx.Query<uuid::Uuid>(
                         absl::StrCat(inbox::kMark, " ON CONFLICT DO NOTHING RETURNING event_id"),
                         group_, ids, keys, people, times));
    handled_before.insert(ids.begin(), ids.end());
    for (const auto& [id] : marked) handled_before.erase(id);
  } else {
    tx.Queue(inbox::kMark, group_, ids, keys, people, times);
  }

  std::vector<absl::Duration> took(deliveries.size());
  std::vector<observe::Span> spans(deliveries.size());
  for (size_t i = 0; i < deliveries.size(); ++i) {
    const Envelope& envelope = deliveries[i]->envelope;
    if (handled_before.contains(envelope.id)) continue;
    const absl::Time began = absl::Now();
    const Handlers::Handler& handler = *handlers_.Find(envelope.type);
    const auto waits = std::make_shared<ForbidWaits>();
    spans[i] = HandlingSpan(envelope, tracer_, began);
    const Call call = NewCall(spans[i].trace()).With(waits);
    const observe::ScopedTrace scope(call.trace());
    tx.Continue(call);
    Handling handling(tx, call, group_, envelope);
    const absl::Status status = handler.run(envelope.payload, handling);
    NoteWaits(handler, waits->asked());
    RETURN_IF_ERROR(tx.status());
    RETURN_IF_ERROR(status);
    // Refused, it made do without what it wanted.
    RETURN_IF_ERROR(waits->asked() ? call.MayWait() : absl::OkStatus());
    took[i] = absl::Now() - began;
  }
  tx.Continue(all);
  RETURN_IF_ERROR(tx.Commit());

  const absl::Duration mean = (absl::Now() - start) / static_cast<int64_t>(deliveries.size());
  mean_together_ = (mean_together_ * 7 + absl::ToInt64Nanoseconds(mean)) / 8;
  for (size_t i = 0; i < deliveries.size(); ++i) {
    const Envelope& envelope = deliveries[i]->envelope;
    if (handled_before.contains(envelope.id)) {
      repeated_.Increment();
      continue;
    }
    requests_.Record(absl::StrCat(group_, "/", envelope.type), absl::StatusCode::kOk, took[i]);
    EndSpan(spans[i], *deliveries[i], absl::StatusCode::kOk, spans[i].start() + took[i]);
    const observe::ScopedTrace scope(spans[i].trace());
    LogHandled(envelope, took[i]);
  }
  return absl::OkStatus();
}

}  // namespace selfology::events
