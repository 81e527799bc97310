// What follows when a message could not be sent, or one that is in the chat not be changed. Pure.
//
//   const Judgement judgement = JudgeFailure(status, message.expendable(), failures, random);
//   const ChangeJudgement next = JudgeChange(change.kind, ids.size(), status, failures, random);
//
// Telegram takes no idempotency keys. So when a message may or may not have been sent (the
// connection broke, or the process died, between request and answer) one of two mistakes is
// possible: it is sent again, perhaps twice; or, if it is expendable, it is not, perhaps never.
#pragma once

#include <cstddef>

#include "absl/random/bit_gen_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/edge/telegram_gateway/chat_store.h"

namespace selfology::telegram_gateway {

struct Judgement {
  enum class Verdict {
    kRetry,        // After `wait`.
    kAssumeSent,   // In doubt, and not worth a second copy.
    kDrop,         // Telegram will never take this message.
    kUnreachable,  // Nor any other for this person.
  };
  Verdict verdict = Verdict::kRetry;
  absl::Duration wait = absl::ZeroDuration();
  // Of kRetry: the message itself was tried and counts as failed. One that Telegram was not asked
  // about, or that came too soon, does not wait longer each time.
  bool counts = true;
  // Of kRetry: it may have been sent all the same.
  bool in_doubt = false;
};

// `failures`: before this one.
Judgement JudgeFailure(const absl::Status& failure, bool expendable, int failures,
                       absl::BitGenRef random);

// Whether a message is to go without its files, which failed so.
bool GivesUpFiles(const absl::Status& failure, bool expendable, int failures);

// Whether Telegram refused an edit because no edit of that message can ever succeed, and whether
// that is because it is gone.
bool CannotBeEdited(const absl::Status& failure);
bool IsGone(const absl::Status& failure);

struct ChangeJudgement {
  enum class Verdict {
    kDone,
    kGone,         // The message is not there (any more).
    kRetry,        // After `wait`.
    kOneByOne,     // One of several cannot be deleted: each by itself.
    kOnlyButtons,  // It cannot be deleted: it only loses its buttons.
    kSayAnew,      // It takes no other text: a new message says it.
    kGiveUp,       // Nothing more can be done to it, or it has failed for two days.
  };
  Verdict verdict = Verdict::kDone;
  absl::Duration wait = absl::ZeroDuration();
  bool counts = true;  // As of Judgement.
};

// `messages`: in the request. `failures`: before this one.
ChangeJudgement JudgeChange(store::Change::Kind kind, size_t messages, const absl::Status& outcome,
                            int failures, absl::BitGenRef random);

}  // namespace selfology::telegram_gateway
