#include "services/platform/ai/model.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::ai {
namespace {

using ::testing::ElementsAre;

std::vector<Model> ThreeModels() {
  return {*ParseModel("anthropic,claude-sonnet-4-20250514,3,15", v1::TIER_PREMIUM),
          *ParseModel("openai,gpt-4o,2.50,10", v1::TIER_STANDARD),
          *ParseModel("openai,gpt-4o-mini,0.15,0.60", v1::TIER_SIMPLE)};
}

std::vector<std::string> ChainNames(v1::Tier tier, const std::set<std::string>& usable) {
  const std::vector<Model> models = ThreeModels();
  std::vector<std::string> names;
  for (const Model* model :
       Chain(models, tier, [&](const Model& one) { return usable.contains(one.provider); })) {
    names.push_back(model->name);
  }
  return names;
}

TEST(ParseModel, TakesNamePricesAndTier) {
  const auto model = ParseModel("anthropic,claude-sonnet-4-20250514,3,15", v1::TIER_PREMIUM);
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->name, "claude-sonnet-4") << "without its release date";
  EXPECT_EQ(model->api_name, "claude-sonnet-4-20250514");
  EXPECT_EQ(model->provider, "anthropic");
  EXPECT_EQ(model->tier, v1::TIER_PREMIUM);
  EXPECT_DOUBLE_EQ(CostUsd(*model, 1000, 2000), 0.033);
}

TEST(ParseModel, KeepsNamesThatOnlyLookDated) {
  EXPECT_EQ(ParseModel("openai,gpt-4o-mini,0,0", v1::TIER_SIMPLE)->name, "gpt-4o-mini");
  EXPECT_EQ(ParseModel("openai,llama-3a2b1c0d,0,0", v1::TIER_SIMPLE)->name, "llama-3a2b1c0d");
}

TEST(ParseModel, RefusesWhatIsIncomplete) {
  for (const std::string_view text :
       {"", "openai", "openai,gpt-4o", "openai,gpt-4o,1", ",gpt-4o,1,2", "openai,,1,2",
        "openai,gpt-4o,x,2", "openai,gpt-4o,-1,2", "openai,gpt-4o,1,inf", "openai,gpt-4o,1,2,3"}) {
    EXPECT_EQ(ParseModel(text, v1::TIER_SIMPLE).status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(TierOf, IsTheTasksUnlessAsked) {
  v1::CompletionInput input;
  EXPECT_EQ(TierOf(input), v1::TIER_STANDARD);
  input.set_task(v1::TASK_INSTANT_ANALYSIS);
  EXPECT_EQ(TierOf(input), v1::TIER_SIMPLE);
  input.set_task(v1::TASK_SUMMARY);
  EXPECT_EQ(TierOf(input), v1::TIER_SIMPLE);
  input.set_task(v1::TASK_COACH_REPLY);
  EXPECT_EQ(TierOf(input), v1::TIER_STANDARD);
  input.set_tier(v1::TIER_PREMIUM);
  EXPECT_EQ(TierOf(input), v1::TIER_PREMIUM);
}

// Spec 001: Claude Sonnet 4, then GPT-4o, then GPT-4o-mini.
TEST(Chain, BeginsAtTheTierAndGoesDown) {
  const std::set<std::string> all = {"anthropic", "openai"};
  EXPECT_THAT(ChainNames(v1::TIER_PREMIUM, all),
              ElementsAre("claude-sonnet-4", "gpt-4o", "gpt-4o-mini"));
  EXPECT_THAT(ChainNames(v1::TIER_STANDARD, all), ElementsAre("gpt-4o", "gpt-4o-mini"));
  EXPECT_THAT(ChainNames(v1::TIER_SIMPLE, all), ElementsAre("gpt-4o-mini"));
}

TEST(Chain, LeavesOutProvidersWithoutKey) {
  EXPECT_THAT(ChainNames(v1::TIER_PREMIUM, {"openai"}), ElementsAre("gpt-4o", "gpt-4o-mini"));
  EXPECT_THAT(ChainNames(v1::TIER_PREMIUM, {}), ElementsAre());
}

TEST(Chain, GoesUpWhenNothingBelowIsThere) {
  EXPECT_THAT(ChainNames(v1::TIER_SIMPLE, {"anthropic"}), ElementsAre("claude-sonnet-4"));
}

// Whatever the chain's length: nobody gets more than is left, everyone gets something, the last
// gets all.
TEST(ShareOf, LeavesTimeForTheFallback) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    absl::Duration left = absl::Milliseconds(1 + random() % 60000);
    for (int models = static_cast<int>(1 + random() % 5); models > 0; --models) {
      const absl::Duration share = ShareOf(left, models);
      EXPECT_GT(share, absl::ZeroDuration());
      EXPECT_LE(share, left);
      if (models == 1) EXPECT_EQ(share, left);
      left -= share;
    }
  }
}

}  // namespace
}  // namespace selfology::ai
