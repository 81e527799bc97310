#include "services/coaching/analysis/replies.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/text/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;

v1::InstantAnalysis ByRules() {
  v1::InstantAnalysis instant;
  instant.set_sentiment(v1::SENTIMENT_NEUTRAL);
  instant.set_quality_score(0.4);
  instant.add_key_themes("rules");
  instant.set_brief_insight("By rules.");
  return instant;
}

TEST(ParseInstant, TakesAWholeReply) {
  const auto instant = ParseInstant(
      R"({"sentiment": "positive", "quality_score": 0.85, "key_themes": ["creativity", "altruism"],
          "brief_insight": "You find meaning in creating."})",
      ByRules());
  ASSERT_TRUE(instant.ok()) << instant.status();
  EXPECT_EQ(instant->sentiment(), v1::SENTIMENT_POSITIVE);
  EXPECT_DOUBLE_EQ(instant->quality_score(), 0.85);
  EXPECT_THAT(instant->key_themes(), ElementsAre("creativity", "altruism"));
  EXPECT_EQ(instant->brief_insight(), "You find meaning in creating.");
}

TEST(ParseInstant, FindsItInFencesAndProse) {
  EXPECT_EQ(ParseInstant("Of course!\n```json\n{\"sentiment\": \"SENTIMENT_MIXED\"}\n```\nDone.",
                         ByRules())
                ->sentiment(),
            v1::SENTIMENT_MIXED);
}

TEST(ParseInstant, FillsGapsByRules) {
  const auto instant = ParseInstant(
      R"({"sentiment": "Negative", "quality_score": "much", "key_themes": "none"})", ByRules());
  ASSERT_TRUE(instant.ok());
  EXPECT_EQ(instant->sentiment(), v1::SENTIMENT_NEGATIVE);
  EXPECT_DOUBLE_EQ(instant->quality_score(), 0.4);
  EXPECT_THAT(instant->key_themes(), ElementsAre("rules"));
  EXPECT_EQ(instant->brief_insight(), "By rules.");
}

TEST(ParseInstant, RefusesWhatSaysNothing) {
  for (const std::string_view reply :
       {"", "I cannot help.", "[]", "{}", R"({"sentiment": "meh", "brief_insight": " "})",
        R"({"sentiment": "positive")"}) {
    const absl::Status status = ParseInstant(reply, ByRules()).status();
    EXPECT_EQ(status::Reason(status), "ANALYSIS_FAILED") << reply;
    EXPECT_TRUE(absl::IsUnavailable(status));
  }
}

TEST(ParseInstant, ClampsAndRefusesNumbers) {
  const auto quality = [](std::string_view number) {
    return ParseInstant(absl::StrCat(R"({"sentiment": "mixed", "quality_score": )", number, "}"),
                        ByRules())
        ->quality_score();
  };
  EXPECT_EQ(quality("1.05"), 1);
  EXPECT_EQ(quality("-0.05"), 0);
  EXPECT_EQ(quality("\"0.7\""), 0.7);
  for (const char* refused : {"8", "-1", "1e99", "\"NaN\"", "null", "true", "[1]"}) {
    EXPECT_EQ(quality(refused), 0.4) << refused;
  }
}

TEST(ParseInstant, CutsTextsToTheContract) {
  std::string reply = R"({"sentiment": "mixed", "brief_insight": ")";
  for (int i = 0; i < 100; ++i) reply += "слово ";
  reply += R"(", "key_themes": ["a", "a", " ", 7, "b", "c", "d", "e", "f"]})";
  const auto instant = ParseInstant(reply, ByRules());
  EXPECT_LE(text::Characters(instant->brief_insight()), 300);
  EXPECT_THAT(instant->brief_insight(), EndsWith("слово…"));
  EXPECT_THAT(instant->key_themes(), ElementsAre("a", "b", "c", "d", "e"));
}

TEST(ParseDeep, TakesAWholeReply) {
  const auto deep = ParseDeep(R"({
    "insights": ["You love to create."],
    "patterns": [{"name": "helping others", "description": "Again and again.", "confidence": 0.9}],
    "evidence": [{"trait": "openness", "direction": 1, "quote": "i paint  every night"},
      {"trait": "bravery", "direction": 1, "quote": "I paint every night"}],
    "core_dynamics": {"self_awareness": 0.7, "motivation": "0.75"},
    "adaptive_traits": {"learning_style": "Visual / Kinesthetic", "stress_response": "problem solving"},
    "domain_affinities": {"identity": 0.85, "SPORTS": 0.5, "GROWTH": 3},
    "unique_signature": {"thinking_style": "associative", "energy_rhythm": "вечер"},
    "summary": "Lives for art."})",
                              "It is late. I paint every night.");
  ASSERT_TRUE(deep.ok()) << deep.status();
  EXPECT_THAT(deep->insights(), ElementsAre("You love to create."));
  ASSERT_EQ(deep->patterns_size(), 1);
  EXPECT_EQ(deep->patterns(0).name(), "helping others");
  ASSERT_EQ(deep->evidence_size(), 1) << "bravery is none of the five";
  EXPECT_EQ(deep->evidence(0).trait_name(), "openness");
  EXPECT_EQ(deep->evidence(0).quote(), "I paint every night") << "as it stands in the answer";
  EXPECT_DOUBLE_EQ(deep->core_dynamics().motivation(), 0.75);
  EXPECT_FALSE(deep->core_dynamics().has_resilience());
  EXPECT_EQ(deep->adaptive_traits().learning_style(), "visual-kinesthetic");
  EXPECT_EQ(deep->adaptive_traits().stress_response(), "problem-solving");
  ASSERT_EQ(deep->domain_affinities().size(), 1u) << "unknown and impossible ones are dropped";
  EXPECT_DOUBLE_EQ(deep->domain_affinities().at("IDENTITY"), 0.85);
  EXPECT_EQ(deep->unique_signature().thinking_style(), "associative");
  EXPECT_EQ(deep->unique_signature().energy_rhythm(), "");
  EXPECT_EQ(deep->summary(), "Lives for art.");
}

