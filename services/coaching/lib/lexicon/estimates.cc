#include "services/coaching/lib/lexicon/estimates.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"

namespace selfology::lexicon {
namespace {

constexpr double kPrior = 1.5;
constexpr double kLeastEvidence = 1;

struct Cues {
  double high = 0;
  double low = 0;
  double sum() const { return high + low; }
  double value() const { return (kPrior + high) / (2 * kPrior + sum()); }
};

struct ThemeFacts {
  Theme theme;
  std::string_view domain;
  std::string_view trigger;
};

constexpr ThemeFacts kThemes[] = {
    {CREATIVITY, "CREATIVITY", "creative_answers"},
    {ALTRUISM, "RELATIONSHIPS", "altruistic_answers"},
    {FAMILY, "RELATIONSHIPS", "family_answers"},
    {FRIENDSHIP, "RELATIONSHIPS", "social_answers"},
    {LOVE, "RELATIONSHIPS", "relationship_answers"},
    {LONELINESS, "EMOTIONS", "lonely_answers"},
    {WORK, "WORK", "work_answers"},
    {ACHIEVEMENT, "WORK", "ambitious_answers"},
    {LEARNING, "GROWTH", "curious_answers"},
    {CHANGE, "GROWTH", "growth_answers"},
    {HEALTH, "HEALTH", "health_answers"},
    {REST, "HEALTH", "restful_answers"},
    {NATURE, "HEALTH", "nature_answers"},
    {MONEY, "MONEY", "money_answers"},
    {FREEDOM, "VALUES", "independent_answers"},
    {HONESTY, "VALUES", "principled_answers"},
    {MEANING, "SPIRITUALITY", "searching_answers"},
    {FAITH, "SPIRITUALITY", "spiritual_answers"},
    {SELF, "IDENTITY", "reflective_answers"},
    {FEELINGS, "EMOTIONS", "emotional_answers"},
    {WORRY, "EMOTIONS", "anxious_answers"},
    {PAST, "PAST", "nostalgic_answers"},
    {LOSS, "PAST", "grieving_answers"},
    {FUTURE, "FUTURE", "hopeful_answers"},
    {ADVENTURE, "FUTURE", "adventurous_answers"},
    {ORDER, "WORK", "orderly_answers"},
    {RECOGNITION, "IDENTITY", "recognition_answers"},
};

constexpr bool ThemesAreInOrder() {
  int expected = CREATIVITY;
  for (const ThemeFacts& facts : kThemes) {
    if (facts.theme != expected++) return false;
  }
  return expected == Theme_ARRAYSIZE;
}
static_assert(ThemesAreInOrder());

Cues CuesOf(const Reading& reading, Mark high) {
  return {.high = reading.mark(high), .low = reading.mark(static_cast<Mark>(high + 1))};
}

// The most evident style, or two joined by a hyphen when the second is half as evident; always in
// the order given, so that a profile does not waver between "a-b" and "b-a".
std::string Style(const Reading& reading, double least,
                  absl::Span<const std::pair<Mark, std::string_view>> styles, bool joined = true) {
  std::vector<std::pair<Mark, std::string_view>> ranked(styles.begin(), styles.end());
  absl::c_sort(ranked, [&](const auto& a, const auto& b) {
    return std::pair(-reading.mark(a.first), a.first) < std::pair(-reading.mark(b.first), b.first);
  });
  const double first = reading.mark(ranked[0].first), second = reading.mark(ranked[1].first);
  if (first < least) return "";
  if (!joined || second < least || second < 0.5 * first) return std::string(ranked[0].second);
  ranked.resize(2);
  absl::c_sort(ranked);
  return absl::StrCat(ranked[0].second, "-", ranked[1].second);
}

}  // namespace

profile::v1::CoreDynamics CoreDynamics(const Reading& reading) {
  profile::v1::CoreDynamics dynamics;
  const auto value = [&](Mark high) -> std::optional<double> {
    const Cues cues = CuesOf(reading, high);
    if (cues.sum() < kLeastEvidence) return std::nullopt;
    return cues.value();
  };
  if (const auto x = value(SELF_AWARENESS_HIGH)) dynamics.set_self_awareness(*x);
  if (const auto x = value(REGULATION_HIGH)) dynamics.set_emotional_regulation(*x);
  if (const auto x = value(MOTIVATION_HIGH)) dynamics.set_motivation(*x);
  if (const auto x = value(RESILIENCE_HIGH)) dynamics.set_resilience(*x);
  return dynamics;
}

profile::v1::AdaptiveTraits AdaptiveTraits(const Reading& reading) {
  profile::v1::AdaptiveTraits traits;
  traits.set_learning_style(Style(reading, 2,
                                  {{VISUAL, "visual"},
                                   {AUDITORY, "auditory"},
                                   {KINESTHETIC, "kinesthetic"},
                                   {VERBAL, "verbal"}}));
  traits.set_stress_response(Style(reading, 1,
                                   {{SOLVES_PROBLEMS, "problem-solving"},
                                    {SEEKS_SUPPORT, "support-seeking"},
                                    {AVOIDS, "avoidance"},
                                    {ACCEPTS, "acceptance"}},
                                   /*joined=*/false));
  traits.set_decision_pattern(
      Style(reading, 1, {{INTUITIVE, "intuitive"}, {ANALYTICAL, "analytical"}}));
  return traits;
}

profile::v1::UniqueSignature UniqueSignature(const Reading& reading) {
  profile::v1::UniqueSignature signature;
  signature.set_thinking_style(Style(reading, 2,
                                     {{ASSOCIATIVE, "associative"},
                                      {STRUCTURED, "structured"},
                                      {REFLECTIVE, "reflective"},
                                      {PRACTICAL, "practical"}}));
  signature.set_decision_pattern(AdaptiveTraits(reading).decision_pattern());
  signature.set_energy_rhythm(Style(
      reading, 1, {{MORNING, "morning-peaks"}, {EVENING, "evening-peaks"}}, /*joined=*/false));
  return signature;
}

std::map<std::string, double> DomainAffinities(const Reading& reading) {
  std::map<std::string, double> evidence;
  for (const ThemeFacts& facts : kThemes) {
    if (reading.theme(facts.theme) > 0) {
      evidence[std::string(facts.domain)] += reading.theme(facts.theme);
    }
  }
  // One word is some interest, four are much.
  for (auto& [domain, value] : evidence) value = 1 - std::exp(-(value + 0.5) / 1.6);
  return evidence;
}

std::string_view DomainOf(Theme theme) {
  return theme == THEME_UNSPECIFIED ? "" : kThemes[theme - 1].domain;
}

std::string_view TriggerOf(Theme theme) {
  return theme == THEME_UNSPECIFIED ? "" : kThemes[theme - 1].trigger;
}

}  // namespace selfology::lexicon
