// What the model sees of a post: channel, media, length, time, and, where the channel's terms allow
// it, the stems of its words, hashed into a fixed number of buckets.
//
//   const Features features = Describe({.channel_id = 7, .text = text, .media = media,
//                                       .posted_at = posted_at, .may_learn_text = true});
//   store(EncodeFeatures(features));
//
// An index belongs to one group, which is read off it (GroupOf): so the words can be taken out of
// stored features when the terms change (WithoutWords). The numbers are stored with persons'
// interactions and in their models: they never change their meaning.
//
// Threads: pure functions. Requirement: R003-5.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "selfology/feed/v1/feed.pb.h"

namespace selfology::feed {

inline constexpr int kFeatureCount = 4096;

enum class FeatureGroup { kBias, kChannel, kMedia, kLength, kTime, kWords };

struct Feature {
  uint16_t index = 0;  // Below kFeatureCount.
  float value = 0;     // Above 0.
  friend bool operator==(const Feature&, const Feature&) = default;
};

// By growing index, each once.
using Features = std::vector<Feature>;

struct PostContent {
  int64_t channel_id = 0;
  std::string_view text = {};
  v1::MediaType media = v1::MEDIA_TYPE_UNSPECIFIED;
  absl::Time posted_at = absl::UnixEpoch();
  bool may_learn_text = false;
};

Features Describe(const PostContent& post);

FeatureGroup GroupOf(uint16_t index);

// The bucket of a stem (words.h).
uint16_t WordIndex(std::string_view stem);

Features WithoutWords(Features features);

// 6 bytes for each feature.
std::string EncodeFeatures(const Features& features);
// INTERNAL for what EncodeFeatures did not make.
absl::StatusOr<Features> DecodeFeatures(std::string_view bytes);

}  // namespace selfology::feed
