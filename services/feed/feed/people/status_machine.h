// How far a person has come, and what takes them further.
//
//   ASSIGN_OR_RETURN(const v1::UserStatus now, After(v1::USER_STATUS_NEW, Step::kStart));
//   std::vector<v1::UserStatus> passed = Towards(v1::USER_STATUS_NEW, v1::USER_STATUS_TRAINING);
//   // ONBOARDING, TRAINING
//
//   NEW --start--> ONBOARDING --begin training--> TRAINING --complete training--> TRAINED
//       --view feed--> ACTIVE --stay away--> CHURNED --return--> ACTIVE
//
// Every other step is refused. Threads: pure functions. Requirement: R003-9.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "selfology/feed/v1/feed.pb.h"

namespace selfology::feed {

enum class Step { kStart, kBeginTraining, kCompleteTraining, kViewFeed, kStayAway, kReturn };

// FAILED_PRECONDITION where the step is not possible.
absl::StatusOr<v1::UserStatus> After(v1::UserStatus status, Step step);

// The statuses that a person passes who is taken to `goal` (ONBOARDING or TRAINING) by what they do,
// the goal last. Empty for whoever is there or further.
std::vector<v1::UserStatus> Towards(v1::UserStatus status, v1::UserStatus goal);

}  // namespace selfology::feed
