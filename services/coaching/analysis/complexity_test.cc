#include "services/coaching/analysis/complexity.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace selfology::analysis {
namespace {

// What people answer, sentence by sentence; an answer is some of these.
const std::vector<std::string>& Sentences() {
  static const auto& sentences = *new std::vector<std::string>{
      "I feel most alive when I paint or play the guitar.",
      "My family means everything to me.",
      "I am often tired after work and just want to sleep.",
      "Honestly I don't know.",
      "I used to be afraid of change, but moving to another city taught me that I can start over.",
      "My father was strict and I still hear his voice when I fail.",
      "I like to have a plan and to finish what I begin.",
      "Last year I lost a good friend and it hurts to this day.",
      "Money was always tight, so I learned to save.",
      "I enjoy long walks in the forest because it calms me down.",
      "What others think of me matters more than I would like to admit.",
      "I want to travel and see the world before I settle down.",
      "When I am stressed I call my sister and we talk for hours.",
      "My job pays well, yet I feel empty and ask myself what it is all for.",
      "I am proud that I quit smoking.",
      "People say I am a good listener.",
      "Sometimes I get angry about little things and regret it later.",
      "I dream of having my own small business one day.",
      "I read a lot, mostly science and philosophy.",
      "Being alone does not scare me.",
      "I realised that I help others so that I do not have to look at myself.",
      "Sport every morning keeps me going.",
      "I love my children and I am exhausted, both at once.",
      "Trust is the most important thing in a relationship for me.",
      "I worry about the future, about climate and war.",
      "As a child I built houses out of anything I could find.",
      "Nothing special.",
      "I try to be honest even when it costs me something.",
      "In the evening I write in my journal and reflect on the day.",
      "I would like to learn to say no."};
  return sentences;
}

// Most answers are two or three sentences, few are long.
std::string AnAnswer(std::mt19937& random) {
  std::lognormal_distribution<double> length(std::log(2.5), 0.75);
  const int count = std::clamp(static_cast<int>(std::lround(length(random))), 1, 15);
  std::vector<std::string> sentences = Sentences();
  std::shuffle(sentences.begin(), sentences.end(), random);
  std::string answer;
  for (int i = 0; i < count; ++i) absl::StrAppend(&answer, sentences[i], " ");
  return answer;
}

// As Smart Mix asks over a session: light first, deeper later.
question::v1::DepthLevel ADepth(std::mt19937& random) {
  std::discrete_distribution<int> depths({0, 20, 40, 25, 10, 5});
  return static_cast<question::v1::DepthLevel>(depths(random));
}

// R000-10: about 15 % simple, 75 % standard, 10 % premium.
TEST(DeepTier, SharesTheWorkAsRequired) {
  const lexicon::Lexicon lexicon = *lexicon::Lexicon::BuiltIn();
  std::mt19937 random(1);
  std::map<ai::v1::Tier, int> counts;
  constexpr int kAnswers = 4000;
  for (int i = 0; i < kAnswers; ++i) {
    ++counts[DeepTier(lexicon::Read(lexicon, AnAnswer(random)), ADepth(random))];
  }
  EXPECT_NEAR(100.0 * counts[ai::v1::TIER_SIMPLE] / kAnswers, 15, 4);
  EXPECT_NEAR(100.0 * counts[ai::v1::TIER_STANDARD] / kAnswers, 75, 6);
  EXPECT_NEAR(100.0 * counts[ai::v1::TIER_PREMIUM] / kAnswers, 10, 4);
}

TEST(DeepTier, RisesWithDepth) {
  const lexicon::Lexicon lexicon = *lexicon::Lexicon::BuiltIn();
  std::mt19937 random(2);
  for (int i = 0; i < 300; ++i) {
    const lexicon::Reading reading = lexicon::Read(lexicon, AnAnswer(random));
    for (int depth = question::v1::DEPTH_LEVEL_SURFACE; depth < question::v1::DEPTH_LEVEL_CORE;
         ++depth) {
      EXPECT_LE(DeepTier(reading, static_cast<question::v1::DepthLevel>(depth)),
                DeepTier(reading, static_cast<question::v1::DepthLevel>(depth + 1)));
    }
  }
}

TEST(DeepTier, SavesMoneyOnAWordOrTwo) {
  const lexicon::Lexicon lexicon = *lexicon::Lexicon::BuiltIn();
  EXPECT_EQ(DeepTier(lexicon::Read(lexicon, "Nothing."), question::v1::DEPTH_LEVEL_CONSCIOUS),
            ai::v1::TIER_SIMPLE);
}

}  // namespace
}  // namespace selfology::analysis