TEST(ParseDeep, DropsEvidenceThatTheAnswerDoesNotHave) {
  const auto deep = ParseDeep(R"({"summary": "Fine.", "evidence": [
      {"trait": "neuroticism", "direction": 1, "quote": "I worry about everything"},
      {"trait": "neuroticism", "direction": -1, "quote": "Тревоги нет"},
      {"trait": "neuroticism", "direction": -1, "quote": "тревоги НЕТ"},
      {"trait": "neuroticism", "direction": 0, "quote": "совсем"},
      {"trait": "openness", "direction": "high", "quote": "совсем"},
      {"trait": "openness", "direction": 1}, 5]})",
                              "Тревоги нет, совсем. Worry is for others.");
  ASSERT_TRUE(deep.ok()) << deep.status();
  ASSERT_EQ(deep->evidence_size(), 1);
  EXPECT_EQ(deep->evidence(0).quote(), "Тревоги нет");
  EXPECT_EQ(deep->evidence(0).direction(), -1);
}

TEST(ParseDeep, BearsFieldsOfOtherTypes) {
  const auto deep = ParseDeep(
      R"({"insights": "one", "patterns": {"name": "x"}, "evidence": "I", "core_dynamics": 5,
      "adaptive_traits": "visual", "domain_affinities": [], "unique_signature": null, "summary": "Fine."})",
      "I");
  ASSERT_TRUE(deep.ok());
  EXPECT_THAT(deep->insights(), IsEmpty());
  EXPECT_THAT(deep->patterns(), IsEmpty());
  EXPECT_THAT(deep->evidence(), IsEmpty());
  EXPECT_EQ(deep->summary(), "Fine.");
}

TEST(ParseDeep, RefusesWhatSaysNothing) {
  for (const std::string_view reply :
       {"", "{}", R"({"evidence": [{"trait": "openness"}]})", "null", "{\"insights\": ["}) {
    EXPECT_EQ(status::Reason(ParseDeep(reply, "I paint.").status()), "ANALYSIS_FAILED") << reply;
  }
}

bool InRange(double x) { return x >= 0 && x <= 1; }

// Parts of good replies in any order, and bytes: what comes out keeps to the contract.
TEST(Replies, KeepToTheContractWhateverTheModelSays) {
  const std::vector<std::string> parts = {"{",
                                          "}",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          ":",
                                          ",",
                                          ":",
                                          ",",
                                          "\"sentiment\":\"mixed\"",
                                          "\"quality_score\"",
                                          "\"insights\":",
                                          "\"patterns\":[",
                                          "\"name\":\"a\"",
                                          "\"confidence\"",
                                          "\"traits\":{",
                                          "\"openness\"",
                                          "\"value\"",
                                          "0.5",
                                          "1.07",
                                          "-3",
                                          "1e400",
                                          "\"0.3\"",
                                          "\"x\"",
                                          "null",
                                          "\"domain_affinities\":{",
                                          "\"WORK\"",
                                          "\"summary\":\"y\"",
                                          "```",
                                          "\xE2",
                                          "\"core_dynamics\":{\"resilience\":0.2}",
                                          "\"brief_insight\":\"z\\u0000\\u202e\""};
  std::mt19937 random(23);
  for (int round = 0; round < 50'000; ++round) {
    std::string reply = random() % 2 == 0 ? "{" : "";
    for (auto i = random() % 16; i > 0; --i) reply += parts[random() % parts.size()];
    if (random() % 2 == 0) reply += "}";
    if (const auto instant = ParseInstant(reply, ByRules()); instant.ok()) {
      EXPECT_TRUE(InRange(instant->quality_score()));
      EXPECT_TRUE(text::IsStorable(instant->brief_insight()));
      EXPECT_LE(instant->key_themes_size(), 5);
    }
    if (const auto deep = ParseDeep(reply, "a b"); deep.ok()) {
      EXPECT_TRUE(deep->traits().empty()) << "they come from evidence";
      for (const auto& [domain, affinity] : deep->domain_affinities())
        EXPECT_TRUE(InRange(affinity));
      for (const auto& pattern : deep->patterns()) EXPECT_FALSE(pattern.name().empty());
    }
  }
}

}  // namespace
}  // namespace selfology::analysis
