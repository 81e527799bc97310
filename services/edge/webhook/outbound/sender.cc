#include "services/edge/webhook/outbound/sender.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/edge/webhook/inbound/incoming.h"
#include "services/edge/webhook/outbound/disabling.h"
#include "services/edge/webhook/outbound/endpoint_rules.h"
#include "services/edge/webhook/outbound/endpoint_store.h"

namespace selfology::webhook {
namespace {

constexpr int64_t kBatch = 32;
constexpr absl::Duration kMaxTimeout = absl::Seconds(30);
// A batch begins no call after that, so with the last call's time it ends within the lease.
constexpr absl::Duration kBatchTime = absl::Seconds(20);
constexpr absl::Duration kLease = absl::Seconds(90);
constexpr absl::Duration kTurn = absl::Seconds(10);  // Then others that wait have theirs.
constexpr absl::Duration kDatabaseTimeout = absl::Seconds(10);
constexpr absl::Duration kAfterError = absl::Seconds(1);
constexpr absl::Duration kPatience = absl::Seconds(5);  // With calls in flight, when stopping.
constexpr size_t kExcerpt = 1024;
constexpr size_t kMaxAnswer = size_t{1} << 20;

Call DatabaseCall() { return Call::Background(kDatabaseTimeout); }

}  // namespace

Sender::Sender(postgres::Database& database, http::Client& http, crypto::SealKey& seal_key,
               Clock clock, observe::Metrics& metrics, Options options)
    : database_(database),
      http_(http),
      seal_key_(seal_key),
      clock_(std::move(clock)),
      options_(options),
      delivered_(metrics.Counter("webhook_attempts_total", "Attempts to deliver a webhook",
                                 {{"outcome", "delivered"}})),
      failed_(metrics.Counter("webhook_attempts_total", "Attempts to deliver a webhook",
                              {{"outcome", "failed"}})),
      pool_(options.threads) {}

void Sender::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

void Sender::Run(service::StopSignal& stop) {
  stop.OnRequest([this] {
    patience_ends_ = absl::ToUnixNanos(absl::Now() + kPatience);
    stopping_ = true;
    Wake();
  });
  while (!stop.requested()) {
    bool healthy_only = false;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](Sender* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) {
            return self->busy_ < self->options_.threads || self->stopping_;
          },
          this));
      woken_ = false;
      healthy_only = busy_ >= options_.threads - options_.threads / 4;
    }
    if (Stopping()) break;
    auto batch = TakeBatch(healthy_only);
    if (!batch.ok()) {
      observe::Warning("webhooks cannot be sent", {{"status", batch.status()}});
      if (stop.WaitFor(kAfterError)) break;
    } else if (batch->has_value()) {
      if ((*batch)->due.empty()) continue;
      {
        absl::MutexLock lock(&mutex_);
        ++busy_;
      }
      pool_.Submit([this, held = **std::move(batch)]() mutable {
        Work(std::move(held));
        absl::MutexLock lock(&mutex_);
        --busy_;
        woken_ = true;
      });
    } else {
      // What is due may be what is left out.
      const absl::Duration pause = healthy_only ? options_.glance : UntilNextDue();
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&woken_), pause);
    }
  }
  pool_.Drain();
}

absl::Duration Sender::UntilNextDue() {
  const auto next =
      database_.Read(DatabaseCall(), [](postgres::Transaction& tx) { return store::NextDue(tx); });
  if (!next.ok()) return options_.glance;
  return std::clamp(*next - clock_(), absl::Milliseconds(1), options_.glance);
}

absl::StatusOr<std::optional<Sender::Batch>> Sender::TakeBatch(bool healthy_only) {
  const absl::Time now = clock_();
  return database_.Write(
      DatabaseCall(), [&](postgres::Transaction& tx) -> absl::StatusOr<std::optional<Batch>> {
        ASSIGN_OR_RETURN(auto held, store::Take(tx, healthy_only, now, now + kLease));
        if (!held.has_value()) return std::nullopt;
        Batch batch;
        batch.held = *std::move(held);
        // What failed last is tried alone: the rest would have to be taken back.
        const int64_t limit = batch.held.failing_since.has_value() ? 1 : kBatch;
        ASSIGN_OR_RETURN(batch.due, store::ReadDue(tx, batch.held.endpoint_id, now, limit));
        batch.is_full = static_cast<int64_t>(batch.due.size()) == limit;
        if (batch.due.empty()) {
          store::Release(tx, batch.held.endpoint_id, now);
        } else {
          store::BeginAttempts(tx, batch.due, now);
        }
        return batch;
      });
}

