// All the evidence of a person's traits taken together.
//
//   std::map<std::string, trait::v1::TraitEstimate> traits = Pool(evidence);
//   traits.at("openness").value();        // 0.5 + half of (probability of high - that of low)
//   traits.at("openness").confidence();   // probability that the pole shown is the right one
//
// A person's trait is low, average or high; before anything is known average is somewhat likelier
// than either pole. Evidence multiplies how likely each is, so that many agreeing signs lead far
// from the middle, whatever their order:
// - TEXT: a sign speaks for its pole and as much against the other one. An answer counts for one
//   sign and a half of a trait at most, and all texts together only so far: signs of one person are
//   not independent.
// - STATEMENT: a rating is the trait and noise; how much noise follows from the published
//   reliability of the Mini-IPIP's scales (mini_ipip.h). A middle rating speaks for average.
// - CORRECTION: what the person says themselves nearly rules out what they deny, and weighs more
//   than anything else of its size.
// The confidence is strict: of somebody who is average neither pole is right. Below kShown a trait
// should not be shown, nor anything be concluded from it. Traits without evidence are absent.
//
// More evidence for the pole that shows never lowers its confidence; evidence the other way round
// makes the value 1 minus it. Threads: pure functions. Statistics: Bayes' rule; for the noise of an
// item, alpha = k r / (1 + (k - 1) r) solved for r, the correlation of two items.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "selfology/trait/v1/trait.pb.h"
#include "services/coaching/lib/mini_ipip/mini_ipip.h"

namespace selfology::trait_evidence {

// What one clear sign of a text is worth at each pole of a trait: the logarithm of how much oftener
// those of the pole give it than others do. 0: signs of the pole are not used.
struct TextWorth {
  double low = 0;
  double high = 0;
};
using TextWorths = std::map<mini_ipip::Trait, TextWorth>;
// As measured with trait_figures; a pole whose signs do not beat chance has 0.
const TextWorths& MeasuredWorths();

// The least confidence that is shown to anybody.
inline constexpr double kShown = 0.5;

std::map<std::string, trait::v1::TraitEstimate> Pool(
    absl::Span<const trait::v1::TraitEvidence> evidence,
    const TextWorths& worths = MeasuredWorths());

// A rating, 1 to 5, as evidence of the trait that the statement measures.
trait::v1::TraitEvidence StatementEvidence(std::string_view trait_name, bool reversed, int rating);

// What a person says of the value that they are shown.
enum class Verdict { kRight, kTooHigh, kTooLow };
trait::v1::TraitEvidence CorrectionEvidence(std::string_view trait_name, Verdict verdict,
                                            double shown_value);

// The share of an item's variance that is the trait's: the correlation of two items of its scale.
double ItemCorrelation(mini_ipip::Trait trait);

// How far from average, in standard deviations, somebody is on average whom we call high.
inline constexpr double kPoleDistance = 1.4;
// Standard deviation of ratings, in points of the scale from 1 to 5.
inline constexpr double kRatingDeviation = 1.2;

}  // namespace selfology::trait_evidence
