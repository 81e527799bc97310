// What came of an attempt, whoever carried it.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "selfology/notification/v1/notification.pb.h"

namespace selfology::notification {

struct Outcome {
  v1::AttemptOutcome outcome = v1::ATTEMPT_OUTCOME_UNSPECIFIED;
  std::string code = {};     // The other side's, without anything personal.
  bool device_gone = false;  // Its push service does not know it any more.
  std::string bounce = {};   // RFC 3463 status of a mail that was refused; empty: none.
  std::optional<absl::Duration> retry_after = std::nullopt;  // What the other side asked for.
};

}  // namespace selfology::notification
