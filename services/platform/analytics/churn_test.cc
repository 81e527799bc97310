#include "services/platform/analytics/churn.h"

#include <cmath>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::analytics {
namespace {

using ::testing::HasSubstr;

// People who do something on a day with a probability of their own, and leave with a hazard a day
// that is known: the less they do, the higher.
std::vector<ChurnExample> Simulate(int people, unsigned seed, double most_hazard = 0.05) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<ChurnExample> examples;
  while (static_cast<int>(examples.size()) < people) {
    const double activity = 0.1 + 0.8 * uniform(random);
    const double hazard = 0.001 + most_hazard * (1 - activity) * (1 - activity);
    double events = 0;
    double last_week = 0;
    double days = 0;
    int last = -1;
    bool is_there = true;
    bool stayed = false;
    for (int day = 0; day < 42; ++day) {
      if (uniform(random) < hazard) is_there = false;
      if (!is_there || uniform(random) >= activity) continue;
      if (day >= 28) {
        stayed = true;
        break;
      }
      const double times = 1 + std::floor(4 * activity * uniform(random));
      events += times;
      if (day >= 21) last_week += times;
      ++days;
      last = day;
    }
    if (last < 0) continue;
    examples.push_back(
        {.features = ChurnFeaturesOf(events, last_week, days, 27 - last, activity > 0.5 ? 3 : 1),
         .left = !stayed});
  }
  return examples;
}

TEST(ChurnTest, PredictsPeopleWhomItHasNotSeen) {
  const std::vector<ChurnExample> known = Simulate(2000, 1);
  const ChurnFit fit = LearnChurn(known);
  ASSERT_TRUE(fit.is_known) << fit.reason;
  EXPECT_GE(fit.auc, 0.75);
  EXPECT_THAT(fit.reason, HasSubstr("2000 people"));
  std::vector<double> scores;
  std::vector<bool> left;
  double expected = 0;
  double leavers = 0;
  for (const ChurnExample& one : Simulate(2000, 2)) {
    scores.push_back(ChurnProbability(fit.model, one.features));
    left.push_back(one.left);
    expected += scores.back();
    leavers += one.left ? 1 : 0;
  }
  EXPECT_GE(AreaUnderCurve(scores, left), 0.75);
  // What cross-validation promises holds, and probabilities are those of reality.
  EXPECT_NEAR(AreaUnderCurve(scores, left), fit.auc, 0.05);
  EXPECT_NEAR(expected / leavers, 1, 0.15);
}

TEST(ChurnTest, PromisesNothingWhereThereIsNothingToLearn) {
  std::mt19937 random(3);
  std::vector<ChurnExample> examples = Simulate(1000, 4);
  for (ChurnExample& one : examples) one.left = random() % 2 == 0;
  EXPECT_NEAR(LearnChurn(examples).auc, 0.5, 0.08);
}

TEST(ChurnTest, SaysWhenThereAreTooFew) {
  EXPECT_FALSE(LearnChurn({}).is_known);
  const ChurnFit few = LearnChurn(Simulate(29, 5));
  EXPECT_FALSE(few.is_known);
  EXPECT_THAT(few.reason, HasSubstr("30 are needed"));
  std::vector<ChurnExample> loyal = Simulate(100, 6);
  for (ChurnExample& one : loyal) one.left = false;
  EXPECT_FALSE(LearnChurn(loyal).is_known);
  EXPECT_THAT(LearnChurn(loyal).reason, HasSubstr("0 of 100"));
}

TEST(ChurnTest, StaysFiniteWhenAFeatureTellsAll) {
  std::vector<ChurnExample> examples;
  for (int i = 0; i < 60; ++i) {
    examples.push_back(
        {.features = ChurnFeaturesOf(3, 1, 1, i % 2 == 0 ? 0 : 27, 1), .left = i % 2 != 0});
  }
  const ChurnFit fit = LearnChurn(examples);
  ASSERT_TRUE(fit.is_known);
  EXPECT_EQ(fit.auc, 1);
  const double high = ChurnProbability(fit.model, examples[1].features);
  EXPECT_GT(high, 0.9);
  EXPECT_LE(high, 1);
  // At the optimum the ridge's slope is the likelihood's: sum of (left - p) x = weight.
  double slope = -fit.model.weights[3];
  for (const ChurnExample& one : examples) {
    const double x = (one.features[3] - fit.model.means[3]) / fit.model.deviations[3];
    slope += ((one.left ? 1 : 0) - ChurnProbability(fit.model, one.features)) * x;
  }
  EXPECT_NEAR(slope, 0, 1e-3);
}

TEST(ChurnTest, TheAreaCountsPairs) {
  EXPECT_EQ(AreaUnderCurve({0.1, 0.4, 0.35, 0.8}, {false, false, true, true}), 0.75);
  EXPECT_EQ(AreaUnderCurve({1, 1}, {false, true}), 0.5);
  EXPECT_EQ(AreaUnderCurve({}, {}), 0.5);
}

}  // namespace
}  // namespace selfology::analytics
