#include "services/coaching/profile/layers.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/proto_matchers.h"

namespace selfology::profile {
namespace {

using events::v1::TraitExtracted;
using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TraitExtracted Openness(double value, double confidence) {
  TraitExtracted event;
  (*event.mutable_traits())["openness"].set_value(value);
  (*event.mutable_traits())["openness"].set_confidence(confidence);
  return event;
}

TEST(LearnTest, TheFirstReadingIsTakenAsItIs) {
  const v1::Profile profile = Learn({}, Openness(0.82, 0.75));
  EXPECT_DOUBLE_EQ(profile.big_five().openness().value(), 0.82);
  EXPECT_DOUBLE_EQ(profile.big_five().openness().confidence(), 0.75);
}

TEST(LearnTest, ASurerReadingMovesAValueMore) {
  const v1::Profile before = Learn({}, Openness(0.2, 0.5));
  const double by_guess = Learn(before, Openness(0.8, 0.1)).big_five().openness().value();
  const double by_proof = Learn(before, Openness(0.8, 0.9)).big_five().openness().value();
  EXPECT_GT(by_guess, 0.2);
  EXPECT_GT(by_proof, by_guess);
  EXPECT_LT(by_proof, 0.8);
}

// Whatever is learnt: a value stays between what was known and what was seen, confidence never
// falls and never reaches certainty.
TEST(LearnTest, StaysInBoundsWhateverIsLearnt) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> any(-0.5, 1.5);
  v1::Profile profile;
  for (int round = 0; round < 2'000; ++round) {
    const double seen = any(random), confidence = any(random);
    const trait::v1::TraitEstimate before = profile.big_five().openness();
    profile = Learn(profile, Openness(seen, confidence));
    const trait::v1::TraitEstimate after = profile.big_five().openness();
    const double clamped = std::clamp(seen, 0.0, 1.0);
    EXPECT_GE(after.value() + 1e-12, std::min(before.value(), clamped));
    EXPECT_LE(after.value() - 1e-12, std::max(before.value(), clamped));
    EXPECT_GE(after.confidence() + 1e-12, std::min(before.confidence(), 0.95));
    EXPECT_LE(after.confidence(), 0.95);
  }
}

TEST(LearnTest, WhatIsNoNumberOrNoTraitTeachesNothing) {
  TraitExtracted event = Openness(std::nan(""), 0.5);
  (*event.mutable_traits())["charm"].set_value(1);
  EXPECT_THAT(ChangedFields({}, Learn({}, event)), IsEmpty());
}

TEST(LearnTest, WordsAreReplacedAndAffinitiesMove) {
  TraitExtracted event;
  event.mutable_adaptive_traits()->set_learning_style("visual");
  (*event.mutable_domain_affinities())["GROWTH"] = 0.9;
  v1::Profile profile = Learn({}, event);
  event.mutable_adaptive_traits()->set_learning_style("kinesthetic");
  (*event.mutable_domain_affinities())["GROWTH"] = 0.3;
  profile = Learn(profile, event);
  EXPECT_EQ(profile.adaptive_traits().learning_style(), "kinesthetic");
  EXPECT_NEAR(profile.domain_affinities().at("GROWTH"), 0.7, 1e-9);
}

TEST(ChangedFieldsTest, NamesEveryPathThatDiffers) {
  v1::Profile before, after;
  before.mutable_unique_signature()->set_thinking_style("linear");
  after.mutable_big_five()->mutable_openness()->set_value(0.5);
  (*after.mutable_domain_affinities())["IDENTITY"] = 0.1;
  EXPECT_THAT(ChangedFields(before, after),
              ElementsAre("big_five.openness.value", "domain_affinities.IDENTITY",
                          "unique_signature.thinking_style"));
  EXPECT_THAT(ChangedFields(after, after), IsEmpty());
}

v1::UpdateProfileRequest Request(const std::vector<std::string>& paths) {
  v1::UpdateProfileRequest request;
  for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
  return request;
}

TEST(ChangeTest, WithoutAMaskMergesAllThatIsSet) {
  v1::Profile before;
  before.mutable_adaptive_traits()->set_learning_style("visual");
  auto request = Request({});
  request.mutable_profile()->mutable_adaptive_traits()->set_stress_response("problem-solving");
  const v1::Profile after = *Change(before, request);
  EXPECT_EQ(after.adaptive_traits().learning_style(), "visual");
  EXPECT_EQ(after.adaptive_traits().stress_response(), "problem-solving");
}

TEST(ChangeTest, APathInTheMaskAndNotInTheProfileIsCleared) {
  v1::Profile before;
  before.mutable_adaptive_traits()->set_learning_style("visual");
  before.mutable_unique_signature()->set_thinking_style("linear");
  const v1::Profile after = *Change(before, Request({"adaptive_traits.learning_style"}));
  EXPECT_EQ(after.adaptive_traits().learning_style(), "");
  EXPECT_EQ(after.unique_signature().thinking_style(), "linear");
}

TEST(ChangeTest, AffinitiesAreMergedByDomain) {
  v1::Profile before;
  (*before.mutable_domain_affinities())["IDENTITY"] = 0.1;
  auto request = Request({"domain_affinities"});
  (*request.mutable_profile()->mutable_domain_affinities())["GROWTH"] = 0.2;
  EXPECT_THAT(Change(before, request)->domain_affinities(), SizeIs(2));
}

TEST(ChangeTest, NeverTouchesVersionOrTimes) {
  v1::Profile before;
  before.set_version(4);
  auto request = Request({});
  request.mutable_profile()->set_version(4);
  request.mutable_profile()->set_user_id(9);
  EXPECT_THAT(*Change(before, request), EqualsProto(before));
}

TEST(ChangeTest, NamesWhatIsWrong) {
  auto request = Request({"version", "no.such", "big_five.openness"});
  request.mutable_profile()->mutable_big_five()->mutable_openness()->set_value(1.5);
  (*request.mutable_profile()->mutable_domain_affinities())["GROWTH"] = -1;
  EXPECT_THAT(status::Violations(Change({}, request).status()), SizeIs(4));
}

TEST(ChangeTest, CountsPathsBeforeItLooksAtThem) {
  const auto request = Request(std::vector<std::string>(101, "no.such"));
  EXPECT_THAT(status::Violations(Change({}, request).status()),
              ElementsAre(status::FieldViolation{.field = "update_mask.paths",
                                                 .rule = "must be at most 100"}));
}

TEST(SummarizeTest, TellsTraitsAndInterestsButNotWho) {
  v1::Profile profile = Learn({}, Openness(0.82, 0.75));
  profile.set_user_id(123456);
  (*profile.mutable_domain_affinities())["GROWTH"] = 0.88;
  EXPECT_EQ(Summarize(profile), "high openness; drawn to growth.");
  EXPECT_EQ(Summarize({}), "Nothing known yet.");
}

}  // namespace
}  // namespace selfology::profile
