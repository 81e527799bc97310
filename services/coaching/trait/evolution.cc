#include "services/coaching/trait/evolution.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "common/timestamps/timestamp.h"

namespace selfology::trait {
namespace {

constexpr double kTrend = 0.15;
constexpr double kStableVariation = 0.05;
constexpr double kOscillatingDeviation = 0.15;
constexpr size_t kLeastSamples = 3;
// Affinities come without a confidence of their own.
constexpr double kAffinityConfidence = 0.5;

struct Shape {
  double trend = 0;      // Along the fitted line, from the first sample to the last.
  double deviation = 0;  // Of the values, around their mean.
  double residual = 0;   // Around the fitted line.
  double variation = 0;  // Between the highest and the lowest.
};

// Least squares over the order of the samples, not their times: answers come in bursts, and a week
// without one is no movement.
Shape Measure(const std::vector<Sample>& samples) {
  const auto n = static_cast<double>(samples.size());
  const double mean_x = (n - 1) / 2;
  double mean_y = 0;
  for (const Sample& sample : samples) mean_y += sample.value / n;
  double xx = 0, xy = 0, yy = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const double x = static_cast<double>(i) - mean_x;
    const double y = samples[i].value - mean_y;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  const double slope = xy / xx;
  const auto [low, high] =
      std::minmax_element(samples.begin(), samples.end(),
                          [](const Sample& a, const Sample& b) { return a.value < b.value; });
  return {.trend = slope * (n - 1),
          .deviation = std::sqrt(yy / n),
          .residual = std::sqrt(std::max(0.0, yy - slope * xy) / n),
          .variation = high->value - low->value};
}

// How clear the shape is: a movement by its size and by how close the values keep to the line, rest
// by how little they vary, swings by how wide they are.
double Strength(v1::TraitPatternType type, const Shape& shape) {
  switch (type) {
    case v1::TRAIT_PATTERN_TYPE_INCREASING:
    case v1::TRAIT_PATTERN_TYPE_DECREASING: {
      const double size = std::min(1.0, std::abs(shape.trend) / (4 * kTrend));
      return std::clamp(size + (1 - size) * (1 - shape.residual / (shape.deviation + 1e-9)), 0.0,
                        1.0);
    }
    case v1::TRAIT_PATTERN_TYPE_STABLE:
      return 1 - shape.variation / kStableVariation;
    case v1::TRAIT_PATTERN_TYPE_OSCILLATING:
      return std::min(1.0, shape.deviation / (2 * kOscillatingDeviation));
    default:
      return 0;
  }
}

v1::TraitPatternType TypeOf(const Shape& shape) {
  if (shape.trend > kTrend) return v1::TRAIT_PATTERN_TYPE_INCREASING;
  if (shape.trend < -kTrend) return v1::TRAIT_PATTERN_TYPE_DECREASING;
  if (shape.variation < kStableVariation) return v1::TRAIT_PATTERN_TYPE_STABLE;
  if (shape.deviation > kOscillatingDeviation) return v1::TRAIT_PATTERN_TYPE_OSCILLATING;
  return v1::TRAIT_PATTERN_TYPE_UNSPECIFIED;
}

void Add(std::map<TraitName, Sample>& traits, v1::TraitCategory category, std::string name,
         double value, double confidence, const std::string& trigger, absl::Time at) {
  if (!std::isfinite(value) || !std::isfinite(confidence) || name.empty()) return;
  traits[{category, std::move(name)}] = {at, std::clamp(value, 0.0, 1.0),
                                         std::clamp(confidence, 0.0, 1.0), trigger};
}

}  // namespace

std::map<TraitName, Sample> Extract(const events::v1::TraitExtracted& event, absl::Time at) {
  std::map<TraitName, Sample> traits;
  double confidence_sum = 0;
  for (const auto& [name, estimate] : event.traits()) {
    Add(traits, v1::TRAIT_CATEGORY_BIG_FIVE, name, estimate.value(), estimate.confidence(),
        event.trigger(), at);
    confidence_sum += estimate.confidence();
  }
  // The dynamics are read from the same words, with the same sureness.
  const double confidence = event.traits().empty()
                                ? kAffinityConfidence
                                : confidence_sum / static_cast<double>(event.traits_size());
  const auto dynamic = [&](bool known, const char* name, double value) {
    if (known) {
      Add(traits, v1::TRAIT_CATEGORY_CORE_DYNAMICS, name, value, confidence, event.trigger(), at);
    }
  };
  const auto& core = event.core_dynamics();
  dynamic(core.has_self_awareness(), "self_awareness", core.self_awareness());
  dynamic(core.has_emotional_regulation(), "emotional_regulation", core.emotional_regulation());
  dynamic(core.has_motivation(), "motivation", core.motivation());
  dynamic(core.has_resilience(), "resilience", core.resilience());
  for (const auto& [domain, affinity] : event.domain_affinities()) {
    Add(traits, v1::TRAIT_CATEGORY_DOMAIN_AFFINITY, domain, affinity, kAffinityConfidence,
        event.trigger(), at);
  }
  return traits;
}

Words ExtractWords(const events::v1::TraitExtracted& event) {
  Words words;
  const auto add = [&](v1::TraitCategory category, const char* name, const std::string& word) {
    if (!word.empty()) words[{category, name}] = word;
  };
  const profile::v1::AdaptiveTraits& adaptive = event.adaptive_traits();
  add(v1::TRAIT_CATEGORY_ADAPTIVE_TRAITS, "learning_style", adaptive.learning_style());
  add(v1::TRAIT_CATEGORY_ADAPTIVE_TRAITS, "stress_response", adaptive.stress_response());
  add(v1::TRAIT_CATEGORY_ADAPTIVE_TRAITS, "decision_pattern", adaptive.decision_pattern());
  const profile::v1::UniqueSignature& signature = event.unique_signature();
  add(v1::TRAIT_CATEGORY_UNIQUE_SIGNATURE, "thinking_style", signature.thinking_style());
  add(v1::TRAIT_CATEGORY_UNIQUE_SIGNATURE, "decision_pattern", signature.decision_pattern());
  add(v1::TRAIT_CATEGORY_UNIQUE_SIGNATURE, "energy_rhythm", signature.energy_rhythm());
  return words;
}

Words ChangedWords(const Words& known, const Words& seen) {
  Words changed;
  for (const auto& [trait, word] : seen) {
    const auto found = known.find(trait);
    if (found == known.end() || found->second != word) changed[trait] = word;
  }
  return changed;
}

std::vector<v1::TraitChange> Changes(const History& history, double least) {
  std::vector<v1::TraitChange> changes;
  for (const auto& [trait, samples] : history) {
    if (samples.size() < 2) continue;
    const double change = samples.back().value - samples.front().value;
    // As decimals: 0.8 - 0.7 is a tenth, whatever binary fractions make of it.
    if (std::abs(change) + 1e-9 < least) continue;
    v1::TraitChange& entry = changes.emplace_back();
    entry.set_trait_name(trait.name);
    entry.set_trait_category(trait.category);
    entry.set_old_value(samples.front().value);
    entry.set_new_value(samples.back().value);
    entry.set_change(change);
    entry.set_trigger(samples.back().trigger);
    entry.set_confidence(samples.back().confidence);
  }
  std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) {
    return std::tuple(-std::abs(a.change()), a.trait_name()) <
           std::tuple(-std::abs(b.change()), b.trait_name());
  });
  return changes;
}

