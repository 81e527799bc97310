#include "services/feed/feed/model/near_duplicates.h"

#include <algorithm>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed {
namespace {

std::string Story(std::mt19937_64& random, int words) {
  std::string text;
  for (int i = 0; i < words; ++i) {
    std::string word;
    for (int letter = 0; letter < 6; ++letter) word += static_cast<char>('a' + random() % 26);
    absl::StrAppend(&text, word, " ");
  }
  return text;
}

TEST(NearDuplicatesTest, AStoryWithASignatureIsTheSame) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200; ++i) {
    const std::string story = Story(random, 20);
    EXPECT_EQ(Fingerprint(story),
              Fingerprint(absl::StrCat(story, "\n\nSubscribe: @another_channel")));
  }
}

TEST(NearDuplicatesTest, ALongStoryWithAWordMoreIsTheSame) {
  std::mt19937_64 random(1);
  int same = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string story = Story(random, 150);
    const auto one = Fingerprint(story);
    const auto other = Fingerprint(absl::StrCat("Breaking: ", story));
    ASSERT_TRUE(one.has_value() && other.has_value());
    same += SaysTheSame(*one, *other) ? 1 : 0;
  }
  EXPECT_GE(same, 180) << "nine of ten";
}

TEST(NearDuplicatesTest, CaseAddressesAndNamesDoNotCount) {
  const std::string story =
      "The central bank left its interest rate unchanged today, inflation slows down";
  EXPECT_EQ(Fingerprint(story),
            Fingerprint("THE CENTRAL BANK left its interest rate unchanged today! Inflation slows "
                        "down https://news.example/1 @news"));
}

TEST(NearDuplicatesTest, OtherStoriesAreOthers) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 300; ++i) {
    const auto one = Fingerprint(Story(random, 40));
    const auto other = Fingerprint(Story(random, 40));
    EXPECT_FALSE(SaysTheSame(*one, *other));
  }
}

TEST(NearDuplicatesTest, AFewWordsHaveNoFingerprint) {
  EXPECT_FALSE(Fingerprint("Good morning, friends!").has_value());
  EXPECT_FALSE(Fingerprint("").has_value());
}

// What lets the database find them by an index.
TEST(NearDuplicatesTest, WhatSaysTheSameSharesABand) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 2000; ++i) {
    const uint64_t one = random();
    uint64_t other = one;
    for (int bit = 0; bit < kMostDifferentBits; ++bit) other ^= uint64_t{1} << (random() % 64);
    ASSERT_TRUE(SaysTheSame(one, other));
    const auto a = Bands(one);
    const auto b = Bands(other);
    EXPECT_TRUE(std::find_first_of(a.begin(), a.end(), b.begin(), b.end()) != a.end());
  }
}

}  // namespace
}  // namespace selfology::feed
