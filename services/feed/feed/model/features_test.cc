#include "services/feed/feed/model/features.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed {
namespace {

using ::testing::IsEmpty;

// Saturday, 2025-10-11, 14:30 UTC.
const absl::Time kAt = absl::FromUnixSeconds(1'760'193'000);

PostContent Football() {
  return {.channel_id = 7,
          .text = "The match ended with a late goal #football",
          .media = v1::MEDIA_TYPE_PHOTO,
          .posted_at = kAt,
          .may_learn_text = true};
}

int Count(const Features& features, FeatureGroup group) {
  return static_cast<int>(std::count_if(features.begin(), features.end(), [&](const Feature& f) {
    return GroupOf(f.index) == group;
  }));
}

TEST(FeaturesTest, SayChannelMediaLengthTimeAndWords) {
  const Features features = Describe(Football());
  EXPECT_EQ(Count(features, FeatureGroup::kBias), 1);
  EXPECT_EQ(Count(features, FeatureGroup::kChannel), 1);
  EXPECT_EQ(Count(features, FeatureGroup::kMedia), 1);
  EXPECT_EQ(Count(features, FeatureGroup::kLength), 1);
  EXPECT_EQ(Count(features, FeatureGroup::kTime), 2);
  EXPECT_EQ(Count(features, FeatureGroup::kWords), 5) << "match, end, late, goal, #football";
  double squares = 0;
  for (const Feature& f : features) {
    if (GroupOf(f.index) == FeatureGroup::kWords) squares += f.value * f.value;
  }
  EXPECT_NEAR(squares, 1, 1e-6);
}

TEST(FeaturesTest, HaveNoWordsWithoutLeaveToLearnThem) {
  PostContent post = Football();
  const Features with = Describe(post);
  post.may_learn_text = false;
  const Features without = Describe(post);
  EXPECT_EQ(Count(without, FeatureGroup::kWords), 0);
  EXPECT_EQ(WithoutWords(with), without) << "taking them out later is the same";
}

TEST(FeaturesTest, DependOnNothingElse) {
  PostContent post = Football();
  const Features one = Describe(post);
  EXPECT_EQ(Describe(post), one);
  post.posted_at += absl::Hours(7 * 24);
  EXPECT_EQ(Describe(post), one) << "the same time of the week";
  post.channel_id = 8;
  EXPECT_NE(Describe(post), one);
}

TEST(FeaturesTest, AreReadAsTheyWereWritten) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 500; ++round) {
    std::set<uint16_t> indexes;
    for (size_t i = random() % 60; i > 0; --i) indexes.insert(random() % kFeatureCount);
    Features features;
    for (const uint16_t index : indexes) {
      features.push_back({index, static_cast<float>(random() % 1000 + 1) / 997});
    }
    const auto read = DecodeFeatures(EncodeFeatures(features));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, features);
  }
}

TEST(FeaturesTest, RefuseWhatTheyDidNotWrite) {
  const std::string bytes = EncodeFeatures(Describe(Football()));
  EXPECT_FALSE(DecodeFeatures(bytes.substr(1)).ok());
  EXPECT_FALSE(DecodeFeatures(bytes + bytes).ok()) << "an index twice";
  EXPECT_FALSE(DecodeFeatures(std::string("\xff\xff\x00\x00\x80\x3f", 6)).ok()) << "no such index";
  EXPECT_THAT(*DecodeFeatures(""), IsEmpty());
}

}  // namespace
}  // namespace selfology::feed
