#include "services/feed/feed/model/features.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "services/feed/feed/model/packed.h"
#include "services/feed/feed/model/words.h"

namespace selfology::feed {
namespace {

// The layout of the indexes.
constexpr uint16_t kBias = 0;
constexpr uint16_t kMediaAt = 8;
constexpr uint16_t kLengthAt = 32;
constexpr uint16_t kHourAt = 40;
constexpr uint16_t kWeekdayAt = 48;
constexpr uint16_t kChannelAt = 64;
constexpr uint16_t kWordsAt = 576;

// The first words say what a post is about; more of them only dilute it.
constexpr size_t kMostWords = 40;
// A hashtag is its author's own word for the subject.
constexpr float kTagWeight = 2;
constexpr size_t kFeatureBytes = 6;

uint16_t LengthIndex(std::string_view text) {
  const int characters = text::Characters(text);
  uint16_t bucket = 0;
  for (const int bound : {0, 80, 200, 500, 1000, 2000}) bucket += characters > bound ? 1 : 0;
  return kLengthAt + bucket;
}

// Together they have the length 1 (Euclid's), so that long posts do not count more than short ones.
void AddWords(std::string_view text, std::map<uint16_t, float>& values) {
  std::map<uint16_t, float> words;
  std::set<std::string> seen;
  for (const Word& word : WordReader().Read(text)) {
    if (seen.size() == kMostWords) break;
    if (!seen.insert(word.stem).second) continue;
    float& weight = words[WordIndex(word.stem)];
    weight = std::max(weight, word.stem[0] == '#' ? kTagWeight : 1.0F);
  }
  double squares = 0;
  for (const auto& [index, weight] : words) squares += static_cast<double>(weight) * weight;
  for (const auto& [index, weight] : words) {
    values[index] = static_cast<float>(weight / std::sqrt(squares));
  }
}

}  // namespace

uint16_t WordIndex(std::string_view stem) {
  return static_cast<uint16_t>(kWordsAt + StableHash(stem) % (kFeatureCount - kWordsAt));
}

FeatureGroup GroupOf(uint16_t index) {
  if (index >= kWordsAt) return FeatureGroup::kWords;
  if (index >= kChannelAt) return FeatureGroup::kChannel;
  if (index >= kHourAt) return FeatureGroup::kTime;
  if (index >= kLengthAt) return FeatureGroup::kLength;
  if (index >= kMediaAt) return FeatureGroup::kMedia;
  return FeatureGroup::kBias;
}

Features Describe(const PostContent& post) {
  std::map<uint16_t, float> values;
  values[kBias] = 1;
  values[kMediaAt + static_cast<uint16_t>(post.media) % (kLengthAt - kMediaAt)] = 1;
  values[LengthIndex(post.text)] = 1;
  const absl::CivilSecond at = absl::ToCivilSecond(post.posted_at, absl::UTCTimeZone());
  values[static_cast<uint16_t>(kHourAt + at.hour() / 3)] = 1;
  values[static_cast<uint16_t>(kWeekdayAt + static_cast<int>(absl::GetWeekday(at)))] = 1;
  const uint64_t channel = StableHash(absl::StrCat("channel ", post.channel_id));
  values[static_cast<uint16_t>(kChannelAt + channel % (kWordsAt - kChannelAt))] = 1;
  if (post.may_learn_text) AddWords(post.text, values);
  Features features;
  for (const auto& [index, value] : values) features.push_back({index, value});
  return features;
}

Features WithoutWords(Features features) {
  std::erase_if(features, [](const Feature& feature) {
    return GroupOf(feature.index) == FeatureGroup::kWords;
  });
  return features;
}

std::string EncodeFeatures(const Features& features) {
  std::string bytes;
  bytes.reserve(features.size() * kFeatureBytes);
  for (const Feature& feature : features) {
    PutPacked(feature.index, bytes);
    PutPacked(feature.value, bytes);
  }
  return bytes;
}

absl::StatusOr<Features> DecodeFeatures(std::string_view bytes) {
  if (bytes.size() % kFeatureBytes != 0) return absl::InternalError("features are cut");
  Features features;
  features.reserve(bytes.size() / kFeatureBytes);
  for (size_t at = 0; at < bytes.size(); at += kFeatureBytes) {
    const Feature feature = {GetPacked<uint16_t>(bytes.data() + at),
                             GetPacked<float>(bytes.data() + at + 2)};
    if (feature.index >= kFeatureCount || !std::isfinite(feature.value) ||
        (!features.empty() && features.back().index >= feature.index)) {
      return absl::InternalError("features are malformed");
    }
    features.push_back(feature);
  }
  return features;
}

}  // namespace selfology::feed
