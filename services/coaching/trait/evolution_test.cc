#include "services/coaching/trait/evolution.h"

#include <cmath>
#include <limits>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::trait {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'759'312'800);
const TraitName kOpenness = {v1::TRAIT_CATEGORY_BIG_FIVE, "openness"};

std::vector<Sample> Values(const std::vector<double>& values) {
  std::vector<Sample> samples;
  for (const double value : values) {
    samples.push_back(
        {kNow + static_cast<double>(samples.size()) * absl::Minutes(1), value, 0.8, ""});
  }
  return samples;
}

v1::TraitPatternType TypeOf(const std::vector<double>& values) {
  const auto pattern = FindPattern(kOpenness, Values(values), kNow, 30);
  return pattern.has_value() ? pattern->type() : v1::TRAIT_PATTERN_TYPE_UNSPECIFIED;
}

TEST(PatternTest, TellsTheDocumentedShapes) {
  EXPECT_EQ(TypeOf({0.4, 0.5, 0.6}), v1::TRAIT_PATTERN_TYPE_INCREASING);
  EXPECT_EQ(TypeOf({0.6, 0.5, 0.4}), v1::TRAIT_PATTERN_TYPE_DECREASING);
  EXPECT_EQ(TypeOf({0.50, 0.52, 0.51, 0.50}), v1::TRAIT_PATTERN_TYPE_STABLE);
  EXPECT_EQ(TypeOf({0.2, 0.8, 0.8, 0.2}), v1::TRAIT_PATTERN_TYPE_OSCILLATING);
  EXPECT_EQ(TypeOf({0.50, 0.58, 0.50}), v1::TRAIT_PATTERN_TYPE_UNSPECIFIED) << "none of them";
}

TEST(WordsTest, TellsWhichOnesChanged) {
  events::v1::TraitExtracted event;
  event.mutable_adaptive_traits()->set_decision_pattern("intuitive");
  event.mutable_unique_signature()->set_decision_pattern("analytical");
  const Words seen = ExtractWords(event);
  ASSERT_THAT(seen, SizeIs(2)) << "each layer has its own";
  EXPECT_EQ(ChangedWords({}, seen), seen);
  EXPECT_THAT(ChangedWords(seen, seen), IsEmpty());
  EXPECT_THAT(ChangedWords(seen, {}), IsEmpty()) << "what does not show is no change";
}

TEST(PatternTest, TwoValuesHaveNoShape) {
  EXPECT_EQ(TypeOf({0.1, 0.9}), v1::TRAIT_PATTERN_TYPE_UNSPECIFIED);
}

TEST(PatternTest, AClearerMovementIsStronger) {
  const auto clear = FindPattern(kOpenness, Values({0.1, 0.3, 0.5, 0.7, 0.9}), kNow, 30);
  const auto weak = FindPattern(kOpenness, Values({0.4, 0.6, 0.45, 0.55, 0.65}), kNow, 30);
  EXPECT_GT(clear->strength(), weak->strength());
  EXPECT_NEAR(clear->trend(), 0.8, 1e-9);
}

TEST(PatternTest, MirroredValuesGiveTheMirroredShape) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> value(0, 1);
  for (int round = 0; round < 1'000; ++round) {
    std::vector<double> values(3 + random() % 10), mirrored;
    for (double& v : values) v = value(random);
    for (const double v : values) mirrored.push_back(1 - v);
    const auto a = FindPattern(kOpenness, Values(values), kNow, 30);
    const auto b = FindPattern(kOpenness, Values(mirrored), kNow, 30);
    ASSERT_EQ(a.has_value(), b.has_value());
    if (!a.has_value()) continue;
    EXPECT_NEAR(a->trend(), -b->trend(), 1e-9);
    EXPECT_NEAR(a->strength(), b->strength(), 1e-9);
    EXPECT_GE(a->strength(), 0);
    EXPECT_LE(a->strength(), 1);
    EXPECT_LE(a->standard_deviation(), 0.5);
    const bool moves = a->type() == v1::TRAIT_PATTERN_TYPE_INCREASING ||
                       a->type() == v1::TRAIT_PATTERN_TYPE_DECREASING;
    EXPECT_EQ(a->type() != b->type(), moves);
  }
}

TEST(ChangesTest, ReportsFromFirstToLastLargestFirst) {
  History history;
  history[kOpenness] = Values({0.70, 0.2, 0.82});
  history[{v1::TRAIT_CATEGORY_BIG_FIVE, "neuroticism"}] = Values({0.9, 0.4});
  history[{v1::TRAIT_CATEGORY_BIG_FIVE, "agreeableness"}] = Values({0.5, 0.55});
  history[{v1::TRAIT_CATEGORY_BIG_FIVE, "extraversion"}] = Values({0.1});
  const auto changes = Changes(history, 0.1);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].trait_name(), "neuroticism");
  EXPECT_NEAR(changes[0].change(), -0.5, 1e-9);
  EXPECT_EQ(changes[1].trait_name(), "openness");
  EXPECT_NEAR(changes[1].change(), 0.12, 1e-9);
}

TEST(ChangesTest, ATenthIsATenth) {
  History history;
  history[kOpenness] = Values({0.7, 0.8});
  EXPECT_THAT(Changes(history, 0.1), SizeIs(1));
  EXPECT_THAT(Changes(history, 0.11), IsEmpty());
}

TEST(ExtractTest, BringsValuesIntoRangeAndLeavesOutWhatIsNoNumber) {
  events::v1::TraitExtracted event;
  (*event.mutable_traits())["openness"].set_value(1.7);
  (*event.mutable_traits())["neuroticism"].set_value(std::numeric_limits<double>::quiet_NaN());
  event.mutable_core_dynamics()->set_resilience(-1);
  (*event.mutable_domain_affinities())["GROWTH"] = 0.88;
  const auto samples = Extract(event, kNow);
  ASSERT_THAT(samples, SizeIs(3));
  EXPECT_EQ(samples.at(kOpenness).value, 1);
  EXPECT_EQ(samples.at({v1::TRAIT_CATEGORY_CORE_DYNAMICS, "resilience"}).value, 0);
  EXPECT_EQ(samples.at({v1::TRAIT_CATEGORY_DOMAIN_AFFINITY, "GROWTH"}).value, 0.88);
}

}  // namespace
}  // namespace selfology::trait
