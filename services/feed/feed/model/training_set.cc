#include "services/feed/feed/model/training_set.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
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
  std::vector<Option> options = {};
  size_t chosen = 0;  // Now.
  size_t rated = 0;   // Before.
};

// The channels in the order of their first posts.
std::vector<ChannelOptions> ByChannel(absl::Span<const Candidate> posts,
                                      absl::Span<const Candidate> rated) {
  std::vector<ChannelOptions> channels;
  const auto find = [&](int64_t channel_id) {
    return std::find_if(channels.begin(), channels.end(), [&](const ChannelOptions& channel) {
      return channel.channel_id == channel_id;
    });
  };
  for (size_t i = 0; i < posts.size(); ++i) {
    auto found = find(posts[i].channel_id);
    if (found == channels.end()) {
      channels.push_back({.channel_id = posts[i].channel_id});
      found = std::prev(channels.end());
    }
    found->options.push_back({.post = i});
  }
  for (const Candidate& one : rated) {
    const auto found = find(one.channel_id);
    if (found != channels.end()) ++found->rated;
  }
  return channels;
}

}  // namespace

std::vector<size_t> ChooseTrainingPosts(absl::Span<const Candidate> posts, size_t per_channel,
                                        absl::Span<const Candidate> rated) {
  std::vector<ChannelOptions> channels = ByChannel(posts, rated);
  std::vector<size_t> chosen;
  std::set<int64_t> stories;
  const auto is_better = [&](const Option& a, const Option& b) {
    if (a.distance != b.distance) return a.distance > b.distance;
    const double one = PopularityScore(posts[a.post].popularity);
    const double other = PopularityScore(posts[b.post].popularity);
    if (one != other) return one > other;
    return posts[a.post].post_id > posts[b.post].post_id;
  };
  const auto take = [&](const Candidate& post) {
    stories.insert(post.story_id);
    for (ChannelOptions& channel : channels) {
      for (Option& option : channel.options) {
        option.distance =
            std::min(option.distance, Distance(*post.features, *posts[option.post].features));
      }
    }
  };
  for (const Candidate& one : rated) take(one);
  while (true) {
    ChannelOptions* next = nullptr;
    for (ChannelOptions& channel : channels) {
      std::erase_if(channel.options,
                    [&](const Option& o) { return stories.contains(posts[o.post].story_id); });
      if (channel.options.empty() || channel.chosen == per_channel) continue;
      const size_t count = channel.chosen + channel.rated;
      if (next == nullptr || count < next->chosen + next->rated) next = &channel;
    }
    if (next == nullptr) return chosen;
    const auto best = std::min_element(next->options.begin(), next->options.end(), is_better);
    chosen.push_back(best->post);
    ++next->chosen;
    take(posts[best->post]);
  }
}

}  // namespace selfology::feed
