#include "services/coaching/analysis/complexity.h"

namespace selfology::analysis {
namespace {

constexpr double kSimpleBelow = 0.2;
constexpr double kPremiumFrom = 0.6;

double DepthOf(question::v1::DepthLevel depth) {
  switch (depth) {
    case question::v1::DEPTH_LEVEL_SURFACE:
      return 0;
    case question::v1::DEPTH_LEVEL_EDGE:
      return 0.6;
    case question::v1::DEPTH_LEVEL_SHADOW:
      return 0.85;
    case question::v1::DEPTH_LEVEL_CORE:
      return 1;
    default:
      return 0.3;
  }
}

}  // namespace

ai::v1::Tier DeepTier(const lexicon::Reading& answer, question::v1::DepthLevel depth) {
  const double complexity = 0.75 * lexicon::Complexity(answer) + 0.25 * DepthOf(depth);
  if (complexity < kSimpleBelow) return ai::v1::TIER_SIMPLE;
  if (complexity < kPremiumFrom) return ai::v1::TIER_STANDARD;
  return ai::v1::TIER_PREMIUM;
}

}  // namespace selfology::analysis
