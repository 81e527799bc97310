#include "services/edge/telegram_gateway/delivery/delivery.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/delivery/delivery_policy.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;

constexpr int kThreads = 16;
// One request to Telegram, and how long a claim protects it. Longer by all that may delay the
// request itself.
constexpr absl::Duration kRequest = absl::Seconds(10);
constexpr absl::Duration kClaim = absl::Seconds(15);
constexpr absl::Duration kDatabase = absl::Seconds(5);
// Between two looks into the table for what others left.
constexpr absl::Duration kLook = absl::Seconds(1);
constexpr int kUsersPerLook = 200;
// The loop wakes so often, for appointments sooner than the next look.
constexpr absl::Duration kShortestNap = absl::Milliseconds(20);

constexpr std::string_view kInDoubt = "in doubt";

Call DatabaseCall() { return Call::Background(kDatabase); }

// Why a claimed message is closed without being sent; empty: it is sent.
std::string_view WhyNotToSend(const store::Claimed& claimed, size_t pieces, absl::Time now) {
  if (!claimed.readable) return "malformed";
  if (now > claimed.worthless_at) return "stale";
  if (claimed.message_ids.size() >= pieces) return "empty";
  return claimed.in_doubt && claimed.message.body.expendable() ? kInDoubt : "";
}

}  // namespace

Delivery::Delivery(postgres::Database& database, BotApi& telegram, Clock clock,
                   observe::Metrics& metrics, PacingLimits limits)
    : database_(database),
      telegram_(telegram),
      clock_(std::move(clock)),
      metrics_(metrics),
      unsent_(metrics.Gauge("telegram_messages_unsent", "Messages that wait to be sent")),
      pacer_(limits),
      workers_(kThreads) {}

Delivery::~Delivery() { workers_.Stop(); }

double Delivery::unsent() const { return unsent_.Value(); }

void Delivery::Wake(int64_t user_id) {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return;
  const auto [lane, is_new] = lanes_.try_emplace(user_id, Lane::kRunning);
  if (is_new) {
    workers_.Submit([this, user_id] { RunLane(user_id); });
  } else {
    lane->second = Lane::kWokenAgain;
  }
}

void Delivery::RunLane(int64_t user_id) {
  while (true) {
    absl::StatusOr<store::Next> next = TakeNext(user_id, [](Transaction&) {});
    while (next.ok() && next->claimed.has_value()) {
      const store::Claimed claimed = *std::move(next->claimed);
      next = Deliver(claimed);
    }
    if (!next.ok()) {
      // The table keeps it; the next look finds it again.
      observe::Warning("message delivery failed: database unavailable",
                       {{"status", next.status()}});
    }
    absl::MutexLock lock(&mutex_);
    const auto lane = lanes_.find(user_id);
    if (lane->second == Lane::kWokenAgain && next.ok() && !stopped_) {
      lane->second = Lane::kRunning;
      continue;
    }
    lanes_.erase(lane);
    if (next.ok() && next->due_at < absl::InfiniteFuture()) {
      appointments_.emplace(next->due_at, user_id);
    }
    return;
  }
}

absl::StatusOr<store::Next> Delivery::TakeNext(int64_t user_id, Note note) {
  return database_.Write(DatabaseCall(), [&](Transaction& tx) -> absl::StatusOr<store::Next> {
    store::LockOrder(tx, user_id);
    note(tx);
    {
      absl::MutexLock lock(&mutex_);
      if (stopped_) return store::Next{};
    }
    const absl::Time now = clock_();
    return store::ClaimNext(tx, user_id, now, now + kClaim);
  });
}

absl::StatusOr<store::Next> Delivery::Deliver(const store::Claimed& claimed) {
  const Outgoing& message = claimed.message;
  const observe::TraceContext trace =
      observe::TraceContext::Parse(message.traceparent).value_or(observe::TraceContext{});
  const observe::ScopedTrace scope(trace);
  const absl::Time now = clock_();
  const std::vector<std::string> pieces = PiecesOf(message.body);
  const size_t piece = claimed.message_ids.size();

  if (const std::string_view reason = WhyNotToSend(claimed, pieces.size(), now); !reason.empty()) {
    return CloseUnsent(claimed, reason);
  }
  absl::Duration wait;
  {
    absl::MutexLock lock(&mutex_);
    wait = pacer_.Take(message.user_id, now);
  }
  if (wait > absl::ZeroDuration()) {
    return TakeNext(message.user_id, [&](Transaction& tx) {
      store::Postpone(tx, claimed.id, now + wait, /*failed=*/false, claimed.in_doubt);
    });
  }

  const bool is_last = piece + 1 == pieces.size();
  const absl::StatusOr<int64_t> message_id = telegram_.SendMessage(
      Call::Background(kRequest, trace), message.user_id, pieces[piece], message.body, is_last);
  if (!message_id.ok()) return NoteFailure(claimed, message_id.status());
  Count(claimed, "sent");
  absl::StatusOr<store::Next> next = TakeNext(message.user_id, [&](Transaction& tx) {
    store::NotePiece(tx, claimed.id, *message_id, is_last, clock_());
  });
  Finished();
  return next;
}

absl::StatusOr<store::Next> Delivery::CloseUnsent(const store::Claimed& claimed,
                                                  std::string_view reason) {
  const std::string& kind = claimed.message.body.kind();
  const bool maybe_sent = reason == kInDoubt;
  Count(claimed, reason);
  if (maybe_sent) {
    observe::Warning("message outcome unknown; not sent again",
                     {{"kind", kind}, {"message_id", claimed.id}});
  } else {
    observe::Error("message dropped",
                   {{"kind", kind}, {"message_id", claimed.id}, {"reason", reason}});
  }
  absl::StatusOr<store::Next> next = TakeNext(
      claimed.message.user_id, [&](Transaction& tx) { store::Close(tx, claimed.id, maybe_sent); });
  Finished();
  return next;
}

