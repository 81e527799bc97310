#include "services/coaching/question/smart_mix.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/question/bank.h"

namespace selfology::question {
namespace {

using ::testing::Contains;

constexpr int kDepths = 5;
constexpr int kEnergies = 5;

v1::Question Make(std::string id, std::string domain, v1::DepthLevel depth,
                  v1::EnergyDynamics energy) {
  v1::Question question;
  question.set_question_id(std::move(id));
  question.set_domain(std::move(domain));
  question.set_depth_level(depth);
  question.set_energy_dynamics(energy);
  return question;
}

std::vector<v1::Question> RandomBank(absl::BitGenRef random) {
  std::vector<v1::Question> bank;
  const int size = absl::Uniform(random, 0, 40);
  for (int i = 0; i < size; ++i) {
    bank.push_back(Make(absl::StrCat("q_", i), absl::StrCat("D", absl::Uniform(random, 0, 6)),
                        static_cast<v1::DepthLevel>(absl::Uniform(random, 1, kDepths + 1)),
                        static_cast<v1::EnergyDynamics>(absl::Uniform(random, 1, kEnergies + 1))));
    bank.back().set_retired(absl::Bernoulli(random, 0.1));
  }
  return bank;
}

Situation RandomSituation(const std::vector<v1::Question>& bank, absl::BitGenRef random) {
  Situation situation;
  situation.answers_given = absl::Uniform(random, 0, 14);
  for (const v1::Question& question : bank) {
    if (absl::Bernoulli(random, 0.3)) {
      situation.ever_asked.insert(question.question_id());
      if (absl::Bernoulli(random, 0.5)) {
        situation.asked.push_back({question.domain(), question.depth_level(),
                                   question.energy_dynamics(), absl::Bernoulli(random, 0.8)});
      }
    }
    if (absl::Bernoulli(random, 0.1)) {
      situation.interests[question.domain()] = absl::Uniform(random, 0.0, 1.0);
    }
  }
  if (!situation.asked.empty() && absl::Bernoulli(random, 0.2)) {
    situation.skipped = situation.asked.back();
    situation.heavy_welcome = absl::Bernoulli(random, 0.5);
  }
  return situation;
}

bool IsHeavy(v1::EnergyDynamics energy) { return energy == v1::ENERGY_DYNAMICS_HEAVY; }

bool IsLight(v1::EnergyDynamics energy) {
  return energy == v1::ENERGY_DYNAMICS_OPENING || energy == v1::ENERGY_DYNAMICS_NEUTRAL ||
         energy == v1::ENERGY_DYNAMICS_HEALING;
}

// The promises of the header, said once more in other words.
void ExpectSafe(const v1::Question& question, const Situation& situation) {
  EXPECT_FALSE(question.retired());
  EXPECT_FALSE(situation.ever_asked.contains(question.question_id()));
  if (!situation.heavy_welcome || situation.answers_given < 5 || situation.answers_given > 8) {
    EXPECT_FALSE(IsHeavy(question.energy_dynamics()));
  }
  int deepest = v1::DEPTH_LEVEL_SURFACE;
  bool after_heavy = false;
  for (const Asked& asked : situation.asked) {
    if (!asked.answered) continue;
    deepest = std::max<int>(deepest, asked.depth);
    after_heavy = IsHeavy(asked.energy);
  }
  after_heavy |= !situation.asked.empty() && IsHeavy(situation.asked.back().energy);
  if (after_heavy) EXPECT_TRUE(IsLight(question.energy_dynamics()));
  EXPECT_LE(question.depth_level(), deepest + 1);
}

// What R001-4 says of each strategy.
void ExpectStrategy(const v1::Question& question, int answers_given) {
  if (answers_given <= 1) {
    EXPECT_LE(question.depth_level(), v1::DEPTH_LEVEL_CONSCIOUS);
    EXPECT_TRUE(question.energy_dynamics() == v1::ENERGY_DYNAMICS_OPENING ||
                question.energy_dynamics() == v1::ENERGY_DYNAMICS_NEUTRAL);
  } else if (answers_given <= 4) {
    EXPECT_LE(question.depth_level(), v1::DEPTH_LEVEL_EDGE);
  } else if (answers_given <= 8) {
    EXPECT_GE(question.depth_level(), v1::DEPTH_LEVEL_CONSCIOUS);
  } else {
    EXPECT_TRUE(IsLight(question.energy_dynamics()));
  }
}

TEST(StrategyTest, FollowsTheAnswersGiven) {
  std::map<v1::SelectionStrategy, std::vector<int>> by_strategy;
  for (int answers = 0; answers < 12; ++answers)
    by_strategy[StrategyFor(answers)].push_back(answers);
  using Answers = std::vector<int>;
  EXPECT_EQ(by_strategy[v1::SELECTION_STRATEGY_ENTRY], (Answers{0, 1}));
  EXPECT_EQ(by_strategy[v1::SELECTION_STRATEGY_EXPLORATION], (Answers{2, 3, 4}));
  EXPECT_EQ(by_strategy[v1::SELECTION_STRATEGY_DEEPENING], (Answers{5, 6, 7, 8}));
  EXPECT_EQ(by_strategy[v1::SELECTION_STRATEGY_BALANCING], (Answers{9, 10, 11}));
}

TEST(ChooseTest, KeepsItsPromisesForAnyBankAndHistory) {
  std::mt19937_64 random(1);
  int chosen = 0;
  int none = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::vector<v1::Question> bank = RandomBank(random);
    Situation situation = RandomSituation(bank, random);
    const v1::Question* question = Choose(bank, situation, random);
    const auto fits = [&](const v1::Question& candidate) {
      return IsSafe(candidate, situation) && Suits(candidate, situation);
    };
    // Where no heavy one fits, the wish for one is as none.
    if (situation.heavy_welcome && std::none_of(bank.begin(), bank.end(), fits)) {
      situation.heavy_welcome = false;
    }
    bool some_safe = false;
    bool some_suit = false;
    for (const v1::Question& candidate : bank) {
      some_safe |= IsSafe(candidate, situation);
      some_suit |= fits(candidate);
    }
    ASSERT_EQ(question != nullptr, some_safe) << "nothing is chosen only when nothing is safe";
    if (question == nullptr) {
      ++none;
      continue;
    }
    ++chosen;
    ExpectSafe(*question, situation);
    if (some_suit) {
      ExpectStrategy(*question, situation.answers_given);
      if (situation.skipped.has_value() && !IsHeavy(question->energy_dynamics())) {
        EXPECT_LE(question->depth_level(), situation.skipped->depth);
      }
    }
    const double score = Score(*question, situation);
    EXPECT_GE(score, 0);
    EXPECT_LE(score, 1);
    for (const v1::Question& other : bank) {
      if (IsSafe(other, situation) && Suits(other, situation) == some_suit) {
        EXPECT_GE(score, Score(other, situation) - 0.02 - 1e-9) << "better ones come first";
      }
    }
  }
  EXPECT_GT(chosen, 1000);
  EXPECT_GT(none, 100);
}

TEST(ChooseTest, AHeavyQuestionIsAskedOfThoseWhoWelcomeItOnly) {
  const std::vector<v1::Question> bank = {
      Make("q_heavy", "WORK", v1::DEPTH_LEVEL_EDGE, v1::ENERGY_DYNAMICS_HEAVY),
      Make("q_light", "WORK", v1::DEPTH_LEVEL_SURFACE, v1::ENERGY_DYNAMICS_NEUTRAL)};
  std::mt19937_64 random(1);
  Situation situation;
  situation.answers_given = 5;
  situation.asked = {{"WORK", v1::DEPTH_LEVEL_CONSCIOUS, v1::ENERGY_DYNAMICS_NEUTRAL, true},
                     {"WORK", v1::DEPTH_LEVEL_SURFACE, v1::ENERGY_DYNAMICS_OPENING, false}};
  situation.skipped = situation.asked.back();
  EXPECT_EQ(Choose(bank, situation, random)->question_id(), "q_light");
  situation.heavy_welcome = true;
  EXPECT_EQ(Choose(bank, situation, random)->question_id(), "q_heavy");

  situation.asked.front().energy = v1::ENERGY_DYNAMICS_HEAVY;
  EXPECT_EQ(Choose(bank, situation, random)->question_id(), "q_light") << "not two in a row";
  situation.asked.front().energy = v1::ENERGY_DYNAMICS_NEUTRAL;
  situation.answers_given = 4;
  EXPECT_EQ(Choose(bank, situation, random)->question_id(), "q_light") << "too early";
}

TEST(ChooseTest, TheSameRandomnessMakesTheSameChoice) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 1000; ++i) {
    const std::vector<v1::Question> bank = RandomBank(random);
    const Situation situation = RandomSituation(bank, random);
    std::mt19937_64 one(i);
    std::mt19937_64 two(i);
    EXPECT_EQ(Choose(bank, situation, one), Choose(bank, situation, two));
  }
}