void Sender::Work(Batch batch) {
  const absl::Time turn_ends = absl::Now() + kTurn;
  while (!batch.due.empty()) {
    const auto sent = SendAll(batch);
    if (!sent.ok()) {
      // Nothing was sent. Whoever takes the endpoint after the lease finds the attempts.
      observe::Error("webhooks cannot be signed", {{"status", sent.status()}});
      return;
    }
    auto next = Finish(batch, *sent, !Stopping() && absl::Now() < turn_ends);
    if (!next.ok()) {
      observe::Warning("webhooks were sent, and that could not be written down",
                       {{"status", next.status()}});
      return;
    }
    batch.due = *std::move(next);
    batch.is_full = static_cast<int64_t>(batch.due.size()) == kBatch;
  }
}

absl::StatusOr<Sender::Sent> Sender::SendAll(const Batch& batch) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal_key_.Get(DatabaseCall()));
  std::vector<std::string> keys;
  ASSIGN_OR_RETURN(keys.emplace_back(),
                   sealer.Open(batch.held.endpoint_id, batch.held.secret.value));
  if (batch.held.old_secret.has_value() && batch.held.old_secret_until > clock_()) {
    ASSIGN_OR_RETURN(keys.emplace_back(),
                     sealer.Open(batch.held.endpoint_id, batch.held.old_secret->value));
  }
  Sent sent;
  const absl::Time begins_until = absl::Now() + kBatchTime;
  for (size_t i = 0; i < batch.due.size(); ++i) {
    const store::Due& due = batch.due[i];
    const bool late = i > 0 && (Stopping() || absl::Now() >= begins_until);
    if (late || sent.failing || (!sent.ended.empty() && sent.ended.back().failure != 0)) {
      sent.not_made.assign(batch.due.begin() + static_cast<std::ptrdiff_t>(i), batch.due.end());
      break;
    }
    store::Ended& ended = sent.ended.emplace_back();
    const Outcome outcome = SendOne(batch.held, due, keys, ended);
    Next next;
    {
      absl::MutexLock lock(&mutex_);
      next = PlanAfter(outcome, {.counted_before = due.counted, .created_at = due.created_at},
                       batch.held.retry_seconds, clock_(), random_);
    }
    ended.state = next.state;
    ended.counts = next.counts;
    if (next.state == v1::DELIVERY_STATE_PENDING) ended.due_at = next.at;
    sent.gone = next.endpoint_gone;
    sent.any_delivered |= outcome.failure == v1::DELIVERY_FAILURE_UNSPECIFIED;
    sent.failing = outcome.failure != v1::DELIVERY_FAILURE_UNSPECIFIED &&
                   outcome.failure != v1::DELIVERY_FAILURE_THROTTLED &&
                   outcome.failure != v1::DELIVERY_FAILURE_UNKNOWN;
    (outcome.failure == v1::DELIVERY_FAILURE_UNSPECIFIED ? delivered_ : failed_).Increment();
  }
  return sent;
}