absl::StatusOr<store::Next> Delivery::NoteFailure(const store::Claimed& claimed,
                                                  const absl::Status& failure) {
  using Verdict = Judgement::Verdict;
  const std::string& kind = claimed.message.body.kind();
  Judgement judgement;
  {
    absl::MutexLock lock(&mutex_);
    judgement = JudgeFailure(failure, claimed.message.body.expendable(), claimed.failures, random_);
  }
  switch (judgement.verdict) {
    case Verdict::kRetry:
      observe::Warning("message will be sent again",
                       {{"kind", kind}, {"wait", judgement.wait}, {"status", failure}});
      Count(claimed, "postponed");
      break;
    case Verdict::kAssumeSent:
      observe::Warning("message outcome unknown; not sent again",
                       {{"kind", kind}, {"status", failure}});
      Count(claimed, kInDoubt);
      break;
    case Verdict::kDrop:
      observe::Error("message dropped", {{"kind", kind}, {"status", failure}});
      Count(claimed, "refused");
      break;
    case Verdict::kUnreachable:
      observe::Info("user unreachable; messages dropped", {{"status", failure}});
      Count(claimed, "unreachable");
      break;
  }
  const absl::Time now = clock_();
  const auto outcome = [&](Transaction& tx) {
    switch (judgement.verdict) {
      case Verdict::kRetry:
        // Whoever waits for it (Await) is to hear of the first failure, whatever it was.
        store::Postpone(tx, claimed.id, now + judgement.wait,
                        /*failed=*/judgement.counts || claimed.failures == 0, judgement.in_doubt);
        break;
      case Verdict::kAssumeSent:
        store::Close(tx, claimed.id, /*sent=*/true);
        break;
      case Verdict::kDrop:
        store::Close(tx, claimed.id, /*sent=*/false);
        break;
      case Verdict::kUnreachable:
        store::DropAll(tx, claimed.message.user_id);
        break;
    }
  };
  absl::StatusOr<store::Next> next = TakeNext(claimed.message.user_id, outcome);
  Finished();
  return next;
}

void Delivery::Finished() {
  absl::MutexLock lock(&mutex_);
  ++finished_;
}

void Delivery::Run(service::StopSignal& stop) {
  LookAfterTable(stop);
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  // What was claimed is sent; the rest waits in the table for whoever comes next.
  workers_.Stop();
}

void Delivery::LookAfterTable(service::StopSignal& stop) {
  absl::Time next_look = absl::InfinitePast();
  while (true) {
    absl::Duration nap = kLook;
    {
      absl::MutexLock lock(&mutex_);
      if (!appointments_.empty()) nap = std::min(nap, appointments_.begin()->first - clock_());
    }
    if (stop.WaitFor(std::max(nap, kShortestNap))) return;
    WakeThoseDue(clock_());
    // By the real clock: a test's may stand still.
    if (absl::Now() < next_look) continue;
    next_look = absl::Now() + kLook;
    LookIntoTable(DatabaseCall(), clock_());
  }
}

void Delivery::WakeThoseDue(absl::Time now) {
  std::vector<int64_t> users;
  {
    absl::MutexLock lock(&mutex_);
    const auto end = appointments_.upper_bound({now, INT64_MAX});
    for (auto due = appointments_.begin(); due != end; ++due) users.push_back(due->second);
    appointments_.erase(appointments_.begin(), end);
  }
  for (const int64_t user_id : users) Wake(user_id);
}

void Delivery::LookIntoTable(const Call& call, absl::Time now) {
  const absl::Status status = database_.Read(
      call,
      [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(const std::vector<int64_t> users, store::UsersDue(tx, now, kUsersPerLook));
        for (const int64_t user_id : users) Wake(user_id);
        ASSIGN_OR_RETURN(const int64_t unsent, store::CountUnsent(tx));
        unsent_.Set(static_cast<double>(unsent));
        return absl::OkStatus();
      },
      {.newest = true});
  if (!status.ok()) observe::Warning("outgoing messages could not be read", {{"status", status}});
}

absl::StatusOr<store::Fate> Delivery::Await(const Call& call, int64_t user_id,
                                            std::string_view key) {
  // Another replica may be the one that sends it.
  constexpr absl::Duration kLookAnyway = absl::Milliseconds(200);
  while (true) {
    uint64_t seen = 0;
    {
      absl::MutexLock lock(&mutex_);
      seen = finished_;
    }
    ASSIGN_OR_RETURN(
        const std::optional<store::Fate> fate,
        database_.Read(call, [&](Transaction& tx) { return store::FateOf(tx, user_id, key); },
                       {.newest = true}));
    if (!fate.has_value()) return absl::NotFoundError("the message is gone");
    const bool over =
        fate->status == store::Fate::Status::kSent || fate->status == store::Fate::Status::kDropped;
    if (over || fate->failures > 0) return *fate;
    if (call.Remaining() <= absl::ZeroDuration())
      return absl::DeadlineExceededError("not sent in time");
    absl::MutexLock lock(&mutex_);
    const auto changed = [this, seen]()
                             ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return finished_ != seen; };
    mutex_.AwaitWithTimeout(absl::Condition(&changed), std::min(kLookAnyway, call.Remaining()));
  }
}

void Delivery::Count(const store::Claimed& claimed, std::string_view outcome) {
  metrics_
      .Counter("telegram_messages_total", "Messages by what became of them",
               {{"kind", claimed.message.body.kind()}, {"outcome", std::string(outcome)}})
      .Increment();
}

}  // namespace selfology::telegram_gateway
