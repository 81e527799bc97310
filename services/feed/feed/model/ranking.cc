#include "services/feed/feed/model/ranking.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <unordered_set>
#include <utility>

namespace selfology::feed {
namespace {

// Before anybody reacted, a post is expected to be liked by one of so many: a share of likes alone would put a post that
// one person liked above one that a hundred did.
constexpr double kExpectedDislikes = 20;
constexpr double kPopularityScale = 0.4;
// After so many ratings of their own, others' count half.
constexpr double kHalfWay = 10;
// A week costs half a standard deviation of taste. While nothing is known of the person, age would only blur what
// others say, and decides between equals; it counts two thirds after a training.
constexpr double kAgeCost = 0.16;
constexpr double kAgeHalfWay = 10;
constexpr double kOldDays = 30;
// Of a nearness of 1. The nearest posts of a thousand come to about a fifth where many read the same, and so count more than
// the content does; where few do, to a hundredth.
constexpr double kNearWeight = 60;
// However near it is, nobody is sure to like a post.
constexpr double kSurest = 2;
constexpr double kLeastContribution = 0.01;
constexpr size_t kMostParts = 3;
constexpr size_t kMostWords = 3;

double Cumulative(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

double AgeCost(double days) { return -kAgeCost * std::log2(1 + std::clamp(days, 0.0, kOldDays)); }

v1::ReasonKind KindOf(FeatureGroup group) {
  switch (group) {
    case FeatureGroup::kChannel:
      return v1::REASON_KIND_CHANNEL;
    case FeatureGroup::kMedia:
      return v1::REASON_KIND_MEDIA;
    case FeatureGroup::kLength:
      return v1::REASON_KIND_LENGTH;
    case FeatureGroup::kTime:
      return v1::REASON_KIND_TIME;
    case FeatureGroup::kWords:
      return v1::REASON_KIND_WORDS;
    case FeatureGroup::kBias:
      break;
  }
  return v1::REASON_KIND_UNSPECIFIED;
}

}  // namespace

double PopularityScore(const Popularity& popularity) {
  const double good = static_cast<double>(popularity.likes + popularity.saves);
  // A skip is half a dislike.
  const double bad =
      static_cast<double>(popularity.dislikes) + static_cast<double>(popularity.skips) / 2;
  return kPopularityScale * (std::log1p(good) - std::log1p(bad / kExpectedDislikes));
}

double Ranking::Near(const Candidate& candidate) const {
  if (context_.company == nullptr || candidate.audience == nullptr) return 0;
  return kNearWeight * context_.company->Nearness(*candidate.audience);
}

double Ranking::Fresh(absl::Time posted_at) const {
  return AgeWeight() * AgeCost(absl::ToDoubleHours(context_.now - posted_at) / 24);
}

double Ranking::AgeWeight() const {
  const auto rated = static_cast<double>(context_.rated_count);
  return rated / (rated + kAgeHalfWay);
}

double Ranking::PopularityWeight() const {
  return kHalfWay / (kHalfWay + static_cast<double>(context_.rated_count));
}

Scored Ranking::Score(const Candidate& candidate) const {
  const Estimate estimate = taste_.Judge(*candidate.features);
  const double own = estimate.mean / std::sqrt(1 + estimate.variance) +
                     PopularityWeight() * PopularityScore(candidate.popularity);
  const double near = Near(candidate);
  return {.score = own + near + Fresh(candidate.posted_at),
          .relevance = Cumulative(own + std::min(near, kSurest))};
}

std::vector<Scored> Ranking::Order(absl::Span<const Candidate> candidates) const {
  std::vector<Scored> order;
  order.reserve(candidates.size());
  for (size_t i = 0; i < candidates.size(); ++i) {
    order.push_back(Score(candidates[i]));
    order.back().candidate = i;
  }
  std::sort(order.begin(), order.end(), [&](const Scored& a, const Scored& b) {
    if (a.score != b.score) return a.score > b.score;
    const Candidate& left = candidates[a.candidate];
    const Candidate& right = candidates[b.candidate];
    if (left.posted_at != right.posted_at) return left.posted_at > right.posted_at;
    return left.post_id < right.post_id;
  });
  std::unordered_set<int64_t> stories;
  std::erase_if(order, [&](const Scored& scored) {
    return !stories.insert(candidates[scored.candidate].story_id).second;
  });
  return order;
}

std::vector<Part> Ranking::Parts(const Candidate& candidate) const {
  const double scale = std::sqrt(1 + taste_.Judge(*candidate.features).variance);
  std::map<v1::ReasonKind, double> sums;
  std::vector<std::pair<double, uint16_t>> words;
  for (const Feature& feature : *candidate.features) {
    const double contribution = taste_.Contribution(feature) / scale;
    const FeatureGroup group = GroupOf(feature.index);
    sums[KindOf(group)] += contribution;
    if (group == FeatureGroup::kWords && contribution > 0) {
      words.emplace_back(-contribution, feature.index);
    }
  }
  sums.erase(v1::REASON_KIND_UNSPECIFIED);
  sums[v1::REASON_KIND_ALIKE] = Near(candidate);
  sums[v1::REASON_KIND_POPULAR] = PopularityWeight() * PopularityScore(candidate.popularity);
  sums[v1::REASON_KIND_FRESH] = Fresh(candidate.posted_at) - AgeWeight() * AgeCost(kOldDays);
  std::sort(words.begin(), words.end());
  std::vector<Part> parts;
  for (const auto& [kind, contribution] : sums) {
    if (contribution >= kLeastContribution) parts.push_back({kind, contribution});
  }
  std::sort(parts.begin(), parts.end(),
            [](const Part& a, const Part& b) { return a.contribution > b.contribution; });
  if (parts.size() > kMostParts) parts.resize(kMostParts);
  for (Part& part : parts) {
    if (part.kind != v1::REASON_KIND_WORDS) continue;
    for (size_t i = 0; i < words.size() && i < kMostWords; ++i) {
      part.words.push_back(words[i].second);
    }
  }
  return parts;
}

int PlaceOf(absl::Span<const Scored> order, size_t candidate, double score) {
  int place = 1;
  for (const Scored& other : order) {
    if (other.candidate != candidate && other.score > score) ++place;
  }
  return place;
}

}  // namespace selfology::feed
