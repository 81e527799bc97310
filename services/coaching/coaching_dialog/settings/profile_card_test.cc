#include "services/coaching/coaching_dialog/settings/profile_card.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coaching_dialog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

profile::v1::Profile Curious() {
  profile::v1::Profile profile;
  profile.mutable_big_five()->mutable_openness()->set_value(0.8);
  profile.mutable_big_five()->mutable_openness()->set_confidence(0.9);
  profile.mutable_big_five()->mutable_extraversion()->set_value(0.3);
  profile.mutable_big_five()->mutable_extraversion()->set_confidence(0.6);
  profile.mutable_big_five()->mutable_neuroticism()->set_value(0.9);
  profile.mutable_big_five()->mutable_neuroticism()->set_confidence(0.4);
  return profile;
}

trait::v1::TraitEvidence Reason(const std::string& trait, trait::v1::EvidenceKind kind,
                                double direction, const std::string& quote) {
  trait::v1::TraitEvidence reason;
  reason.set_trait_name(trait);
  reason.set_kind(kind);
  reason.set_direction(direction);
  reason.set_quote(quote);
  return reason;
}

TEST(ProfileRadarTest, LeavesOutWhatIsNotSure) {
  const picture::Radar radar = ProfileRadar(Language::kEnglish, Curious());
  ASSERT_THAT(radar.axes, SizeIs(5));
  EXPECT_EQ(radar.axes[0].value, 0.8);
  EXPECT_EQ(radar.axes[0].note, "quite sure");
  EXPECT_EQ(radar.axes[1].value, std::nullopt);
  EXPECT_EQ(radar.axes[1].note, "not known yet");
  EXPECT_EQ(radar.axes[2].note, "likely");
  EXPECT_EQ(radar.axes[4].value, std::nullopt) << "confidence 0.4";
  EXPECT_LT(radar.axes[0].spread, radar.axes[2].spread);
}

TEST(ProfileRadarTest, CanBeDrawnInBothLanguages) {
  for (const Language language : kLanguages) {
    EXPECT_TRUE(picture::DrawRadar(ProfileRadar(language, Curious())).ok());
    EXPECT_TRUE(picture::DrawRadar(ProfileRadar(language, profile::v1::Profile())).ok());
  }
  EXPECT_TRUE(ShowsTraits(Curious()));
  EXPECT_FALSE(ShowsTraits(profile::v1::Profile()));
}

TEST(EvidencePanelTest, QuotesWhatTheShownTraitsRestOn) {
  const v1::DialogMessage message = EvidencePanel(
      Language::kEnglish, "key", Curious(),
      {Reason("openness", trait::v1::EVIDENCE_KIND_TEXT, 1, "I draw <every> day"),
       Reason("openness", trait::v1::EVIDENCE_KIND_STATEMENT, -0.5, "I avoid poetry."),
       Reason("openness", trait::v1::EVIDENCE_KIND_CORRECTION, 1, ""),
       Reason("openness", trait::v1::EVIDENCE_KIND_TEXT, 1, "the fourth"),
       Reason("neuroticism", trait::v1::EVIDENCE_KIND_TEXT, 1, "I worry")});
  EXPECT_THAT(message.message_text(),
              AllOf(HasSubstr("△ “I draw &lt;every&gt; day”"),
                    HasSubstr("▽ how you rated “I avoid poetry.”"),
                    HasSubstr("△ what you said about it yourself"), HasSubstr("many small signs")));
  EXPECT_THAT(message.message_text(), AllOf(Not(HasSubstr("the fourth")), Not(HasSubstr("worry"))));
}

TEST(FitPanelTest, AsksOfEachShownTrait) {
  const v1::DialogMessage message = FitPanel(Language::kRussian, "key", Curious(), "Записал.");
  EXPECT_THAT(message.message_text(), HasSubstr("Записал.\n\nЭто про вас?"));
  ASSERT_THAT(message.button_rows(), SizeIs(3));
  EXPECT_EQ(message.button_rows(0).buttons(1).callback_data(), "profile:fit:openness:less");
  const FitPressed less = ReadFit("openness:less");
  EXPECT_EQ(less.trait_name, "openness");
  EXPECT_EQ(less.fit, profile::v1::TRAIT_FIT_TOO_HIGH);
  EXPECT_EQ(ReadFit("openness:more").fit, profile::v1::TRAIT_FIT_TOO_LOW);
  EXPECT_EQ(ReadFit("openness:right").fit, profile::v1::TRAIT_FIT_RIGHT);
  EXPECT_EQ(ReadFit("openness").fit, profile::v1::TRAIT_FIT_UNSPECIFIED);
  EXPECT_EQ(ReadFit("").fit, profile::v1::TRAIT_FIT_UNSPECIFIED);
}

}  // namespace
}  // namespace selfology::coaching_dialog
