#include "services/coaching/lib/trait_evidence/pool.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::trait_evidence {
namespace {

using mini_ipip::Trait;
using ::testing::IsEmpty;
using trait::v1::TraitEstimate;
using trait::v1::TraitEvidence;

constexpr double kTiny = 1e-9;
const TextWorths kEqual = {{Trait::kOpenness, {.low = 0.6, .high = 0.6}}};

TraitEvidence Sign(double direction, int64_t answer_id, double weight = 1) {
  TraitEvidence sign;
  sign.set_trait_name("openness");
  sign.set_kind(trait::v1::EVIDENCE_KIND_TEXT);
  sign.set_direction(direction);
  sign.set_weight(weight);
  sign.set_answer_id(answer_id);
  return sign;
}

TraitEstimate OpennessOf(const std::vector<TraitEvidence>& evidence) {
  return Pool(evidence, kEqual).at("openness");
}

TraitEvidence AnyEvidence(std::mt19937& random) {
  switch (random() % 3) {
    case 0:
      return Sign(random() % 2 == 0 ? 1 : -1, 1 + random() % 5, 0.2 + 0.1 * (random() % 14));
    case 1:
      return StatementEvidence("openness", random() % 2 == 0, 1 + static_cast<int>(random() % 5));
    default:
      return CorrectionEvidence("openness", static_cast<Verdict>(random() % 3),
                                0.1 * static_cast<double>(random() % 11));
  }
}

std::vector<TraitEvidence> AnyList(std::mt19937& random) {
  std::vector<TraitEvidence> evidence;
  for (auto i = 1 + random() % 12; i > 0; --i) evidence.push_back(AnyEvidence(random));
  return evidence;
}

TEST(PoolTest, ManyAgreeingSignsLeadFarFromTheMiddle) {
  std::vector<TraitEvidence> signs;
  double before = 0.5;
  for (int answer = 1; answer <= 4; ++answer) {
    signs.push_back(Sign(1, answer));
    EXPECT_GT(OpennessOf(signs).value(), before);
    before = OpennessOf(signs).value();
  }
  EXPECT_GT(before, 0.85);
  EXPECT_GT(OpennessOf(signs).confidence(), 0.8);
}

TEST(PoolTest, OneSignAloneIsNotShown) {
  EXPECT_LT(OpennessOf({Sign(1, 1)}).confidence(), kShown);
  EXPECT_LT(OpennessOf({Sign(-1, 1)}).confidence(), kShown);
}

TEST(PoolTest, OneAnswerSaysOnlySoMuch) {
  std::vector<TraitEvidence> one_answer, answers;
  for (int i = 1; i <= 6; ++i) {
    one_answer.push_back(Sign(1, 1));
    answers.push_back(Sign(1, i));
  }
  EXPECT_LT(OpennessOf(one_answer).confidence(), OpennessOf(answers).confidence());
}

TEST(PoolTest, AgreeingEvidenceNeverLowersConfidence) {
  std::mt19937 random(1);
  for (int round = 0; round < 3'000; ++round) {
    std::vector<TraitEvidence> evidence = AnyList(random);
    const TraitEstimate before = OpennessOf(evidence);
    const bool high = before.value() > 0.5;
    if (before.value() == 0.5) continue;
    switch (random() % 3) {
      case 0:
        evidence.push_back(Sign(high ? 1 : -1, 1 + random() % 8));
        break;
      case 1:
        evidence.push_back(
            StatementEvidence("openness", !high, 4 + static_cast<int>(random() % 2)));
        break;
      default:
        evidence.push_back(CorrectionEvidence("openness", Verdict::kRight, high ? 0.9 : 0.1));
    }
    EXPECT_GE(OpennessOf(evidence).confidence() + kTiny, before.confidence());
  }
}

TEST(PoolTest, OrderDoesNotMatter) {
  std::mt19937 random(2);
  for (int round = 0; round < 1'000; ++round) {
    std::vector<TraitEvidence> evidence = AnyList(random);
    const TraitEstimate before = OpennessOf(evidence);
    std::shuffle(evidence.begin(), evidence.end(), random);
    EXPECT_NEAR(OpennessOf(evidence).value(), before.value(), kTiny);
    EXPECT_NEAR(OpennessOf(evidence).confidence(), before.confidence(), kTiny);
  }
}

TEST(PoolTest, MirroredEvidenceMirrorsTheValue) {
  std::mt19937 random(3);
  for (int round = 0; round < 1'000; ++round) {
    std::vector<TraitEvidence> evidence = AnyList(random);
    const TraitEstimate before = OpennessOf(evidence);
    for (TraitEvidence& one : evidence) one.set_direction(-one.direction());
    EXPECT_NEAR(OpennessOf(evidence).value(), 1 - before.value(), kTiny);
    EXPECT_NEAR(OpennessOf(evidence).confidence(), before.confidence(), kTiny);
  }
}

TEST(PoolTest, KeepsWithinBounds) {
  std::mt19937 random(4);
  for (int round = 0; round < 1'000; ++round) {
    const TraitEstimate estimate = OpennessOf(AnyList(random));
    EXPECT_GE(estimate.value(), 0);
    EXPECT_LE(estimate.value(), 1);
    EXPECT_GE(estimate.confidence(), 0);
    EXPECT_LE(estimate.confidence(), 1);
  }
}

TEST(PoolTest, StatementsThatAgreeAreShown) {
  std::vector<TraitEvidence> ratings = {StatementEvidence("openness", false, 5),
                                        StatementEvidence("openness", true, 1),
                                        StatementEvidence("openness", true, 2)};
  EXPECT_GT(OpennessOf(ratings).value(), 0.8);
  EXPECT_GE(OpennessOf(ratings).confidence(), kShown);
  for (TraitEvidence& rating : ratings) rating.set_direction(0);
  EXPECT_NEAR(OpennessOf(ratings).value(), 0.5, kTiny) << "neither accurate nor inaccurate";
  EXPECT_LT(OpennessOf(ratings).confidence(), 0.3);
}

TEST(PoolTest, ACorrectionWeighsMost) {
  std::vector<TraitEvidence> evidence;
  for (int answer = 1; answer <= 5; ++answer) evidence.push_back(Sign(1, answer));
  const double shown = OpennessOf(evidence).value();
  evidence.push_back(CorrectionEvidence("openness", Verdict::kTooHigh, shown));
  EXPECT_LT(OpennessOf(evidence).value(), 0.6);
  evidence.back() = CorrectionEvidence("openness", Verdict::kRight, shown);
  EXPECT_GT(OpennessOf(evidence).confidence(), 0.95);
  evidence.back() = CorrectionEvidence("openness", Verdict::kTooLow, shown);
  EXPECT_GT(OpennessOf(evidence).value(), shown);
}

TEST(PoolTest, ReplacedSignsCountNoMore) {
  const std::vector<TraitEvidence> first = {Sign(1, 1), Sign(1, 2)};
  const std::vector<TraitEvidence> revised = {Sign(1, 1), Sign(-1, 2)};
  EXPECT_GT(OpennessOf(first).value(), 0.6);
  EXPECT_NEAR(OpennessOf(revised).value(), 0.5, kTiny);
}

TEST(PoolTest, AnUnusedPoleSaysNothing) {
  const TextWorths only_high = {{Trait::kOpenness, {.low = 0, .high = 0.6}}};
  const std::vector<TraitEvidence> low = {Sign(-1, 1), Sign(-1, 2)};
  EXPECT_THAT(Pool(low, only_high), IsEmpty());
  EXPECT_GT(Pool({Sign(1, 1), Sign(-1, 1)}, only_high).at("openness").value(), 0.5);
}

TEST(PoolTest, WhatIsNoEvidenceTeachesNothing) {
  TraitEvidence charm = Sign(1, 1);
  charm.set_trait_name("charm");
  EXPECT_THAT(Pool({charm, Sign(1, 1, /*weight=*/0), Sign(std::nan(""), 1)}), IsEmpty());
  EXPECT_THAT(Pool({}), IsEmpty());
}

TEST(ItemCorrelationTest, GivesTheScalesItsReliability) {
  for (const Trait trait : mini_ipip::kTraits) {
    const double r = ItemCorrelation(trait);
    EXPECT_GT(4 * r / (1 + 3 * r), 0.6);
    EXPECT_LT(4 * r / (1 + 3 * r), 0.8);
  }
}

}  // namespace
}  // namespace selfology::trait_evidence
