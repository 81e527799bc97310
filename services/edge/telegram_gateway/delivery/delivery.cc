#include "services/edge/telegram_gateway/delivery/delivery.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/chat_store.h"
#include "services/edge/telegram_gateway/delivery/delivery_policy.h"
#include "services/edge/telegram_gateway/delivery/sending.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;

constexpr int kThreads = 16;
// How long a claim protects one request to Telegram (kRequest): longer by all that may delay the
// request itself.
constexpr absl::Duration kSlack = absl::Seconds(5);
constexpr absl::Duration kClaim = absl::Seconds(15);
constexpr absl::Duration kDatabase = absl::Seconds(5);
constexpr int kUsersPerLook = 200;
// Of kThreads, so that others' messages get through beside them; and when to ask again.
constexpr int kMostUploads = 4;
constexpr absl::Duration kUploadsBusy = absl::Seconds(1);
// Until a message that is just being changed can take another's words.
constexpr absl::Duration kBusy = absl::Milliseconds(50);

constexpr std::string_view kInDoubt = "in doubt";

Call DatabaseCall() { return Call::Background(kDatabase); }

// An edit is done once however often it is tried.
bool IsExpendable(const store::Claimed& claimed) {
  return claimed.message.body.expendable() && claimed.edits == 0;
}

// Why a claimed message is closed without being sent; empty: it is sent.
std::string_view WhyNotToSend(const store::Claimed& claimed, size_t pieces, absl::Time now) {
  if (!claimed.readable) return "malformed";
  if (now > claimed.worthless_at) return "stale";
  if (static_cast<size_t>(claimed.pieces_sent) >= pieces) return "empty";
  return claimed.in_doubt && IsExpendable(claimed) ? kInDoubt : "";
}

}  // namespace

Delivery::Delivery(postgres::Database& database, BotApi& telegram, MediaStore& media, Clock clock,
                   observe::Metrics& metrics, PacingLimits limits, const observe::Tracer* tracer)
    : database_(database),
      telegram_(telegram),
      media_(media),
      clock_(std::move(clock)),
      metrics_(metrics),
      unsent_(metrics.Gauge("telegram_messages_unsent", "Messages that wait to be sent",
                            {{"bot", absl::StrCat(telegram.bot_id())}})),
      tracer_(tracer),
      pacer_(limits),
      message_changes_({.database = database,
                        .telegram = telegram,
                        .clock = clock_,
                        .metrics = metrics,
                        .pace =
                            [this](int64_t chat_id, absl::Time now) {
                              absl::MutexLock lock(&mutex_);
                              return pacer_.Take(chat_id, now, kChangeWeight, kMessageWeight);
                            },
                        .wake_sender = [this](int64_t chat_id) { Wake(chat_id); }}),
      due_({.threads = kThreads,
            .clock = clock_,
            .work = [this](int64_t user_id) { return SendTo(user_id); },
            .look = [this](absl::Time now) { LookIntoTable(now); }}) {}

Delivery::~Delivery() {
  // They wake each other.
  due_.Stop();
  message_changes_.Stop();
}

double Delivery::unsent() const { return unsent_.Value(); }

absl::StatusOr<absl::Time> Delivery::SendTo(int64_t user_id) {
  absl::StatusOr<store::Next> next = TakeNext(user_id, [](Transaction&) {});
  while (next.ok() && next->claimed.has_value()) {
    const store::Claimed claimed = *std::move(next->claimed);
    next = Deliver(claimed);
  }
  if (next.ok()) return next->due_at;
  // The table keeps it; the next look finds it again.
  observe::Warning("outgoing messages not sent: database unavailable", {{"status", next.status()}});
  return next.status();
}

absl::StatusOr<store::Next> Delivery::TakeNext(int64_t user_id, Note note) {
  return database_.Write(DatabaseCall(), [&](Transaction& tx) -> absl::StatusOr<store::Next> {
    store::LockOrder(tx, user_id);
    note(tx);
    if (due_.stopped()) return store::Next{};
    const absl::Time now = clock_();
    ASSIGN_OR_RETURN(store::Next next, store::ClaimNext(tx, bot_id(), user_id, now, now + kClaim));
    RETURN_IF_ERROR(FindPlace(tx, next, now));
    return next;
  });
}

absl::Status Delivery::FindPlace(Transaction& tx, store::Next& next, absl::Time now) {
  if (!next.claimed.has_value()) return absl::OkStatus();
  store::Claimed& claimed = *next.claimed;
  const v1::DialogMessage& body = claimed.message.body;
  if (body.lifecycle() != v1::MESSAGE_LIFECYCLE_SYSTEM || claimed.pieces_sent > 0 ||
      !FitsIntoOther(body)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const store::EditTarget target,
                   store::ClaimEditTarget(tx, bot_id(), claimed, now, now + kClaim));
  if (!target.busy) {
    claimed.edits = target.message_id;
    return absl::OkStatus();
  }
  store::Postpone(tx, claimed.id, now + kBusy, /*failed=*/false, claimed.in_doubt);
  next = {.claimed = std::nullopt, .due_at = now + kBusy};
  return absl::OkStatus();
}

