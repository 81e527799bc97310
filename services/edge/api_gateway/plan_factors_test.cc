#include "services/edge/api_gateway/plan_factors.h"

#include <map>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::api_gateway {
namespace {

using ::testing::ElementsAre;

class PlanFactorsTest : public ::testing::Test {
 protected:
  int Of(int64_t user_id) { return factors_.Of(Call::Background(absl::Seconds(5)), user_id); }

  absl::Time now_ = absl::FromUnixSeconds(1'760'000'000);
  absl::Status failure_;
  std::map<int64_t, int> plans_ = {{7, 4}, {8, 1}};
  std::vector<int64_t> asked_;
  PlanFactors factors_{[this] { return now_; },
                       [this](const Call&, int64_t user_id) -> absl::StatusOr<int> {
                         asked_.push_back(user_id);
                         if (!failure_.ok()) return failure_;
                         return plans_[user_id];
                       }};
};

TEST_F(PlanFactorsTest, AreAskedForOnceInFiveMinutes) {
  EXPECT_EQ(Of(7), 4);
  EXPECT_EQ(Of(7), 4);
  EXPECT_EQ(Of(8), 1);
  EXPECT_EQ(Of(0), 1);
  EXPECT_THAT(asked_, ElementsAre(7, 8));
  now_ += absl::Minutes(5);
  EXPECT_EQ(Of(7), 4);
  EXPECT_THAT(asked_, ElementsAre(7, 8, 7));
}

TEST_F(PlanFactorsTest, AnEventMakesThemAskedForAgain) {
  EXPECT_EQ(Of(8), 1);
  plans_[8] = 8;
  EXPECT_EQ(Of(8), 1);
  factors_.Forget(8);
  EXPECT_EQ(Of(8), 8);
  plans_[8] = 4;
  factors_.ForgetAll();
  EXPECT_EQ(Of(8), 4);
}

TEST_F(PlanFactorsTest, WhileTheOwnerIsAwayWhatWasKnownHolds) {
  EXPECT_EQ(Of(7), 4);
  failure_ = absl::UnavailableError("down");
  now_ += absl::Minutes(6);
  EXPECT_EQ(Of(7), 4);
  EXPECT_EQ(Of(8), 1) << "nobody waits for it now";
  EXPECT_THAT(asked_, ElementsAre(7, 7));
  failure_ = absl::OkStatus();
  plans_[8] = 2;
  now_ += absl::Seconds(2);
  EXPECT_EQ(Of(8), 2);
}

TEST_F(PlanFactorsTest, NoPlanAllowsLessThanUsual) {
  plans_[9] = 0;
  EXPECT_EQ(Of(9), 1);
}

}  // namespace
}  // namespace selfology::api_gateway
