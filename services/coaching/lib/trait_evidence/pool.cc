#include "services/coaching/lib/trait_evidence/pool.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

namespace selfology::trait_evidence {
namespace {

using mini_ipip::Trait;
using trait::v1::TraitEvidence;

// Low, average, high.
using Logs = std::array<double, 3>;
constexpr std::array<double, 3> kPrior = {0.3, 0.4, 0.3};
constexpr std::array<double, 3> kPlaces = {-1, 0, 1};

constexpr double kMostOfAnswer = 1.5;  // Signs.
constexpr double kMostOfTexts = 2.0;   // In logarithms.

constexpr double kConfirmed = 3;  // "That is right."
constexpr double kLeaning = 0.7;  // "Less so": for the other side, a little, …
constexpr double kRuledOut = 4;   // … and against this one.

std::optional<Trait> TraitOf(std::string_view name) {
  for (const Trait trait : mini_ipip::kTraits) {
    if (mini_ipip::NameOf(trait) == name) return trait;
  }
  return std::nullopt;
}

struct Sums {
  std::map<int64_t, double> signs_of_answer = {};
  Logs others = {};
};

void AddStatement(Trait trait, const TraitEvidence& one, Logs& logs) {
  // In direction's units, -1 to 1: two points of the scale are one.
  const double deviation = kRatingDeviation / 2;
  const double correlation = ItemCorrelation(trait);
  const double distance = kPoleDistance * deviation * std::sqrt(correlation);
  const double noise = deviation * std::sqrt(1 - correlation);
  for (size_t i = 0; i < logs.size(); ++i) {
    const double error = (one.direction() - kPlaces[i] * distance) / noise;
    logs[i] -= one.weight() * error * error / 2;
  }
}

void AddCorrection(const TraitEvidence& one, Logs& logs) {
  const double direction = one.direction();
  for (size_t i = 0; i < logs.size(); ++i) {
    const double agreement = direction * kPlaces[i];
    if (direction == 0 ? i == 1 : agreement > 0) logs[i] += one.weight();
    if (agreement < 0) logs[i] -= kRuledOut;
  }
}

void AddTexts(const TextWorth& worth, const std::map<int64_t, double>& signs_of_answer,
              Logs& logs) {
  double sum = 0;
  for (const auto& [answer, signs] : signs_of_answer) {
    const double bounded = std::clamp(signs, -kMostOfAnswer, kMostOfAnswer);
    sum += bounded * (bounded < 0 ? worth.low : worth.high);
  }
  sum = std::clamp(sum, -kMostOfTexts, kMostOfTexts);
  for (size_t i = 0; i < logs.size(); ++i) logs[i] += sum * kPlaces[i];
}

// Whether signs of this one's pole are used at all.
bool IsUsed(const TraitEvidence& sign, Trait trait, const TextWorths& worths) {
  const auto worth = worths.find(trait);
  return worth != worths.end() &&
         (sign.direction() < 0 ? worth->second.low : worth->second.high) > 0;
}

trait::v1::TraitEstimate EstimateOf(const Logs& logs) {
  const double highest = *std::max_element(logs.begin(), logs.end());
  std::array<double, 3> shares = {};
  double sum = 0;
  for (size_t i = 0; i < logs.size(); ++i) {
    shares[i] = kPrior[i] * std::exp(logs[i] - highest);
    sum += shares[i];
  }
  const double low = shares[0] / sum, high = shares[2] / sum;
  trait::v1::TraitEstimate estimate;
  estimate.set_value(0.5 + (high - low) / 2);
  estimate.set_confidence(std::max(low, high));
  return estimate;
}

}  // namespace

// Set by counts of signs with 60 simulated people by another author, English and Russian together,
// and lower than those came to, for the signs of one person hang together. Signs of high
// agreeableness and of low neuroticism came nearly as often from everybody else.
const TextWorths& MeasuredWorths() {
  static const auto& worths = *new TextWorths{
      {Trait::kOpenness, {.low = 0.6, .high = 0.6}},
      {Trait::kConscientiousness, {.low = 0.6, .high = 0.6}},
      {Trait::kExtraversion, {.low = 0.5, .high = 0.6}},
      {Trait::kAgreeableness, {.low = 0.6, .high = 0}},
      {Trait::kNeuroticism, {.low = 0, .high = 0.6}},
  };
  return worths;
}

double ItemCorrelation(Trait trait) {
  // With all items answered alike the confidence is the whole scale's reliability.
  std::map<int, int> answers;
  int items = 0;
  for (const mini_ipip::Item& item : mini_ipip::Items()) {
    if (item.trait != trait) continue;
    answers[item.number] = mini_ipip::kMostAccurate;
    ++items;
  }
  const double alpha = mini_ipip::Score(answers).at(trait).confidence;
  return alpha / (items - (items - 1) * alpha);
}

TraitEvidence StatementEvidence(std::string_view trait_name, bool reversed, int rating) {
  constexpr double kMiddle = 3;
  TraitEvidence evidence;
  evidence.set_trait_name(std::string(trait_name));
  evidence.set_kind(trait::v1::EVIDENCE_KIND_STATEMENT);
  const double agreement = (rating - kMiddle) / 2;
  evidence.set_direction(reversed ? 0 - agreement : agreement);
  evidence.set_weight(1);
  return evidence;
}

TraitEvidence CorrectionEvidence(std::string_view trait_name, Verdict verdict, double shown_value) {
  // Nearer to the middle than this nothing is said of a pole.
  constexpr double kMiddle = 0.1;
  TraitEvidence evidence;
  evidence.set_trait_name(std::string(trait_name));
  evidence.set_kind(trait::v1::EVIDENCE_KIND_CORRECTION);
  switch (verdict) {
    case Verdict::kRight:
      evidence.set_direction(std::abs(shown_value - 0.5) < kMiddle ? 0
                             : shown_value > 0.5                   ? 1
                                                                   : -1);
      evidence.set_weight(kConfirmed);
      break;
    case Verdict::kTooHigh:
    case Verdict::kTooLow:
      evidence.set_direction(verdict == Verdict::kTooHigh ? -1 : 1);
      evidence.set_weight(kLeaning);
      break;
  }
  return evidence;
}

std::map<std::string, trait::v1::TraitEstimate> Pool(absl::Span<const TraitEvidence> evidence,
                                                     const TextWorths& worths) {
  std::map<std::string, Sums> by_trait;
  for (const TraitEvidence& one : evidence) {
    const std::optional<Trait> trait = TraitOf(one.trait_name());
    if (!trait.has_value() || !std::isfinite(one.direction()) || !std::isfinite(one.weight()) ||
        one.weight() <= 0) {
      continue;
    }
    if (one.kind() == trait::v1::EVIDENCE_KIND_TEXT && !IsUsed(one, *trait, worths)) continue;
    Sums& sums = by_trait[one.trait_name()];
    switch (one.kind()) {
      case trait::v1::EVIDENCE_KIND_TEXT:
        sums.signs_of_answer[one.answer_id()] += one.direction() * one.weight();
        break;
      case trait::v1::EVIDENCE_KIND_STATEMENT:
        AddStatement(*trait, one, sums.others);
        break;
      case trait::v1::EVIDENCE_KIND_CORRECTION:
        AddCorrection(one, sums.others);
        break;
      default:
        break;
    }
  }
  std::map<std::string, trait::v1::TraitEstimate> estimates;
  for (auto& [name, sums] : by_trait) {
    Logs logs = sums.others;
    const auto worth = worths.find(*TraitOf(name));
    if (worth != worths.end()) AddTexts(worth->second, sums.signs_of_answer, logs);
    estimates[name] = EstimateOf(logs);
  }
  return estimates;
}

}  // namespace selfology::trait_evidence