absl::StatusOr<store::Next> Delivery::Deliver(const store::Claimed& claimed) {
  const Outgoing& message = claimed.message;
  const observe::TraceContext trace =
      observe::TraceContext::Parse(message.traceparent).value_or(observe::TraceContext{});
  const observe::ScopedTrace scope(trace);
  const absl::Time now = clock_();
  ASSIGN_OR_RETURN(const std::vector<Piece> pieces,
                   Plan(message.user_id, message.body, media_, bot_id(), DatabaseCall()));
  const auto index = static_cast<size_t>(claimed.pieces_sent);
  if (const std::string_view reason = WhyNotToSend(claimed, pieces.size(), now); !reason.empty()) {
    return CloseUnsent(claimed, reason);
  }
  const Piece& piece = pieces[index];
  const bool is_last = index + 1 == pieces.size();
  const absl::Duration patience = PatienceFor(piece);
  const bool is_upload = patience > kRequest;
  const absl::Duration wait = WaitToSend(claimed, is_upload, now);
  if (wait > absl::ZeroDuration()) {
    return TakeNext(message.user_id, [&](Transaction& tx) {
      store::FreePlace(tx, bot_id(), claimed);
      store::Postpone(tx, claimed.id, now + wait, /*failed=*/false, claimed.in_doubt);
    });
  }

  const absl::Cleanup uploaded = [this, is_upload] {
    if (!is_upload) return;
    absl::MutexLock lock(&mutex_);
    --uploads_;
  };
  if (is_upload) RETURN_IF_ERROR(ExtendClaim(claimed, patience));
  const observe::Span span = BeginSpan(trace);
  const Call call =
      is_upload ? Call(absl::Now() + patience, span.trace(), [this] { return due_.stopped(); })
                : Call::Background(patience, span.trace());
  absl::StatusOr<PieceSent> sent = SendOrEdit(call, claimed, piece);
  const absl::Cleanup end_span = [&] {
    span.End(sent.status().code(), absl::Now(), [&](observe::FinishedSpan& finished) {
      finished.name = "telegram message";
      finished.Add("telegram.pieces", static_cast<int64_t>(pieces.size()));
    });
  };
  if (!piece.files.empty() &&
      GivesUpFiles(sent.status(), IsExpendable(claimed), claimed.failures)) {
    RETURN_IF_ERROR(ExtendClaim(claimed, kRequest));
    sent = SendWithoutFiles(telegram_, Call::Background(kRequest, span.trace()), message.user_id,
                            piece, message.body, sent.status(), is_last);
  }
  if (!sent.ok()) return NoteFailure(claimed, sent.status());
  return NoteSent(claimed, *sent, piece.has_buttons, is_last);
}

observe::Span Delivery::BeginSpan(const observe::TraceContext& trace) {
  absl::MutexLock lock(&mutex_);
  return observe::Span::Enter(tracer_, observe::SpanKind::kInternal, trace, absl::Now(), random_);
}

absl::Duration Delivery::WaitToSend(const store::Claimed& claimed, bool is_upload, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (is_upload && uploads_ == kMostUploads) return kUploadsBusy;
  const absl::Duration wait = pacer_.Take(claimed.message.user_id, now,
                                          claimed.edits == 0 ? kMessageWeight : kChangeWeight);
  if (is_upload && wait == absl::ZeroDuration()) ++uploads_;
  return wait;
}

absl::Status Delivery::ExtendClaim(const store::Claimed& claimed, absl::Duration patience) {
  return database_.Write(DatabaseCall(), [&](Transaction& tx) -> absl::Status {
    store::ExtendClaim(tx, claimed.id, clock_() + patience + kSlack);
    return absl::OkStatus();
  });
}

absl::StatusOr<PieceSent> Delivery::SendOrEdit(const Call& call, const store::Claimed& claimed,
                                               const Piece& piece) {
  const Outgoing& message = claimed.message;
  if (claimed.edits == 0) {
    return SendPiece(telegram_, call, message.user_id, piece, message.body);
  }
  RETURN_IF_ERROR(
      telegram_.EditMessageText(call, message.user_id, claimed.edits, piece.text, message.body));
  return PieceSent{.message_ids = {claimed.edits}};
}

