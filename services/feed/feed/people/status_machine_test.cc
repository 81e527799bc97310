#include "services/feed/feed/people/status_machine.h"

#include <map>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Step kSteps[] = {Step::kStart,    Step::kBeginTraining, Step::kCompleteTraining,
                           Step::kViewFeed, Step::kStayAway,      Step::kReturn};

// R003-9's picture, and the way back.
TEST(StatusMachineTest, EveryStatusAndStep) {
  const std::map<std::pair<v1::UserStatus, Step>, v1::UserStatus> allowed = {
      {{v1::USER_STATUS_NEW, Step::kStart}, v1::USER_STATUS_ONBOARDING},
      {{v1::USER_STATUS_ONBOARDING, Step::kBeginTraining}, v1::USER_STATUS_TRAINING},
      {{v1::USER_STATUS_TRAINING, Step::kCompleteTraining}, v1::USER_STATUS_TRAINED},
      {{v1::USER_STATUS_TRAINED, Step::kViewFeed}, v1::USER_STATUS_ACTIVE},
      {{v1::USER_STATUS_ACTIVE, Step::kStayAway}, v1::USER_STATUS_CHURNED},
      {{v1::USER_STATUS_CHURNED, Step::kReturn}, v1::USER_STATUS_ACTIVE}};
  for (int i = 0; i <= v1::UserStatus_MAX; ++i) {
    const auto status = static_cast<v1::UserStatus>(i);
    for (const Step step : kSteps) {
      const auto found = allowed.find({status, step});
      const auto next = After(status, step);
      if (found == allowed.end()) {
        EXPECT_EQ(next.status().code(), absl::StatusCode::kFailedPrecondition)
            << i << " " << static_cast<int>(step);
      } else {
        ASSERT_TRUE(next.ok()) << next.status();
        EXPECT_EQ(*next, found->second);
      }
    }
  }
}

TEST(StatusMachineTest, BringsWhoIsNotThatFarStepByStep) {
  EXPECT_THAT(Towards(v1::USER_STATUS_NEW, v1::USER_STATUS_TRAINING),
              ElementsAre(v1::USER_STATUS_ONBOARDING, v1::USER_STATUS_TRAINING));
  EXPECT_THAT(Towards(v1::USER_STATUS_NEW, v1::USER_STATUS_ONBOARDING),
              ElementsAre(v1::USER_STATUS_ONBOARDING));
  EXPECT_THAT(Towards(v1::USER_STATUS_ONBOARDING, v1::USER_STATUS_TRAINING),
              ElementsAre(v1::USER_STATUS_TRAINING));
  for (const v1::UserStatus further : {v1::USER_STATUS_TRAINING, v1::USER_STATUS_TRAINED,
                                       v1::USER_STATUS_ACTIVE, v1::USER_STATUS_CHURNED}) {
    EXPECT_THAT(Towards(further, v1::USER_STATUS_TRAINING), IsEmpty());
  }
}

}  // namespace
}  // namespace selfology::feed
