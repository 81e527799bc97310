// What follows when a message could not be sent. Pure.
//
//   const Judgement judgement = JudgeFailure(status, Kind::kQuestion, failures, random);
//
// Telegram takes no idempotency keys. So when a message may or may not have been sent (the
// connection broke, or the process died, between request and answer) one of two mistakes is
// possible: essential kinds (IsEssential) are sent again, perhaps twice; the others are not,
// perhaps never.
#pragma once

#include "absl/random/bit_gen_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/edge/telegram_gateway/outgoing.h"

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
};

// `failures`: before this one.
Judgement JudgeFailure(const absl::Status& failure, Kind kind, int failures,
                       absl::BitGenRef random);

}  // namespace selfology::telegram_gateway
