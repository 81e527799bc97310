#include "services/platform/analytics/forecast.h"

#include <cmath>
#include <vector>

#include "absl/random/bit_gen_ref.h"
#include "absl/random/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::analytics {
namespace {

using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Level, trend, a season of sines, and noise.
std::vector<double> Made(size_t count, int season, double trend, double noise,
                         absl::BitGenRef random) {
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) {
    const auto t = static_cast<double>(i);
    values.push_back(200 + trend * t + 40 * std::sin(2 * M_PI * t / season) +
                     15 * std::cos(4 * M_PI * t / season) +
                     (noise > 0 ? absl::Gaussian(random, 0.0, noise) : 0));
  }
  return values;
}

TEST(ForecastTest, SaysThatThereAreTooFewPoints) {
  const Forecast forecast = Predict(std::vector<double>(29, 5), {.steps = 7, .season = 7});
  EXPECT_THAT(forecast.values, IsEmpty());
  EXPECT_THAT(forecast.reason, HasSubstr("29 steps, and 30 are needed"));
}

TEST(ForecastTest, GoesOnWithAPureSeasonAndTrend) {
  absl::BitGen random;
  const std::vector<double> all = Made(84 + 14, 7, 0.5, 0, random);
  const Forecast forecast = Predict({all.begin(), all.begin() + 84}, {.steps = 14, .season = 7});
  ASSERT_EQ(forecast.values.size(), 14);
  for (size_t i = 0; i < 14; ++i) {
    EXPECT_THAT(forecast.values[i].value, DoubleNear(all[84 + i], 2)) << i;
  }
}

TEST(ForecastTest, KeepsAConstantAndNeverGoesBelowZeroByItself) {
  const Forecast constant = Predict(std::vector<double>(60, 12), {.steps = 5, .season = 7});
  for (const ForecastValue& value : constant.values) {
    EXPECT_THAT(value.value, DoubleNear(12, 1e-6));
    EXPECT_THAT(value.high - value.low, DoubleNear(0, 1e-6));
  }
  std::vector<double> falling;
  for (int i = 0; i < 40; ++i) falling.push_back(40.0 - i);
  for (const ForecastValue& value : Predict(falling, {.steps = 20, .season = 0}).values) {
    EXPECT_GE(value.value, 0);
    EXPECT_GE(value.low, 0);
  }
}

// Days of a week that are factors of what grows.
std::vector<double> Grown(size_t count, double noise, absl::BitGenRef random) {
  constexpr double kWeek[] = {0.8, 0.9, 1.0, 1.0, 1.3, 1.7, 0.4};
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) {
    values.push_back(120 * std::exp(0.01 * static_cast<double>(i)) * kWeek[i % 7] *
                     (noise > 0 ? std::exp(absl::Gaussian(random, 0.0, noise)) : 1));
  }
  return values;
}

TEST(ForecastTest, GoesOnWithASeasonThatGrowsWithItsLevel) {
  absl::BitGen random;
  const std::vector<double> all = Grown(140 + 14, 0, random);
  const Forecast forecast = Predict({all.begin(), all.begin() + 140}, {.steps = 14, .season = 7});
  EXPECT_THAT(forecast.reason, HasSubstr("as factors of it"));
  ASSERT_EQ(forecast.values.size(), 14);
  for (size_t i = 0; i < 14; ++i) {
    EXPECT_THAT(forecast.values[i].value, DoubleNear(all[140 + i], 0.01 * all[140 + i])) << i;
  }
}

// The span of a good day is wider than that of a bad one, and four of five outcomes of either lie in it.
TEST(ForecastTest, TheSpanGrowsWithTheLevel) {
  absl::BitGen random;
  constexpr size_t kPast = 140;
  int inside[7] = {}, rounds = 0;
  for (; rounds < 300; ++rounds) {
    const std::vector<double> all = Grown(kPast + 7, 0.1, random);
    const Forecast forecast =
        Predict({all.begin(), all.begin() + kPast}, {.steps = 7, .season = 7});
    for (size_t i = 0; i < 7; ++i) {
      inside[i] +=
          forecast.values[i].low <= all[kPast + i] && all[kPast + i] <= forecast.values[i].high;
    }
    EXPECT_GT(forecast.values[5].high - forecast.values[5].low,
              2 * (forecast.values[6].high - forecast.values[6].low));
  }
  for (const int day : inside) {
    EXPECT_GT(day, 0.68 * rounds);
    EXPECT_LT(day, 0.92 * rounds);
  }
}

// Better than "as one season before" on seasonal series, and four of five outcomes lie in the span.
TEST(ForecastTest, BeatsTheNaiveForecastAndItsSpanHoldsFourOfFive) {
  absl::BitGen random;
  int inside = 0, outcomes = 0;
  for (const int season : {7, 12, 24}) {
    double error = 0, naive = 0;
    for (int round = 0; round < 40; ++round) {
      const size_t past = static_cast<size_t>(season) * 8;
      const std::vector<double> all = Made(past + 7, season, 0.3, 8, random);
      const std::vector<double> seen(all.begin(), all.begin() + static_cast<long>(past));
      const Forecast forecast = Predict(seen, {.steps = 7, .season = season});
      EXPECT_GT(forecast.scaled_error, 0);
      EXPECT_LT(forecast.scaled_error, 1.1);
      for (size_t i = 0; i < 7; ++i) {
        const double outcome = all[past + i];
        error += std::abs(forecast.values[i].value - outcome);
        naive += std::abs(seen[past + i - static_cast<size_t>(season)] - outcome);
        inside += forecast.values[i].low <= outcome && outcome <= forecast.values[i].high;
        ++outcomes;
      }
    }
    EXPECT_LT(error / naive, 1) << season;
  }
  const double share = static_cast<double>(inside) / outcomes;
  EXPECT_GT(share, 0.70);
  EXPECT_LT(share, 0.90);
}

}  // namespace
}  // namespace selfology::analytics
