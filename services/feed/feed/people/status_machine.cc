#include "services/feed/feed/people/status_machine.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/enums/word.h"

namespace selfology::feed {
namespace {

struct Transition {
  v1::UserStatus from;
  Step step;
  v1::UserStatus to;
};

constexpr Transition kTransitions[] = {
    {v1::USER_STATUS_NEW, Step::kStart, v1::USER_STATUS_ONBOARDING},
    {v1::USER_STATUS_ONBOARDING, Step::kBeginTraining, v1::USER_STATUS_TRAINING},
    {v1::USER_STATUS_TRAINING, Step::kCompleteTraining, v1::USER_STATUS_TRAINED},
    {v1::USER_STATUS_TRAINED, Step::kViewFeed, v1::USER_STATUS_ACTIVE},
    {v1::USER_STATUS_ACTIVE, Step::kStayAway, v1::USER_STATUS_CHURNED},
    {v1::USER_STATUS_CHURNED, Step::kReturn, v1::USER_STATUS_ACTIVE},
};

}  // namespace

absl::StatusOr<v1::UserStatus> After(v1::UserStatus status, Step step) {
  for (const Transition& transition : kTransitions) {
    if (transition.from == status && transition.step == step) return transition.to;
  }
  return absl::FailedPreconditionError(
      absl::StrCat("not possible for a person who is ", enums::Word(status)));
}

std::vector<v1::UserStatus> Towards(v1::UserStatus status, v1::UserStatus goal) {
  std::vector<v1::UserStatus> passed;
  for (const Step step : {Step::kStart, Step::kBeginTraining}) {
    if (status >= goal) break;
    const absl::StatusOr<v1::UserStatus> next = After(status, step);
    if (!next.ok()) continue;
    status = *next;
    passed.push_back(status);
  }
  return passed;
}

}  // namespace selfology::feed
