#include "services/coaching/profile/layers.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/trait_evidence/pool.h"
#include "testing/proto_matchers.h"

namespace selfology::profile {
namespace {

using events::v1::TraitExtracted;
using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

trait::v1::TraitEvidence Sign(const std::string& trait, double direction, int64_t answer_id) {
  trait::v1::TraitEvidence sign;
  sign.set_trait_name(trait);
  sign.set_kind(trait::v1::EVIDENCE_KIND_TEXT);
  sign.set_direction(direction);
  sign.set_weight(1);
  sign.set_answer_id(answer_id);
  return sign;
}

TEST(WithTraitsTest, TakesTraitsFromAllTheirEvidence) {
  const std::vector<trait::v1::TraitEvidence> evidence = {
      trait_evidence::StatementEvidence("openness", false, 5),
      trait_evidence::StatementEvidence("extraversion", true, 5)};
  const v1::Profile profile = WithTraits({}, evidence, {"openness", "extraversion"});
  EXPECT_GT(profile.big_five().openness().value(), 0.5);
  EXPECT_LT(profile.big_five().extraversion().value(), 0.5);
  EXPECT_FALSE(profile.big_five().has_neuroticism());
}

TEST(WithTraitsTest, LeavesOthersAloneAndClearsWhatHasNoneLeft) {
  v1::Profile before;
  before.mutable_big_five()->mutable_openness()->set_value(0.8);
  before.mutable_big_five()->mutable_neuroticism()->set_value(0.7);
  const v1::Profile after = WithTraits(before, {}, {"openness", "charm"});
  EXPECT_FALSE(after.big_five().has_openness());
  EXPECT_EQ(after.big_five().neuroticism().value(), 0.7);
}

TEST(FindTraitTest, KnowsTheFiveThatAreThere) {
  v1::Profile profile;
  profile.mutable_big_five()->mutable_openness()->set_value(0.8);
  ASSERT_NE(FindTrait(profile, "openness"), nullptr);
  EXPECT_EQ(FindTrait(profile, "openness")->value(), 0.8);
  EXPECT_EQ(FindTrait(profile, "neuroticism"), nullptr);
  EXPECT_EQ(FindTrait(profile, "charm"), nullptr);
}

TEST(WeightiestTest, PutsCorrectionsAndStrongSignsFirst) {
  std::vector<trait::v1::TraitEvidence> evidence = {
      Sign("openness", 0.5, 1), Sign("openness", -1, 2), Sign("extraversion", 1, 3),
      trait_evidence::CorrectionEvidence("openness", trait_evidence::Verdict::kTooLow, 0.3)};
  const auto all = Weightiest(evidence, "", 2);
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].trait_name(), "extraversion");
  EXPECT_EQ(all[1].kind(), trait::v1::EVIDENCE_KIND_CORRECTION);
  EXPECT_EQ(all[2].answer_id(), 2);
  EXPECT_THAT(Weightiest(evidence, "openness", 50), SizeIs(3));
  EXPECT_THAT(Weightiest(evidence, "charm", 50), IsEmpty());
}

TEST(LearnTest, NumbersWithoutEvidenceTeachNothingOfTraits) {
  TraitExtracted event;
  (*event.mutable_traits())["openness"].set_value(0.9);
  (*event.mutable_domain_affinities())[""] = 1;
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
  v1::Profile profile;
  profile.mutable_big_five()->mutable_openness()->set_value(0.82);
  profile.mutable_big_five()->mutable_openness()->set_confidence(0.75);
  profile.mutable_big_five()->mutable_neuroticism()->set_value(0.9);
  profile.mutable_big_five()->mutable_neuroticism()->set_confidence(0.4);  // Too unsure to tell.
  profile.set_user_id(123456);
  (*profile.mutable_domain_affinities())["GROWTH"] = 0.88;
  EXPECT_EQ(Summarize(profile), "high openness; drawn to growth.");
  EXPECT_EQ(Summarize({}), "Nothing known yet.");
}

}  // namespace
}  // namespace selfology::profile
