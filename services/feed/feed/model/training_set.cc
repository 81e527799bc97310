#include "services/feed/feed/model/training_set.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <utility>

namespace selfology::feed {
namespace {

bool Counts(const Feature& feature) {
  switch (GroupOf(feature.index)) {
    case FeatureGroup::kWords:
    case FeatureGroup::kMedia:
    case FeatureGroup::kLength:
      return true;
    default:
      return false;
  }
}

double Length(const Features& features) {
  double squares = 0;
  for (const Feature& feature : features) {
    if (Counts(feature)) squares += static_cast<double>(feature.value) * feature.value;
  }
  return std::sqrt(squares);
}

// 1 less the cosine: 0 for the same content, 1 for nothing in common.
double Distance(const Features& one, const Features& other) {
  double product = 0;
  auto a = one.begin();
  auto b = other.begin();
  while (a != one.end() && b != other.end()) {
    if (a->index < b->index) {
      ++a;
    } else if (b->index < a->index) {
      ++b;
    } else {
      if (Counts(*a)) product += static_cast<double>(a->value) * b->value;
      ++a;
      ++b;
    }
  }
  const double lengths = Length(one) * Length(other);
  return lengths > 0 ? 1 - product / lengths : 0;
}

struct Option {
  size_t post;
  double distance = 2;  // To the nearest chosen one; 2: none was chosen.
};

struct ChannelOptions {
  int64_t channel_id;
  std::vector<Option> options;
};

// The channels in the order of their first posts.
std::vector<ChannelOptions> ByChannel(absl::Span<const Candidate> posts) {
  std::vector<ChannelOptions> channels;
  for (size_t i = 0; i < posts.size(); ++i) {
    const auto found = std::find_if(
        channels.begin(), channels.end(),
        [&](const ChannelOptions& channel) { return channel.channel_id == posts[i].channel_id; });
    if (found == channels.end()) {
      channels.push_back({.channel_id = posts[i].channel_id, .options = {{.post = i}}});
    } else {
      found->options.push_back({.post = i});
    }
  }
  return channels;
}

}  // namespace

std::vector<size_t> ChooseTrainingPosts(absl::Span<const Candidate> posts, size_t per_channel) {
  std::vector<ChannelOptions> channels = ByChannel(posts);
  std::vector<size_t> chosen;
  std::set<int64_t> stories;
  const auto is_better = [&](const Option& a, const Option& b) {
    if (a.distance != b.distance) return a.distance > b.distance;
    const double one = PopularityScore(posts[a.post].popularity);
    const double other = PopularityScore(posts[b.post].popularity);
    if (one != other) return one > other;
    return posts[a.post].post_id > posts[b.post].post_id;
  };
  for (size_t round = 0; round < per_channel; ++round) {
    for (ChannelOptions& channel : channels) {
      std::erase_if(channel.options,
                    [&](const Option& o) { return stories.contains(posts[o.post].story_id); });
      if (channel.options.empty()) continue;
      const auto best = std::min_element(channel.options.begin(), channel.options.end(), is_better);
      const size_t post = best->post;
      chosen.push_back(post);
      stories.insert(posts[post].story_id);
      for (ChannelOptions& other : channels) {
        for (Option& option : other.options) {
          option.distance = std::min(option.distance,
                                     Distance(*posts[post].features, *posts[option.post].features));
        }
      }
    }
  }
  return chosen;
}

}  // namespace selfology::feed
