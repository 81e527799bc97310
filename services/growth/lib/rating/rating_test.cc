#include "services/growth/lib/rating/rating.h"

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace selfology::rating {
namespace {

TEST(RatingsTest, EloMovesWhatTheLoserLoses) {
  const auto [winner, loser] = Elo(1500, 1500, 1, 32, 32);
  EXPECT_DOUBLE_EQ(winner, 1516);
  EXPECT_DOUBLE_EQ(loser, 1484);
  const auto [favourite, outsider] = Elo(1900, 1500, 0.5, 32, 32);
  EXPECT_LT(favourite, 1900) << "a draw against a weaker player costs";
  EXPECT_NEAR(favourite + outsider, 3400, 1e-9);
  EXPECT_EQ(EloStep(29), 32);
  EXPECT_EQ(EloStep(30), 16);
}

// The example of Glickman's paper of 2013.
TEST(RatingsTest, Glicko2GivesThePapersExample) {
  const Glicko after = Glicko2({1500, 200, 0.06}, {{1400, 30, 1}, {1550, 100, 0}, {1700, 300, 0}});
  EXPECT_NEAR(after.value, 1464.06, 0.02);
  EXPECT_NEAR(after.deviation, 151.52, 0.02);
  EXPECT_NEAR(after.volatility, 0.05999, 0.00002);
}

TEST(RatingsTest, UncertaintyGrowsWithoutMatchesAndShrinksWithThem) {
  const Glicko idle = Glicko2({1500, 200, 0.06}, {});
  EXPECT_GT(idle.deviation, 200);
  EXPECT_EQ(idle.value, 1500);
  EXPECT_LE(Glicko2({1500, 350, 0.06}, {}).deviation, 350);
  std::mt19937 random(5);
  std::uniform_real_distribution<double> value(800, 2400), deviation(40, 350);
  for (int i = 0; i < 2000; ++i) {
    const Glicko before = {value(random), deviation(random), 0.06};
    const GlickoMatch match = {value(random), deviation(random),
                               static_cast<double>(random() % 3) / 2};
    const Glicko after = Glicko2(before, {match});
    ASSERT_TRUE(std::isfinite(after.value) && after.deviation > 0 && after.volatility > 0);
    ASSERT_LT(after.deviation, std::hypot(before.deviation, 0.07 * 173.7178));
    if (match.score == 1) ASSERT_GT(after.value, before.value);
    if (match.score == 0) ASSERT_LT(after.value, before.value);
  }
}

TEST(RatingsTest, ChancesOfTwoAddUpToOne) {
  EXPECT_DOUBLE_EQ(WinChance({}, {}), 0.5);
  const Glicko strong = {1900, 50, 0.06}, weak = {1500, 80, 0.06};
  EXPECT_GT(WinChance(strong, weak), 0.85);
  EXPECT_NEAR(WinChance(strong, weak) + WinChance(weak, strong), 1, 1e-12);
}

// As the OpenSkill programs give it for two teams of two new players.
TEST(RatingsTest, PlackettLuceGivesOpenSkillsExample) {
  const std::vector<Team> after = PlackettLuce({Team(2), Team(2)}, {1, 2});
  for (const Skill& skill : after[0]) {
    EXPECT_NEAR(skill.mu, 26.964294621803063, 1e-9);
    EXPECT_NEAR(skill.sigma, 8.177962604389991, 1e-9);
  }
  for (const Skill& skill : after[1]) {
    EXPECT_NEAR(skill.mu, 23.035705378196937, 1e-9);
    EXPECT_NEAR(skill.sigma, 8.177962604389991, 1e-9);
  }
}

TEST(RatingsTest, PlackettLuceKnowsNoOrderOfTheList) {
  const std::vector<Team> teams = {
      {{29.182, 4.782}}, {{27.174, 4.922}, {20, 6}}, {{16.672, 6.217}}, {{25, 25.0 / 3}}};
  const std::vector<Team> after = PlackettLuce(teams, {1, 2, 2, 4});
  const std::vector<Team> reversed =
      PlackettLuce({teams[3], teams[2], teams[1], teams[0]}, {4, 2, 2, 1});
  for (size_t i = 0; i < teams.size(); ++i) {
    for (size_t p = 0; p < teams[i].size(); ++p) {
      EXPECT_NEAR(after[i][p].mu, reversed[3 - i][p].mu, 1e-9);
      EXPECT_LE(after[i][p].sigma, std::hypot(teams[i][p].sigma, 25.0 / 300));
    }
  }
  EXPECT_GT(after[0][0].mu, teams[0][0].mu);
  EXPECT_LT(after[3][0].mu, teams[3][0].mu);
}

}  // namespace
}  // namespace selfology::rating