absl::StatusOr<store::Next> Delivery::NoteSent(const store::Claimed& claimed, const PieceSent& sent,
                                               bool has_buttons, bool is_last) {
  const v1::DialogMessage& body = claimed.message.body;
  const int64_t chat_id = claimed.message.user_id;
  const absl::Time now = clock_();
  Count(claimed, "sent");
  absl::StatusOr<store::Next> next = TakeNext(chat_id, [&](Transaction& tx) {
    if (claimed.edits != 0) {
      store::NoteEdited(tx, bot_id(), claimed, now);
    } else {
      store::NoteSent(
          tx, bot_id(), claimed,
          {.message_ids = sent.message_ids, .has_buttons = has_buttons, .is_last = is_last}, now);
    }
    store::NotePiece(tx, claimed.id, sent.message_ids, is_last, now);
    for (const auto& [media_id, file_id] : sent.file_ids) {
      store::NoteFileId(tx, media_id, bot_id(), file_id);
    }
  });
  if (body.lifecycle() == v1::MESSAGE_LIFECYCLE_SYSTEM) message_changes_.Wake(chat_id);
  if (body.lifecycle() == v1::MESSAGE_LIFECYCLE_EPHEMERAL) {
    message_changes_.WakeAt(chat_id, now + LifetimeOf(body));
  }
  Finished();
  return next;
}

absl::StatusOr<store::Next> Delivery::CloseUnsent(const store::Claimed& claimed,
                                                  std::string_view reason) {
  const std::string& kind = claimed.message.body.kind();
  const bool maybe_sent = reason == kInDoubt;
  Count(claimed, reason);
  if (maybe_sent) {
    observe::Warning("outgoing message may have been sent; not sent again",
                     {{"kind", kind}, {"message_id", claimed.id}});
  } else {
    observe::Error("outgoing message dropped",
                   {{"kind", kind}, {"message_id", claimed.id}, {"reason", reason}});
  }
  absl::StatusOr<store::Next> next = TakeNext(claimed.message.user_id, [&](Transaction& tx) {
    store::FreePlace(tx, bot_id(), claimed);
    store::Close(tx, claimed.id, maybe_sent);
  });
  Finished();
  return next;
}

absl::StatusOr<store::Next> Delivery::NoteFailure(const store::Claimed& claimed,
                                                  const absl::Status& failure) {
  using Verdict = Judgement::Verdict;
  const std::string& kind = claimed.message.body.kind();
  if (claimed.edits != 0 && CannotBeEdited(failure)) {
    return TakeNext(claimed.message.user_id, [&](Transaction& tx) {
      store::GiveUpPlace(tx, bot_id(), claimed, IsGone(failure));
      store::Postpone(tx, claimed.id, clock_(), /*failed=*/false, claimed.in_doubt);
    });
  }
  Judgement judgement;
  {
    absl::MutexLock lock(&mutex_);
    judgement = JudgeFailure(failure, IsExpendable(claimed), claimed.failures, random_);
  }
  switch (judgement.verdict) {
    case Verdict::kRetry:
      observe::Warning("outgoing message not sent; retrying",
                       {{"kind", kind}, {"wait", judgement.wait}, {"status", failure}});
      Count(claimed, "postponed");
      break;
    case Verdict::kAssumeSent:
      observe::Warning("outgoing message may have been sent; not sent again",
                       {{"kind", kind}, {"status", failure}});
      Count(claimed, kInDoubt);
      break;
    case Verdict::kDrop:
      observe::Error("outgoing message dropped", {{"kind", kind}, {"status", failure}});
      Count(claimed, "refused");
      break;
    case Verdict::kUnreachable:
      observe::Info("user unreachable; messages dropped", {{"status", failure}});
      Count(claimed, "unreachable");
      break;
  }
  const absl::Time now = clock_();
  const auto outcome = [&](Transaction& tx) {
    store::FreePlace(tx, bot_id(), claimed);
    switch (judgement.verdict) {
      case Verdict::kRetry:
        // Whoever waits for it (Await) is to hear of the first failure, whatever it was.
        store::Postpone(tx, claimed.id, now + judgement.wait,
                        /*failed=*/judgement.counts || claimed.failures == 0,
                        judgement.in_doubt && claimed.edits == 0);
        break;
      case Verdict::kAssumeSent:
        store::Close(tx, claimed.id, /*sent=*/true);
        break;
      case Verdict::kDrop:
        store::Close(tx, claimed.id, /*sent=*/false);
        break;
      case Verdict::kUnreachable:
        store::DropAll(tx, bot_id(), claimed.message.user_id);
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

void Delivery::LookIntoTable(absl::Time now) {
  const absl::Status status =
      database_.Read(DatabaseCall(),
                     [&](Transaction& tx) -> absl::Status {
                       ASSIGN_OR_RETURN(const std::vector<int64_t> users,
                                        store::UsersDue(tx, bot_id(), now, kUsersPerLook));
                       for (const int64_t user_id : users) Wake(user_id);
                       ASSIGN_OR_RETURN(const int64_t unsent, store::CountUnsent(tx, bot_id()));
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
        database_.Read(call,
                       [&](Transaction& tx) { return store::FateOf(tx, bot_id(), user_id, key); },
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
      .Counter("telegram_messages_total", "Messages, by outcome",
               {{"bot", absl::StrCat(bot_id())},
                {"kind", claimed.message.body.kind()},
                {"outcome", std::string(outcome)}})
      .Increment();
}

}  // namespace selfology::telegram_gateway