// One person's way through the bank that ships: session after session until nothing is left.
class LifeTest : public ::testing::Test {
 protected:
  void Begin() {
    situation_.answers_given = 0;
    situation_.asked.clear();
  }

  // Chooses, and answers or skips.
  const v1::Question* Step(absl::BitGenRef random) {
    const v1::Question* question = Choose(bank_.questions(), situation_, random);
    if (question == nullptr) return nullptr;
    EXPECT_TRUE(situation_.ever_asked.insert(question->question_id()).second) << "asked twice";
    EXPECT_FALSE(IsHeavy(question->energy_dynamics())) << "without an invitation";
    const bool answered = absl::Bernoulli(random, 0.9);
    const Asked asked{question->domain(), question->depth_level(), question->energy_dynamics(),
                      answered};
    situation_.asked.push_back(asked);
    situation_.answers_given += answered;
    situation_.skipped = answered ? std::nullopt : std::optional(asked);
    return question;
  }

  const Bank bank_ = ShippedBank().value();
  Situation situation_;
};

TEST_F(LifeTest, EndsWithNothingLeftHavingNeverRepeatedItself) {
  for (int seed = 0; seed < 100; ++seed) {
    std::mt19937_64 random(seed);
    situation_ = Situation();
    size_t asked = 0;
    while (true) {
      Begin();
      const size_t before = asked;
      while (situation_.answers_given < 10 && Step(random) != nullptr) ++asked;
      if (asked == before) break;
      ASSERT_LE(asked, bank_.questions().size());
    }
    EXPECT_GT(asked, 150) << "most of the bank is of use before someone runs out of questions";
    for (const v1::Question& question : bank_.questions()) {
      EXPECT_FALSE(IsSafe(question, situation_)) << question.question_id();
    }
  }
}