std::optional<v1::TraitPattern> FindPattern(const TraitName& trait,
                                            const std::vector<Sample>& samples, absl::Time now,
                                            int period_days) {
  if (samples.size() < kLeastSamples) return std::nullopt;
  const Shape shape = Measure(samples);
  const v1::TraitPatternType type = TypeOf(shape);
  if (type == v1::TRAIT_PATTERN_TYPE_UNSPECIFIED) return std::nullopt;
  v1::TraitPattern pattern;
  pattern.set_trait_name(trait.name);
  pattern.set_trait_category(trait.category);
  pattern.set_type(type);
  pattern.set_strength(Strength(type, shape));
  pattern.set_trend(std::clamp(shape.trend, -1.0, 1.0));
  pattern.set_standard_deviation(shape.deviation);
  pattern.set_sample_count(static_cast<int32_t>(samples.size()));
  pattern.set_analysis_period_days(period_days);
  *pattern.mutable_identified_at() = timestamps::ToProto(now);
  return pattern;
}

std::vector<v1::TraitPattern> FindPatterns(const History& history, absl::Time now,
                                           int period_days) {
  std::vector<v1::TraitPattern> patterns;
  for (const auto& [trait, samples] : history) {
    if (auto pattern = FindPattern(trait, samples, now, period_days)) {
      patterns.push_back(*std::move(pattern));
    }
  }
  std::sort(patterns.begin(), patterns.end(), [](const auto& a, const auto& b) {
    return std::tuple(-a.strength(), a.trait_name()) < std::tuple(-b.strength(), b.trait_name());
  });
  return patterns;
}

}  // namespace selfology::trait
