#include "services/coaching/lib/lexicon/report.h"

#include <algorithm>
#include <cmath>

#include "services/coaching/lib/lexicon/estimates.h"

namespace selfology::lexicon {
namespace {

using analysis::v1::DeepAnalysis;
using analysis::v1::InstantAnalysis;

constexpr int kMaxThemes = 5;
constexpr int kMaxPatterns = 3;

}  // namespace

InstantAnalysis InstantReport(const Lexicon& lexicon, const Reading& reading, Language language) {
  InstantAnalysis report;
  report.set_sentiment(ToneOf(reading));
  report.set_quality_score(Quality(reading));
  for (const Theme theme : MainThemes(reading, kMaxThemes)) {
    report.add_key_themes(lexicon.phrases(language, theme).word());
  }
  return report;
}

DeepAnalysis DeepReport(const Lexicon& lexicon, const Reading& reading, Language language) {
  DeepAnalysis report;
  for (const Theme theme : MainThemes(reading, kMaxPatterns)) {
    const ThemePhrases& phrases = lexicon.phrases(language, theme);
    analysis::v1::AnswerPattern& pattern = *report.add_patterns();
    pattern.set_name(phrases.word());
    pattern.set_confidence(std::min(0.75, 1 - std::exp(-reading.theme(theme) / 3)));
  }
  *report.mutable_core_dynamics() = CoreDynamics(reading);
  *report.mutable_adaptive_traits() = AdaptiveTraits(reading);
  *report.mutable_unique_signature() = UniqueSignature(reading);
  for (const auto& [domain, value] : DomainAffinities(reading)) {
    (*report.mutable_domain_affinities())[domain] = value;
  }
  return report;
}

}  // namespace selfology::lexicon
