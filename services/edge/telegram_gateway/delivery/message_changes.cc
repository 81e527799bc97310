#include "services/edge/telegram_gateway/delivery/message_changes.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;
using Kind = store::Change::Kind;
using Verdict = ChangeJudgement::Verdict;

constexpr int kThreads = 8;
// One request to Telegram, and how long a claim protects it.
constexpr absl::Duration kRequest = absl::Seconds(10);
constexpr absl::Duration kClaim = absl::Seconds(15);
constexpr absl::Duration kDatabase = absl::Seconds(5);
constexpr int kChatsPerLook = 200;

// What a message says from now on.
v1::DialogMessage ReplacementOf(const store::Change& change) {
  v1::DialogMessage message = Html(kReply, change.replacement);
  *message.mutable_button_rows() = change.replacement_buttons.button_rows();
  message.set_keep_buttons(true);
  return message;
}

Call DatabaseCall() { return Call::Background(kDatabase); }

std::string_view WordOf(Kind kind) {
  switch (kind) {
    case Kind::kDelete:
      return "delete";
    case Kind::kClearButtons:
      return "clear_buttons";
    case Kind::kReplace:
      break;
  }
  return "replace";
}

std::string_view WordOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDone:
      return "done";
    case Verdict::kGone:
      return "gone";
    case Verdict::kRetry:
      return "postponed";
    case Verdict::kOneByOne:
    case Verdict::kOnlyButtons:
    case Verdict::kSayAnew:
      return "refused";
    case Verdict::kGiveUp:
      break;
  }
  return "given_up";
}

}  // namespace

MessageChanges::MessageChanges(Parts parts)
    : parts_(std::move(parts)),
      due_({.threads = kThreads,
            .clock = parts_.clock,
            .work = [this](int64_t chat_id) { return WorkOn(chat_id); },
            .look = [this](absl::Time now) { LookIntoTable(now); }}) {}

absl::StatusOr<absl::Time> MessageChanges::WorkOn(int64_t chat_id) {
  absl::StatusOr<store::NextChange> next = TakeNext(chat_id, [](Transaction&) {});
  while (next.ok() && next->change.has_value()) {
    const store::Change change = *std::move(next->change);
    next = CarryOut(change);
  }
  if (next.ok()) return next->due_at;
  // The table keeps it; the next look finds it again.
  observe::Warning("sent messages not updated: database unavailable", {{"status", next.status()}});
  return next.status();
}

absl::StatusOr<store::NextChange> MessageChanges::TakeNext(int64_t chat_id, Note note) {
  return parts_.database.Write(
      DatabaseCall(), [&](Transaction& tx) -> absl::StatusOr<store::NextChange> {
        store::LockOrder(tx, chat_id);
        note(tx);
        if (due_.stopped()) return store::NextChange{};
        const absl::Time now = parts_.clock();
        return store::ClaimChange(tx, parts_.telegram.bot_id(), chat_id, now, now + kClaim);
      });
}

absl::StatusOr<store::NextChange> MessageChanges::CarryOut(const store::Change& change) {
  const absl::Time now = parts_.clock();
  const absl::Duration wait = parts_.pace(change.chat_id, now);
  if (wait > absl::ZeroDuration()) {
    return TakeNext(change.chat_id, [&](Transaction& tx) {
      store::NoteLater(tx, change, now + wait, /*failed=*/false);
    });
  }
  const absl::Status outcome = Ask(change);
  const ChangeJudgement judgement = Judge(change, outcome);
  absl::StatusOr<store::NextChange> next = TakeNext(
      change.chat_id, [&](Transaction& tx) { WriteDown(tx, change, judgement, parts_.clock()); });
  if (judgement.verdict == Verdict::kSayAnew) parts_.wake_sender(change.chat_id);
  return next;
}

absl::Status MessageChanges::Ask(const store::Change& change) {
  const Call call = Call::Background(kRequest);
  const int64_t message_id = change.message_ids.front();
  switch (change.kind) {
    case Kind::kDelete:
      return parts_.telegram.DeleteMessages(call, change.chat_id, change.message_ids);
    case Kind::kClearButtons:
      return parts_.telegram.RemoveButtons(call, change.chat_id, message_id);
    case Kind::kReplace:
      break;
  }
  return parts_.telegram.EditMessageText(call, change.chat_id, message_id, change.replacement,
                                         ReplacementOf(change));
}

ChangeJudgement MessageChanges::Judge(const store::Change& change, const absl::Status& outcome) {
  ChangeJudgement judgement;
  {
    absl::MutexLock lock(&mutex_);
    judgement =
        JudgeChange(change.kind, change.message_ids.size(), outcome, change.failures, random_);
  }
  parts_.metrics
      .Counter("telegram_message_changes_total", "Changes of sent messages, by outcome",
               {{"bot", absl::StrCat(change.bot_id)},
                {"change", std::string(WordOf(change.kind))},
                {"outcome", std::string(WordOf(judgement.verdict))}})
      .Increment();
  if (!outcome.ok() && judgement.verdict != Verdict::kGone) {
    observe::Info("sent message could not be updated", {{"change", WordOf(change.kind)},
                                                        {"outcome", WordOf(judgement.verdict)},
                                                        {"wait", judgement.wait},
                                                        {"status", outcome}});
  }
  return judgement;
}

void MessageChanges::WriteDown(Transaction& tx, const store::Change& change,
                               const ChangeJudgement& judgement, absl::Time now) {
  switch (judgement.verdict) {
    case Verdict::kDone:
      return store::NoteDone(tx, change);
    case Verdict::kGiveUp:
      return store::NoteGivenUp(tx, change);
    case Verdict::kGone:
      return store::NoteGone(tx, change);
    case Verdict::kRetry:
      return store::NoteLater(tx, change, now + judgement.wait, judgement.counts);
    case Verdict::kOneByOne:
      return store::NoteOneByOne(tx, change);
    case Verdict::kOnlyButtons:
      return store::NoteOnlyButtons(tx, change, now);
    case Verdict::kSayAnew:
      // It has to be said somewhere.
      store::Enqueue(tx, change.bot_id,
                     {.user_id = change.chat_id,
                      .key = absl::StrCat("replacement:", change.message_ids.front(), ":",
                                          absl::ToUnixMicros(change.taken_until)),
                      .dialog = change.dialog,
                      .body = ReplacementOf(change)},
                     now);
      return store::NoteOnlyButtons(tx, change, now);
  }
}

void MessageChanges::LookIntoTable(absl::Time now) {
  const absl::Status status = parts_.database.Read(
      DatabaseCall(),
      [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(const std::vector<int64_t> chats,
                         store::ChatsDue(tx, parts_.telegram.bot_id(), now, kChatsPerLook));
        for (const int64_t chat_id : chats) Wake(chat_id);
        return absl::OkStatus();
      },
      {.newest = true});
  if (!status.ok())
    observe::Warning("pending message changes could not be read", {{"status", status}});
}

}  // namespace selfology::telegram_gateway