Outcome Sender::SendOne(const store::Held& held, const store::Due& due,
                        const std::vector<std::string>& keys, store::Ended& ended) {
  ended.delivery_id = due.delivery_id;
  ended.number = due.tried + 1;
  ended.started_at = clock_();
  const absl::Duration timeout =
      held.timeout_seconds == 0 ? kMaxTimeout : absl::Seconds(held.timeout_seconds);
  const Call call(absl::Now() + timeout, {}, [this] {
    const int64_t ends = patience_ends_;
    return ends != 0 && absl::ToUnixNanos(absl::Now()) >= ends;
  });
  std::string excerpt;
  bool accepted = false;
  const auto response = http_.Send(
      call, {.method = "POST",
             .url = held.url,
             .headers = {{"Content-Type", std::string(http::kJson)},
                         {"webhook-id", due.message_id},
                         {"webhook-timestamp", absl::StrCat(absl::ToUnixSeconds(ended.started_at))},
                         {"webhook-signature",
                          SignatureHeader(keys, due.message_id, ended.started_at, due.body)}},
             .body = due.body,
             .target = "webhook",
             .on_data =
                 [&](std::string_view data) {
                   accepted = true;  // Only a 2xx has its body given.
                   excerpt.append(data.substr(0, kExcerpt - std::min(kExcerpt, excerpt.size())));
                   return absl::OkStatus();
                 },
             .max_response_bytes = kMaxAnswer});
  ended.ended_at = clock_();
  Outcome outcome;
  if (response.ok()) {
    outcome = OutcomeOf(response->status, response->headers.Get("Retry-After").value_or(""),
                        ended.ended_at);
    if (!accepted) excerpt = response->body.substr(0, kExcerpt);
  } else if (accepted) {
    outcome = OutcomeOf(200, "", ended.ended_at);  // It took the message and spoils its answer.
  } else if (response.status().code() == absl::StatusCode::kDeadlineExceeded) {
    outcome.failure = v1::DELIVERY_FAILURE_TIMEOUT;
  } else if (response.status().code() == absl::StatusCode::kCancelled) {
    outcome.failure = v1::DELIVERY_FAILURE_UNKNOWN;
  } else if (status::Reason(response.status()) == "ADDRESS_NOT_ALLOWED") {
    outcome.failure = v1::DELIVERY_FAILURE_ADDRESS;
  } else {
    outcome.failure = v1::DELIVERY_FAILURE_CONNECTION;
  }
  ended.http_status = outcome.http_status;
  ended.failure = outcome.failure;
  ended.answer = AsText(excerpt, kExcerpt);
  return outcome;
}

absl::StatusOr<std::vector<store::Due>> Sender::Finish(const Batch& batch, const Sent& sent,
                                                       bool go_on) {
  const absl::Time now = clock_();
  return database_.Write(
      DatabaseCall(), [&](postgres::Transaction& tx) -> absl::StatusOr<std::vector<store::Due>> {
        ASSIGN_OR_RETURN(const auto held, store::Keep(tx, batch.held, now + kLease));
        // Another process has it, or its owner has removed it.
        if (!held.has_value()) return std::vector<store::Due>();
        store::EndAttempts(tx, sent.ended);
        if (!sent.not_made.empty()) store::DropAttempts(tx, sent.not_made);
        bool disabled = held->state != v1::ENDPOINT_STATE_ENABLED;
        RETURN_IF_ERROR(Judge(tx, *held, sent, disabled));
        std::vector<store::Due> next;
        // What came after a batch that was not full is found by Release.
        if (go_on && batch.is_full && !disabled && !sent.failing) {
          ASSIGN_OR_RETURN(next, store::ReadDue(tx, held->endpoint_id, now, kBatch));
        }
        if (next.empty()) {
          store::Release(tx, held->endpoint_id, now);
        } else {
          store::BeginAttempts(tx, next, now);
        }
        return next;
      });
}

absl::Status Sender::Judge(postgres::Transaction& tx, const store::Held& held, const Sent& sent,
                           bool& disabled) {
  if (sent.failing) {
    const bool anew = sent.any_delivered || !held.failing_since.has_value();
    const absl::Time since = anew ? sent.ended.back().started_at : *held.failing_since;
    const int64_t failures = anew ? 1 : held.failures + 1;
    store::SetFailing(tx, held.endpoint_id, since, failures);
    if (disabled) return absl::OkStatus();
    const bool persistent = FailsPersistently(since, failures, options_.tolerated, clock_());
    if (!sent.gone && !persistent) return absl::OkStatus();
    disabled = true;
    return DisableFailing(tx,
                          {.endpoint_id = held.endpoint_id,
                           .user_id = held.user_id,
                           .url = held.url,
                           .gone = sent.gone},
                          clock_());
  }
  if (sent.any_delivered && held.failing_since.has_value()) {
    store::SetFailing(tx, held.endpoint_id, std::nullopt, 0);
  }
  return absl::OkStatus();
}

}  // namespace selfology::webhook