TEST_F(LifeTest, AFirstSessionTouchesManyDomainsAndGoesDeep) {
  for (int seed = 0; seed < 100; ++seed) {
    std::mt19937_64 random(seed);
    situation_ = Situation();
    std::set<std::string> domains;
    std::vector<v1::DepthLevel> depths;
    while (situation_.answers_given < 10) {
      const int answers = situation_.answers_given;
      const v1::Question* question = Step(random);
      ASSERT_NE(question, nullptr);
      ExpectStrategy(*question, answers);
      domains.insert(question->domain());
      depths.push_back(question->depth_level());
    }
    EXPECT_GE(domains.size(), 6);
    EXPECT_THAT(depths, Contains(::testing::Ge(v1::DEPTH_LEVEL_SHADOW)));
  }
}

TEST_F(LifeTest, NoQuestionIsAskedOfNearlyEverybody) {
  constexpr int kPeople = 1000;
  std::map<std::string, int> asked;
  for (int seed = 0; seed < kPeople; ++seed) {
    std::mt19937_64 random(seed);
    situation_ = Situation();
    while (situation_.answers_given < 10) ++asked[Step(random)->question_id()];
  }
  for (const auto& [question_id, people] : asked) {
    EXPECT_LT(people, kPeople / 5) << question_id;
  }
  EXPECT_GT(asked.size(), 150) << "first sessions differ";
}

TEST_F(LifeTest, EveryDomainIsReachedByEveryStrategy) {
  std::map<v1::SelectionStrategy, std::set<std::string>> reached;
  for (int seed = 0; seed < 1000; ++seed) {
    std::mt19937_64 random(seed);
    situation_ = Situation();
    while (situation_.answers_given < 10) {
      const v1::SelectionStrategy strategy = StrategyFor(situation_.answers_given);
      reached[strategy].insert(Step(random)->domain());
    }
  }
  const size_t domains = bank_.Domains().size();
  EXPECT_EQ(reached.size(), 4);
  for (const auto& [strategy, reached_domains] : reached) {
    EXPECT_EQ(reached_domains.size(), domains) << v1::SelectionStrategy_Name(strategy);
  }
}

TEST_F(LifeTest, DeepensWhereThePersonsInterestLies) {
  for (const v1::Domain& domain : bank_.Domains()) {
    std::mt19937_64 random(1);
    situation_ = Situation();
    while (situation_.answers_given < 5) Step(random);
    for (const v1::Domain& other : bank_.Domains()) situation_.interests[other.domain()] = 0.1;
    situation_.interests[domain.domain()] = 1;
    EXPECT_EQ(Choose(bank_.questions(), situation_, random)->domain(), domain.domain());
  }
}

TEST_F(LifeTest, ATiredPersonIsGivenEase) {
  situation_.answers_given = 8;
  for (int i = 0; i < 8; ++i) {
    situation_.asked.push_back(
        {"WORK", v1::DEPTH_LEVEL_SHADOW, v1::ENERGY_DYNAMICS_HEAVY, /*answered=*/true});
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(IsLight(Choose(bank_.questions(), situation_, random)->energy_dynamics()));
  }
}

}  // namespace
}  // namespace selfology::question
