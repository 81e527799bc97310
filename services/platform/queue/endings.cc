#include "services/platform/queue/endings.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/random/distributions.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "selfology/events/v1/queue.pb.h"
#include "services/platform/queue/ending_store.h"
#include "services/platform/queue/job_rules.h"
#include "services/platform/queue/keys.h"

namespace selfology::queue {
namespace {

using google::protobuf::RepeatedPtrField;
using postgres::Transaction;
using store::Ended;

constexpr int kMaxErrorLength = 2000;  // Characters.
constexpr std::string_view kLeaseEnded = "the worker's lease ended without a word";

template <typename Event>
Event About(const Ended& job) {
  Event event;
  event.set_job_id(job.id);
  event.set_user_id(job.user_id);
  event.set_queue(job.queue);
  event.set_kind(job.kind);
  event.set_reference(job.reference.value_or(""));
  return event;
}

void Append(std::vector<std::string> more, std::vector<std::string>& to) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// What waited for these jobs, by their keys or as `dependents`, goes on if it waits for nothing
// else.
absl::Status LetGoOn(Transaction& tx, const std::vector<Ended>& ended,
                     const std::vector<int64_t>& dependents, absl::Time now,
                     std::vector<std::string>& ready) {
  std::set<store::QueueKey> keys;
  for (const Ended& job : ended) {
    if (job.ordering_key.has_value()) keys.insert({job.queue, *job.ordering_key});
  }
  if (!dependents.empty()) {
    // Whether one of them is the first of its key, only who has locked the key can tell.
    ASSIGN_OR_RETURN(const auto theirs, store::LockDependents(tx, dependents));
    keys.insert(theirs.begin(), theirs.end());
  }
  std::set<int64_t> locks;
  for (const store::QueueKey& key : keys) locks.insert(OrderLock(key.queue, key.key));
  store::LockKeys(tx, std::vector<int64_t>(locks.begin(), locks.end()));
  if (!dependents.empty()) {
    ASSIGN_OR_RETURN(auto queues, store::Unblock(tx, dependents, now));
    Append(std::move(queues), ready);
  }
  if (!keys.empty()) {
    ASSIGN_OR_RETURN(auto queues, store::Advance(tx, {keys.begin(), keys.end()}, now));
    Append(std::move(queues), ready);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> DependentsOf(Transaction& tx,
                                                  const std::vector<Ended>& ended) {
  std::vector<int64_t> followed;
  for (const Ended& job : ended) {
    if (job.has_dependents) followed.push_back(job.id);
  }
  if (followed.empty()) return followed;
  return store::TakeDependents(tx, followed);
}

// Cancels, generation after generation; `silent`: without telling of jobs about that person.
absl::Status CancelAll(Transaction& tx, std::vector<int64_t> job_ids, bool running,
                       std::string_view error, int64_t silent, absl::Time now,
                       std::vector<std::string>& ready) {
  while (!job_ids.empty()) {
    ASSIGN_OR_RETURN(const std::vector<Ended> ended,
                     store::Cancel(tx, job_ids, running, error, now));
    std::vector<int64_t> ids;
    for (const Ended& job : ended) ids.push_back(job.id);
    if (ids.empty()) break;
    store::DropDependencies(tx, ids);
    for (const Ended& job : ended) {
      if (!job.announce || (silent != 0 && job.user_id == silent)) continue;
      RETURN_IF_ERROR(events::Publish(tx, About<events::v1::JobCancelled>(job)));
    }
    RETURN_IF_ERROR(LetGoOn(tx, ended, {}, now, ready));
    ASSIGN_OR_RETURN(job_ids, DependentsOf(tx, ended));
    error = "a job that it was to follow was cancelled";
    running = false;  // Those that follow cannot run yet.
  }
  return absl::OkStatus();
}

// How one attempt failed.
struct Reason {
  std::string error;
  bool permanent = false;
  bool not_counted = false;
  std::optional<absl::Duration> retry_after;
};

absl::Status PublishFailed(Transaction& tx, const store::Running& job, const std::string& error) {
  if (!job.announce) return absl::OkStatus();
  events::v1::JobFailed event;
  event.set_job_id(job.id);
  event.set_user_id(job.user_id);
  event.set_queue(job.queue);
  event.set_kind(job.kind);
  event.set_reference(job.reference.value_or(""));
  event.set_error(error);
  event.set_attempt(static_cast<int32_t>(job.attempt));
  return events::Publish(tx, event);
}

// Decides for each job what becomes of it; gives the dead ones.
absl::StatusOr<std::vector<int64_t>> Decide(Transaction& tx,
                                            const std::vector<store::Running>& jobs,
                                            const std::map<int64_t, Reason>& reasons,
                                            absl::Time now, absl::BitGenRef random,
                                            ReadySignal& signal) {
  store::Retries retries;
  std::vector<int64_t> dead, cancelled;
  std::vector<std::string> errors, ready;
  for (const store::Running& job : jobs) {
    const Reason& reason = reasons.at(job.id);
    const absl::Duration delay = reason.retry_after.value_or(
        RetryDelay(ReadDelays(job.retry_delays.value_or("")), static_cast<int>(job.attempt),
                   absl::Uniform(random, 0.0, 1.0)));
    const Outcome outcome = OutcomeOf({.attempt = static_cast<int>(job.attempt),
                                       .max_attempts = static_cast<int>(job.max_attempts),
                                       .cancel_requested = job.cancel_requested,
                                       .permanent = reason.permanent,
                                       .not_counted = reason.not_counted});
    switch (outcome) {
      case Outcome::kRetry:
        retries.ids.push_back(job.id);
        retries.run_ats.push_back(now + delay);
        retries.errors.push_back(reason.error);
        retries.attempts.push_back(job.attempt - (reason.not_counted ? 1 : 0));
        if (delay == absl::ZeroDuration()) ready.push_back(job.queue);
        break;
      case Outcome::kDead:
        dead.push_back(job.id);
        errors.push_back(reason.error);
        RETURN_IF_ERROR(PublishFailed(tx, job, reason.error));
        break;
      case Outcome::kCancelled:
        cancelled.push_back(job.id);
        break;
    }
  }
  store::Retry(tx, retries, now);
  store::Bury(tx, dead, errors, now);
  if (!cancelled.empty()) {
    RETURN_IF_ERROR(CancelAll(tx, cancelled, true, "", 0, now, ready));
  }
  NotifyAfterCommit(tx, std::move(ready), signal);
  return dead;
}

template <typename Repeated>
store::Leases LeasesOf(const Repeated& items) {
  store::Leases leases;
  for (const auto& item : items) {
    leases.ids.push_back(item.lease().job_id());
    leases.fences.push_back(item.lease().fencing_token());
  }
  return leases;
}

}  // namespace

void NotifyAfterCommit(Transaction& tx, std::vector<std::string> queues, ReadySignal& signal) {
  std::sort(queues.begin(), queues.end());
  queues.erase(std::unique(queues.begin(), queues.end()), queues.end());
  if (queues.empty()) return;
  tx.AfterCommit([queues = std::move(queues), &signal] {
    for (const std::string& queue : queues) signal.Notify(queue);
  });
}

absl::StatusOr<std::vector<int64_t>> CompleteJobs(Transaction& tx,
                                                  const RepeatedPtrField<v1::Completion>& items,
                                                  absl::Time now, ReadySignal& signal) {
  const store::Leases leases = LeasesOf(items);
  std::vector<std::string> encoded;
  encoded.reserve(static_cast<size_t>(items.size()));
  std::vector<std::optional<postgres::BytesView>> results;
  std::map<int64_t, const google::protobuf::Struct*> result_of;
  for (const v1::Completion& item : items) {
    if (!item.has_result()) {
      results.emplace_back(std::nullopt);
      continue;
    }
    encoded.push_back(item.result().SerializeAsString());
    results.emplace_back(postgres::BytesView{encoded.back()});
    result_of[item.lease().job_id()] = &item.result();
  }
  ASSIGN_OR_RETURN(const std::vector<Ended> ended, store::Complete(tx, leases, results, now));
  std::set<int64_t> done;
  for (const Ended& job : ended) {
    done.insert(job.id);
    if (!job.announce) continue;
    auto event = About<events::v1::JobCompleted>(job);
    event.set_attempt(static_cast<int32_t>(job.attempt));
    const absl::Duration took = now - job.started_at.value_or(now);
    event.mutable_took()->set_seconds(absl::ToInt64Seconds(took));
    event.mutable_took()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(took % absl::Seconds(1))));
    if (const auto result = result_of.find(job.id); result != result_of.end()) {
      *event.mutable_result() = *result->second;
    }
    RETURN_IF_ERROR(events::Publish(tx, event));
  }
  std::vector<std::string> ready;
  ASSIGN_OR_RETURN(const std::vector<int64_t> dependents, DependentsOf(tx, ended));
  RETURN_IF_ERROR(LetGoOn(tx, ended, dependents, now, ready));
  NotifyAfterCommit(tx, std::move(ready), signal);
  if (done.size() < leases.ids.size()) {
    ASSIGN_OR_RETURN(const std::vector<int64_t> before, store::CompletedBy(tx, leases));
    done.insert(before.begin(), before.end());
  }
  std::vector<int64_t> lost;
  for (const int64_t id : leases.ids) {
    if (!done.contains(id)) lost.push_back(id);
  }
  return lost;
}

absl::StatusOr<FailedJobs> FailJobs(Transaction& tx, const RepeatedPtrField<v1::Failure>& items,
                                    absl::Time now, absl::BitGenRef random, ReadySignal& signal) {
  const store::Leases leases = LeasesOf(items);
  std::map<int64_t, Reason> reasons;
  for (const v1::Failure& item : items) {
    Reason& reason = reasons[item.lease().job_id()];
    reason.error = text::Prefix(item.error(), kMaxErrorLength);
    reason.permanent = item.permanent();
    reason.not_counted = item.not_counted();
    if (item.has_retry_after()) {
      reason.retry_after = absl::Seconds(item.retry_after().seconds()) +
                           absl::Nanoseconds(item.retry_after().nanos());
    }
  }
  ASSIGN_OR_RETURN(const std::vector<store::Running> jobs, store::LockRunning(tx, leases));
  FailedJobs failed;
  ASSIGN_OR_RETURN(failed.dead, Decide(tx, jobs, reasons, now, random, signal));
  std::set<int64_t> held;
  for (const store::Running& job : jobs) held.insert(job.id);
  for (const int64_t id : leases.ids) {
    if (!held.contains(id)) failed.lost.push_back(id);
  }
  return failed;
}

absl::StatusOr<int64_t> FailExpired(Transaction& tx, absl::Time now, absl::BitGenRef random,
                                    ReadySignal& signal) {
  ASSIGN_OR_RETURN(const std::vector<store::Running> jobs, store::LockExpired(tx, now));
  std::map<int64_t, Reason> reasons;
  for (const store::Running& job : jobs) reasons[job.id].error = kLeaseEnded;
  RETURN_IF_ERROR(Decide(tx, jobs, reasons, now, random, signal).status());
  return static_cast<int64_t>(jobs.size());
}

absl::Status CancelWaiting(Transaction& tx, std::vector<int64_t> job_ids, absl::Time now,
                           ReadySignal& signal) {
  std::vector<std::string> ready;
  RETURN_IF_ERROR(CancelAll(tx, std::move(job_ids), false, "", 0, now, ready));
  NotifyAfterCommit(tx, std::move(ready), signal);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> EraseUser(Transaction& tx, int64_t user_id, absl::Time now,
                                  ReadySignal& signal) {
  // First cancelled like any other, for the sake of those behind them; then gone.
  ASSIGN_OR_RETURN(std::vector<int64_t> unfinished, store::UnfinishedOf(tx, user_id));
  std::vector<std::string> ready;
  RETURN_IF_ERROR(CancelAll(tx, std::move(unfinished), true, "", user_id, now, ready));
  NotifyAfterCommit(tx, std::move(ready), signal);
  return store::DeleteFinishedOf(tx, user_id);
}

}  // namespace selfology::queue
