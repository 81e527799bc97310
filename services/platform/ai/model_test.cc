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
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

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

TEST(ParseModel, TakesWhatBoundsIt) {
  const auto model =
      ParseModel("openai,own,0,0,concurrency=2,timeout=20s,width=384,batch=5", v1::TIER_SIMPLE);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->concurrency, 2);
  EXPECT_EQ(model->timeout, absl::Seconds(20));
  EXPECT_EQ(model->width, 384);
  EXPECT_EQ(model->batch, 5);
  const auto plain = ParseModel("openai,own,0,0", v1::TIER_PREMIUM);
  EXPECT_EQ(plain->concurrency, 0);
  EXPECT_EQ(plain->timeout, absl::InfiniteDuration());
  EXPECT_EQ(plain->width, 0);
  EXPECT_TRUE(IsSameModel(*model, *plain));
  EXPECT_FALSE(IsSameModel(*plain, *ParseModel("openai,other,0,0", v1::TIER_PREMIUM)));
  EXPECT_FALSE(IsSameModel(*plain, *ParseModel("anthropic,own,0,0", v1::TIER_PREMIUM)));
}

TEST(ParseModel, RefusesWhatIsIncomplete) {
  for (const std::string_view text :
       {"", "openai", "openai,gpt-4o", "openai,gpt-4o,1", ",gpt-4o,1,2", "openai,,1,2",
        "openai,gpt-4o,x,2", "openai,gpt-4o,-1,2", "openai,gpt-4o,1,inf", "openai,gpt-4o,1,2,3",
        "openai,gpt-4o,1,2,timeout=soon", "openai,gpt-4o,1,2,timeout=0s",
        "openai,gpt-4o,1,2,width=0", "openai,gpt-4o,1,2,concurrency=-1",
        "openai,gpt-4o,1,2,concurrency", "openai,gpt-4o,1,2,batch=0",
        "openai,gpt-4o,1,2,speed=9"}) {
    EXPECT_EQ(ParseModel(text, v1::TIER_SIMPLE).status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(ParseTaskTimeouts, TakesTasksByTheirNames) {
  const auto timeouts = ParseTaskTimeouts({"coach_reply=20s", "deep_analysis=2m", "other=1h"});
  ASSERT_TRUE(timeouts.ok()) << timeouts.status();
  EXPECT_THAT(*timeouts, UnorderedElementsAre(Pair(v1::TASK_COACH_REPLY, absl::Seconds(20)),
                                              Pair(v1::TASK_DEEP_ANALYSIS, absl::Minutes(2)),
                                              Pair(v1::TASK_UNSPECIFIED, absl::Hours(1))));
  EXPECT_TRUE(ParseTaskTimeouts({})->empty());
}

TEST(ParseTaskTimeouts, RefusesWhatItDoesNotKnow) {
  for (const std::string text : {"", "coach_reply", "coach_reply=", "coach_reply=20", "dream=20s",
                                 "=20s", "insight=-1s", "unspecified=1s"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseTaskTimeouts({text}).status())) << text;
  }
}

TEST(PriorityOf, PutsPeopleWhoWaitFirst) {
  EXPECT_LT(PriorityOf(v1::TASK_COACH_REPLY), PriorityOf(v1::TASK_INSTANT_ANALYSIS));
  for (const v1::Task task :
       {v1::TASK_DEEP_ANALYSIS, v1::TASK_INSIGHT, v1::TASK_SUMMARY, v1::TASK_UNSPECIFIED}) {
    EXPECT_LT(PriorityOf(v1::TASK_INSTANT_ANALYSIS), PriorityOf(task));
  }
}

TEST(TimeForModels, KeepsSomeForTheLocalOne) {
  const absl::Duration any = absl::InfiniteDuration();
  EXPECT_EQ(TimeForModels(absl::Seconds(25), any, absl::Seconds(1)), absl::Seconds(24));
  EXPECT_EQ(TimeForModels(absl::Milliseconds(400), any, absl::Seconds(1)), absl::Milliseconds(300))
      << "a quarter at most";
  EXPECT_EQ(TimeForModels(absl::Seconds(25), any, absl::ZeroDuration()), absl::Seconds(25));
  EXPECT_EQ(TimeForModels(absl::Seconds(25), absl::Seconds(10), absl::Seconds(1)),
            absl::Seconds(10));
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

// R000-11: Claude Sonnet 4, then GPT-4o, then GPT-4o-mini.
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
