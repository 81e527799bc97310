// What challenges do when something has happened: proof of deeds, and what they rest on coming and
// going.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/events/handling.h"
#include "selfology/events/v1/system.pb.h"
#include "selfology/events/v1/task.pb.h"

namespace selfology::challenge {

class ChallengeEvents {
 public:
  explicit ChallengeEvents(std::function<absl::Time()> clock) : clock_(std::move(clock)) {}

  // Counts for the person's open deeds.
  absl::Status Prove(const events::v1::TaskCompleted& event, events::Handling& handling);
  // Counts no longer, for what is not decided yet.
  absl::Status TakeBack(const events::v1::TaskReopened& event, events::Handling& handling);
  // Withdraws what rested on the task.
  absl::Status Withdraw(const events::v1::TaskDeleted& event, events::Handling& handling);
  // Remembers what challenges may rest on.
  absl::Status KeepInsight(const events::v1::InsightReadyForUser& event,
                           events::Handling& handling);

 private:
  const std::function<absl::Time()> clock_;
};

}  // namespace selfology::challenge
