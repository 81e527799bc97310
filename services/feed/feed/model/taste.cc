#include "services/feed/feed/model/taste.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "services/feed/feed/model/packed.h"

namespace selfology::feed {
namespace {

constexpr size_t kWeightBytes = 10;

// How far a group's weights may lie from 0 before anything is known: what persons' tastes differ in
// most gets most. Words share a length of 1, so theirs is larger.
float PriorVariance(FeatureGroup group) {
  switch (group) {
    case FeatureGroup::kBias:
      return 1.0F;
    case FeatureGroup::kChannel:
      return 0.8F;
    case FeatureGroup::kMedia:
      return 0.4F;
    case FeatureGroup::kLength:
      return 0.1F;
    case FeatureGroup::kTime:
      return 0.03F;
    case FeatureGroup::kWords:
      return 8.0F;
  }
  return 0;
}

double Density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi); }

double Cumulative(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

// The mean of a truncated normal distribution, less its bound; for very unlikely outcomes by its
// asymptote, where both of its parts vanish.
double Surprise(double x) {
  const double below = Cumulative(x);
  return below > 1e-12 ? Density(x) / below : -x;
}

}  // namespace

Taste::Taste() : weights_(kFeatureCount) {
  for (int i = 0; i < kFeatureCount; ++i) {
    weights_[static_cast<size_t>(i)].variance = PriorVariance(GroupOf(static_cast<uint16_t>(i)));
  }
}

void Taste::Learn(const Features& features, const Reaction& reaction) {
  double mean = 0;
  double variance = reaction.noise * reaction.noise;
  for (const Feature& feature : features) {
    const Weight& weight = weights_[feature.index];
    const double value = feature.value;
    mean += value * weight.mean;
    variance += value * value * weight.variance;
  }
  const double deviation = std::sqrt(variance);
  const double outcome = reaction.likes ? 1 : -1;
  const double margin = outcome * mean / deviation;
  const double shift = Surprise(margin);
  const double shrink = std::clamp(shift * (shift + margin), 0.0, 1.0);
  for (const Feature& feature : features) {
    Weight& weight = weights_[feature.index];
    const double value = feature.value;
    const double share = weight.variance / variance;
    weight.mean =
        static_cast<float>(weight.mean + outcome * value * weight.variance / deviation * shift);
    weight.variance =
        std::max(1e-6F, static_cast<float>(weight.variance * (1 - value * value * share * shrink)));
  }
}

Estimate Taste::Judge(const Features& features) const {
  Estimate estimate;
  for (const Feature& feature : features) {
    const Weight& weight = weights_[feature.index];
    const double value = feature.value;
    estimate.mean += value * weight.mean;
    estimate.variance += value * value * weight.variance;
  }
  estimate.probability = Cumulative(estimate.mean / std::sqrt(1 + estimate.variance));
  return estimate;
}

double Taste::Contribution(const Feature& feature) const {
  return feature.value * static_cast<double>(weights_[feature.index].mean);
}

std::string Taste::Encode() const {
  std::string bytes;
  for (int i = 0; i < kFeatureCount; ++i) {
    const auto index = static_cast<uint16_t>(i);
    const Weight& weight = weights_[index];
    if (weight.mean == 0 && weight.variance == PriorVariance(GroupOf(index))) continue;
    PutPacked(index, bytes);
    PutPacked(weight.mean, bytes);
    PutPacked(weight.variance, bytes);
  }
  return bytes;
}

absl::StatusOr<Taste> Taste::Decode(std::string_view bytes) {
  if (bytes.size() % kWeightBytes != 0) return absl::InternalError("a model is cut");
  Taste taste;
  int last = -1;
  for (size_t at = 0; at < bytes.size(); at += kWeightBytes) {
    const auto index = GetPacked<uint16_t>(bytes.data() + at);
    const Weight weight = {GetPacked<float>(bytes.data() + at + 2),
                           GetPacked<float>(bytes.data() + at + 6)};
    if (index >= kFeatureCount || index <= last || !std::isfinite(weight.mean) ||
        !(weight.variance > 0)) {
      return absl::InternalError("a model is malformed");
    }
    last = index;
    taste.weights_[index] = weight;
  }
  return taste;
}

}  // namespace selfology::feed
