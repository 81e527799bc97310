// What follows when a message could not be sent. Pure.
//
//   const Judgement judgement = JudgeFailure(status, message.expendable(), failures, random);
//
// Telegram takes no idempotency keys. So when a message may or may not have been sent (the
// connection broke, or the process died, between request and answer) one of two mistakes is
// possible: it is sent again, perhaps twice; or, if it is expendable, it is not, perhaps never.
#pragma once

#include "absl/random/bit_gen_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

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

}  // namespace selfology::telegram_gateway
