// Ratings: Elo, Glicko-2 and OpenSkill's Plackett-Luce.
//
//   Glicko mine = Glicko2({.value = 1500, .deviation = 200}, {{1400, 30, 1}, {1550, 100, 0}});
//   auto [a, b] = Elo(1500, 1500, 1, 32, 32);                    // a won
//   PlackettLuce(teams, places);                                 // teams as lists of Skill
//
// Scores are 1 for a win, 0.5 for a draw, 0 for a loss. Threads: pure functions.
// Sources: A. Elo, The Rating of Chessplayers (1978). M. Glickman, Example of the Glicko-2 system
// (2013), with its constants. R. Weng, C.-J. Lin, A Bayesian Approximation Method for Online Ranking,
// JMLR 12 (2011), algorithm 4, with the defaults of the programs called OpenSkill.
#pragma once

#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace selfology::rating {

inline constexpr double kFirstElo = 1500;

// The two ratings after a match with `score` for the first. k: how much a match moves each.
std::pair<double, double> Elo(double first, double second, double score, double k_first,
                              double k_second);
// How much a match moves a player's Elo, by the matches before.
double EloStep(int matches);

struct Glicko {
  double value = 1500;
  double deviation = 350;
  double volatility = 0.06;
};

struct GlickoMatch {
  double value = 0;  // The opponent's.
  double deviation = 0;
  double score = 0;
};

// After a rating period; with no matches only the uncertainty grows. The system constant is 0.5.
Glicko Glicko2(const Glicko& before, absl::Span<const GlickoMatch> matches);
// The chance, 0 to 1, that the first wins, with both uncertainties.
double WinChance(const Glicko& first, const Glicko& second);

struct Skill {
  double mu = 25;
  double sigma = 25.0 / 3;
};
using Team = std::vector<Skill>;

// The teams after a match; places: 1 for the best, equal ones are a draw. Both have one length.
std::vector<Team> PlackettLuce(const std::vector<Team>& teams, const std::vector<int>& places);

}  // namespace selfology::rating
