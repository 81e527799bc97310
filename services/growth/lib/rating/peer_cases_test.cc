// Ratings beside programs that others wrote (peer_cases.tsv, by tests/peers/task_cases.py).
#include "services/growth/lib/rating/peer_cases.h"

#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "services/growth/lib/rating/rating.h"

namespace selfology::rating {
namespace {

std::vector<double> Numbers(std::string_view text) {
  std::vector<double> numbers;
  for (const std::string_view one : absl::StrSplit(text, ' ')) {
    EXPECT_TRUE(absl::SimpleAtod(one, &numbers.emplace_back())) << one;
  }
  return numbers;
}

std::vector<Team> Teams(std::string_view text) {
  std::vector<Team> teams;
  for (const std::string_view team : absl::StrSplit(text, ';')) {
    const std::vector<double> numbers = Numbers(team);
    Team& made = teams.emplace_back();
    for (size_t i = 0; i + 1 < numbers.size(); i += 2) made.push_back({numbers[i], numbers[i + 1]});
  }
  return teams;
}

void CheckGlicko(const std::vector<std::string_view>& parts, std::string_view line) {
  const std::vector<double> player = Numbers(parts[1]), wanted = Numbers(parts[3]);
  std::vector<GlickoMatch> matches;
  for (const std::string_view match : absl::StrSplit(parts[2], ';')) {
    const std::vector<double> numbers = Numbers(match);
    matches.push_back({numbers[0], numbers[1], numbers[2]});
  }
  const Glicko after = Glicko2({player[0], player[1], player[2]}, matches);
  EXPECT_NEAR(after.value, wanted[0], 1e-4) << line;
  EXPECT_NEAR(after.deviation, wanted[1], 1e-4) << line;
  EXPECT_NEAR(after.volatility, wanted[2], 1e-6) << line;
}

void CheckSkill(const std::vector<std::string_view>& parts, std::string_view line) {
  std::vector<int> places;
  for (const double place : Numbers(parts[2])) places.push_back(static_cast<int>(place));
  const std::vector<Team> after = PlackettLuce(Teams(parts[1]), places), wanted = Teams(parts[3]);
  ASSERT_EQ(after.size(), wanted.size());
  for (size_t t = 0; t < wanted.size(); ++t) {
    for (size_t i = 0; i < wanted[t].size(); ++i) {
      EXPECT_NEAR(after[t][i].mu, wanted[t][i].mu, 1e-6) << line;
      EXPECT_NEAR(after[t][i].sigma, wanted[t][i].sigma, 1e-6) << line;
    }
  }
}

TEST(PeerCasesTest, RatesAsOtherProgramsDo) {
  int glicko = 0, skill = 0;
  for (const std::string_view line : absl::StrSplit(kPeerCasesTsv, '\n', absl::SkipEmpty())) {
    if (line.front() == '#') continue;
    const std::vector<std::string_view> parts = absl::StrSplit(line, '\t');
    ASSERT_EQ(parts.size(), 4u) << line;
    if (parts[0] == "glicko") {
      ++glicko;
      CheckGlicko(parts, line);
    } else {
      ++skill;
      CheckSkill(parts, line);
    }
  }
  EXPECT_EQ(glicko, 300);
  EXPECT_EQ(skill, 300);
}

}  // namespace
}  // namespace selfology::rating
