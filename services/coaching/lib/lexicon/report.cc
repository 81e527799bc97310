#include "services/coaching/lib/lexicon/report.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "services/coaching/lib/lexicon/estimates.h"

namespace selfology::lexicon {
namespace {

using analysis::v1::DeepAnalysis;
using analysis::v1::InstantAnalysis;

constexpr int kMaxThemes = 5;
constexpr int kMaxPatterns = 3;
constexpr int kMaxInsights = 4;
constexpr int kTooFewWords = 3;
// How far from the middle a trait must be to be worth a sentence.
constexpr double kRemarkable = 0.12;

const std::string& Pick(const ByTone& texts, analysis::v1::Sentiment tone) {
  switch (tone) {
    case analysis::v1::SENTIMENT_POSITIVE:
      return texts.positive();
    case analysis::v1::SENTIMENT_NEGATIVE:
      return texts.negative();
    case analysis::v1::SENTIMENT_MIXED:
      return texts.mixed();
    default:
      return texts.neutral();
  }
}

// What the person shows much or little of, most remarkable first.
std::vector<std::string> TraitSentences(const Phrases& phrases, const Reading& reading) {
  std::vector<std::pair<double, std::string>> sentences;
  const auto add = [&](std::string_view name, double value) {
    const double distance = std::abs(value - 0.5);
    if (distance < kRemarkable) return;
    for (const TraitPhrases& trait : phrases.trait()) {
      if (trait.name() == name) {
        sentences.emplace_back(-distance, value > 0.5 ? trait.high() : trait.low());
      }
    }
  };
  for (const auto& [name, trait] : BigFive(reading)) add(name, trait.value());
  const profile::v1::CoreDynamics dynamics = CoreDynamics(reading);
  if (dynamics.has_self_awareness()) add("self_awareness", dynamics.self_awareness());
  if (dynamics.has_emotional_regulation()) {
    add("emotional_regulation", dynamics.emotional_regulation());
  }
  if (dynamics.has_motivation()) add("motivation", dynamics.motivation());
  if (dynamics.has_resilience()) add("resilience", dynamics.resilience());
  std::sort(sentences.begin(), sentences.end());
  std::vector<std::string> texts;
  for (auto& [order, text] : sentences) texts.push_back(std::move(text));
  return texts;
}

}  // namespace

const std::string& SaidOf(const Lexicon& lexicon, Theme theme, analysis::v1::Sentiment tone,
                          Language language) {
  return Pick(lexicon.phrases(language, theme).said(), tone);
}

std::string InsightSentence(const Lexicon& lexicon, const Reading& reading, Language language) {
  const Phrases& phrases = lexicon.phrases(language);
  const analysis::v1::Sentiment tone = ToneOf(reading);
  const std::vector<Theme> themes = MainThemes(reading, 2);
  if (themes.empty()) {
    return reading.words <= kTooFewWords ? phrases.too_short() : Pick(phrases.no_theme(), tone);
  }
  if (themes.size() == 1) return SaidOf(lexicon, themes[0], tone, language);
  return absl::Substitute(Pick(phrases.two_themes(), tone),
                          lexicon.phrases(language, themes[0]).noun(),
                          lexicon.phrases(language, themes[1]).noun());
}

std::string SummarySentence(const Lexicon& lexicon, const Reading& reading, Language language) {
  const Phrases& phrases = lexicon.phrases(language);
  const std::string& tone = Pick(phrases.tone(), ToneOf(reading));
  std::vector<std::string> nouns;
  for (const Theme theme : MainThemes(reading, 3)) {
    nouns.push_back(lexicon.phrases(language, theme).noun());
  }
  if (nouns.empty()) {
    // The tone has the same place in both sentences.
    return absl::Substitute(phrases.summary_without_themes(), "", tone);
  }
  std::string list = nouns.back();
  if (nouns.size() > 1) {
    nouns.pop_back();
    list = absl::StrCat(absl::StrJoin(nouns, ", "), phrases.last_of_list(), list);
  }
  return absl::Substitute(phrases.summary(), list, tone);
}

InstantAnalysis InstantReport(const Lexicon& lexicon, const Reading& reading, Language language) {
  InstantAnalysis report;
  report.set_sentiment(ToneOf(reading));
  report.set_quality_score(Quality(reading));
  for (const Theme theme : MainThemes(reading, kMaxThemes)) {
    report.add_key_themes(lexicon.phrases(language, theme).word());
  }
  report.set_brief_insight(InsightSentence(lexicon, reading, language));
  return report;
}

DeepAnalysis DeepReport(const Lexicon& lexicon, const Reading& reading, Language language) {
  DeepAnalysis report;
  const analysis::v1::Sentiment tone = ToneOf(reading);
  for (const Theme theme : MainThemes(reading, kMaxPatterns)) {
    const ThemePhrases& phrases = lexicon.phrases(language, theme);
    report.add_insights(SaidOf(lexicon, theme, tone, language));
    analysis::v1::AnswerPattern& pattern = *report.add_patterns();
    pattern.set_name(phrases.word());
    pattern.set_description(phrases.pattern());
    pattern.set_confidence(std::min(0.75, 1 - std::exp(-reading.theme(theme) / 3)));
  }
  for (std::string& sentence : TraitSentences(lexicon.phrases(language), reading)) {
    if (report.insights_size() == kMaxInsights) break;
    report.add_insights(std::move(sentence));
  }
  for (const auto& [name, trait] : BigFive(reading)) (*report.mutable_traits())[name] = trait;
  *report.mutable_core_dynamics() = CoreDynamics(reading);
  *report.mutable_adaptive_traits() = AdaptiveTraits(reading);
  *report.mutable_unique_signature() = UniqueSignature(reading);
  for (const auto& [domain, value] : DomainAffinities(reading)) {
    (*report.mutable_domain_affinities())[domain] = value;
  }
  report.set_summary(SummarySentence(lexicon, reading, language));
  return report;
}

}  // namespace selfology::lexicon
