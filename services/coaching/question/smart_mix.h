// Smart Mix: which question comes next. Pure: the bank, the person's history and the randomness are
// passed in, so that its promises can be tried against any history.
//
//   const v1::Question* next = Choose(bank, situation, random);
//   if (next == nullptr) ...   // nothing left that fits
//
// The number of answers given decides the strategy:
//   ENTRY        0 to 1  easy, low energy, broad domains
//   EXPLORATION  2 to 4  new domains, up to the edge
//   DEEPENING    5 to 8  deeper, into the domains that interest the person most
//   BALANCING    9 on    give energy back
//
// Safety comes first and holds always. A question is safe if
//   - it is not retired, and this person was never asked it;
//   - it is OPENING, NEUTRAL or HEALING after a HEAVY one, asked last or answered last;
//   - it is not HEAVY, unless the person has welcomed one and the strategy is DEEPENING;
//   - it goes at most one level deeper than the deepest answer of the session.
// Among safe questions those that suit the strategy (and, in a skipped one's place, are no harder
// than that, or HEAVY if that was welcomed) come before all others; among those the best score wins, and between questions of
// nearly the same score chance decides.
//
// Threads: pure functions. Requirement: R001-4.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/random/bit_gen_ref.h"
#include "absl/types/span.h"
#include "selfology/question/v1/question.pb.h"

namespace selfology::question {

// A question of this session.
struct Asked {
  std::string domain;
  v1::DepthLevel depth = v1::DEPTH_LEVEL_UNSPECIFIED;
  v1::EnergyDynamics energy = v1::ENERGY_DYNAMICS_UNSPECIFIED;
  bool answered = false;
};

struct Situation {
  int answers_given = 0;
  std::vector<Asked> asked;                              // In this session, oldest first.
  std::set<std::string, std::less<>> ever_asked;         // Ids, of all sessions.
  std::map<std::string, double, std::less<>> interests;  // By domain, 0 to 1; absent: not known.
  std::optional<Asked> skipped;                          // What the question is to replace.
  bool heavy_welcome = false;                            // They would like a heavy one instead.
};

v1::SelectionStrategy StrategyFor(int answers_given);
v1::DepthLevel DepthDue(int answers_given);

bool IsSafe(const v1::Question& question, const Situation& situation);
bool Suits(const v1::Question& question, const Situation& situation);
// 0 to 1; the higher the better.
double Score(const v1::Question& question, const Situation& situation);

// nullptr: no safe question is left.
const v1::Question* Choose(absl::Span<const v1::Question> bank, const Situation& situation,
                           absl::BitGenRef random);

}  // namespace selfology::question
