// A small world of channels and readers with ten different tastes, to measure how much a few reactions
// improve the order of posts.
//
//   const World world = MakeWorld(/*seed=*/1);
//   for (const Reader& reader : Readers()) {
//     const Precision precision = Measure(world, reader, /*seed=*/1);
//     precision.popular, precision.before, precision.after    // of the first ten posts
//   }
//
// Tastes are rules over what a post is about, its channel, media and length, not over features; a
// twelfth of all reactions is the opposite of what the rule says. Training posts and the posts that are
// ranked afterwards are different ones. The same seed gives the same world.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/feed/feed/model/ranking.h"

namespace selfology::feed {

struct SimulatedPost {
  int topic = 0;    // Below kTopics.
  int channel = 0;  // Below kChannels.
  v1::MediaType media = v1::MEDIA_TYPE_UNSPECIFIED;
  std::string text = {};
  Candidate candidate = {};
};

inline constexpr int kTopics = 12;
inline constexpr int kChannels = 8;
inline constexpr int kTrainingReactions = 21;

struct World {
  std::vector<SimulatedPost> old_posts;  // For training.
  std::vector<SimulatedPost> new_posts;  // To be ranked.
  absl::Time now;
};

World MakeWorld(uint64_t seed);

struct Reader {
  std::string name;
  std::function<bool(const SimulatedPost&)> likes;
};

// Ten of them.
std::vector<Reader> Readers();

// The share of posts that the reader likes among the first ten.
struct Precision {
  double popular = 0;  // In the order of popularity.
  double before = 0;   // In ours, without reactions.
  double after = 0;    // In ours, after kTrainingReactions on training posts.
};

Precision Measure(const World& world, const Reader& reader, uint64_t seed);

}  // namespace selfology::feed
