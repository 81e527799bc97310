#include "services/coaching/question/smart_mix.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/random/distributions.h"

namespace selfology::question {
namespace {

// The parts of a score. They add up to 1.
struct Weights {
  double coverage;  // Domains not yet touched in this session.
  double interest;  // Domains that matter to the person.
  double depth;     // Nearness to the depth that is due.
  double energy;    // Ease, as far as the person needs rest.
};

struct Phase {
  v1::SelectionStrategy strategy;
  int from_answers;
  v1::DepthLevel shallowest;
  v1::DepthLevel deepest;
  int hardest;          // Load, see below.
  double need_of_rest;  // 0 to 1, for someone who is not tired.
  Weights weights;
};

// What a question takes from the person; below 0 it gives.
int Load(v1::EnergyDynamics energy) {
  switch (energy) {
    case v1::ENERGY_DYNAMICS_HEALING:
      return -2;
    case v1::ENERGY_DYNAMICS_OPENING:
      return -1;
    case v1::ENERGY_DYNAMICS_PROCESSING:
      return 1;
    case v1::ENERGY_DYNAMICS_HEAVY:
      return 2;
    default:
      return 0;
  }
}

constexpr int kHeaviest = 2;
constexpr int kLightest = -2;

constexpr std::array<Phase, 4> kPhases = {{
    {.strategy = v1::SELECTION_STRATEGY_ENTRY,
     .from_answers = 0,
     .shallowest = v1::DEPTH_LEVEL_SURFACE,
     .deepest = v1::DEPTH_LEVEL_CONSCIOUS,
     .hardest = 0,
     .need_of_rest = 1,
     .weights = {.coverage = 0.5, .interest = 0, .depth = 0.2, .energy = 0.3}},
    {.strategy = v1::SELECTION_STRATEGY_EXPLORATION,
     .from_answers = 2,
     .shallowest = v1::DEPTH_LEVEL_SURFACE,
     .deepest = v1::DEPTH_LEVEL_EDGE,
     .hardest = 1,
     .need_of_rest = 0.25,
     .weights = {.coverage = 0.6, .interest = 0.1, .depth = 0.2, .energy = 0.1}},
    {.strategy = v1::SELECTION_STRATEGY_DEEPENING,
     .from_answers = 5,
     .shallowest = v1::DEPTH_LEVEL_CONSCIOUS,
     .deepest = v1::DEPTH_LEVEL_CORE,
     .hardest = 2,
     .need_of_rest = 0,
     .weights = {.coverage = 0.2, .interest = 0.45, .depth = 0.25, .energy = 0.1}},
    {.strategy = v1::SELECTION_STRATEGY_BALANCING,
     .from_answers = 9,
     .shallowest = v1::DEPTH_LEVEL_SURFACE,
     .deepest = v1::DEPTH_LEVEL_CORE,
     .hardest = 0,
     .need_of_rest = 1,
     .weights = {.coverage = 0.2, .interest = 0.1, .depth = 0.1, .energy = 0.6}},
}};

// The depth that is due after so many answers: down step by step, up for breath at 7, and a soft
// landing.
constexpr std::array<v1::DepthLevel, 10> kWayDown = {
    v1::DEPTH_LEVEL_SURFACE,   v1::DEPTH_LEVEL_CONSCIOUS, v1::DEPTH_LEVEL_CONSCIOUS,
    v1::DEPTH_LEVEL_CONSCIOUS, v1::DEPTH_LEVEL_EDGE,      v1::DEPTH_LEVEL_EDGE,
    v1::DEPTH_LEVEL_SHADOW,    v1::DEPTH_LEVEL_EDGE,      v1::DEPTH_LEVEL_CORE,
    v1::DEPTH_LEVEL_CONSCIOUS};

// With two heavy questions' worth of load someone needs nothing but rest.
constexpr double kExhausted = 4;

// Interest in a domain of which nothing is known.
constexpr double kUnknownInterest = 0.5;

// Scores this near are the same to a person.
constexpr double kNearlyTheSame = 0.02;

const Phase& PhaseFor(int answers_given) {
  const Phase* phase = &kPhases.front();
  for (const Phase& candidate : kPhases) {
    if (answers_given >= candidate.from_answers) phase = &candidate;
  }
  return *phase;
}

double Tiredness(const Situation& situation) {
  int load = 0;
  for (const Asked& asked : situation.asked) {
    // Rest cannot be saved up.
    if (asked.answered) load = std::max(0, load + Load(asked.energy));
  }
  return std::min(1.0, load / kExhausted);
}

int DeepestAnswered(const Situation& situation) {
  int deepest = v1::DEPTH_LEVEL_SURFACE;
  for (const Asked& asked : situation.asked) {
    if (asked.answered) deepest = std::max<int>(deepest, asked.depth);
  }
  return deepest;
}

bool AfterHeavy(const Situation& situation) {
  const auto& asked = situation.asked;
  const auto answered =
      std::find_if(asked.rbegin(), asked.rend(), [](const Asked& one) { return one.answered; });
  return (!asked.empty() && asked.back().energy == v1::ENERGY_DYNAMICS_HEAVY) ||
         (answered != asked.rend() && answered->energy == v1::ENERGY_DYNAMICS_HEAVY);
}

double Coverage(const v1::Question& question, const Situation& situation) {
  const auto in_domain =
      std::count_if(situation.asked.begin(), situation.asked.end(),
                    [&](const Asked& asked) { return asked.domain == question.domain(); });
  return 1.0 / (1.0 + static_cast<double>(in_domain));
}

double Interest(const v1::Question& question, const Situation& situation) {
  const auto found = situation.interests.find(question.domain());
  return found == situation.interests.end() ? kUnknownInterest : found->second;
}

double DepthFit(const v1::Question& question, const Situation& situation) {
  constexpr double kWidest = v1::DEPTH_LEVEL_CORE - v1::DEPTH_LEVEL_SURFACE;
  return 1 - std::abs(question.depth_level() - DepthDue(situation.answers_given)) / kWidest;
}

double EnergyFit(const v1::Question& question, const Situation& situation) {
  const double ease =
      static_cast<double>(kHeaviest - Load(question.energy_dynamics())) / (kHeaviest - kLightest);
  const double need =
      std::max(PhaseFor(situation.answers_given).need_of_rest, Tiredness(situation));
  return 0.5 + need * (ease - 0.5);
}

}  // namespace

v1::SelectionStrategy StrategyFor(int answers_given) { return PhaseFor(answers_given).strategy; }

v1::DepthLevel DepthDue(int answers_given) {
  return kWayDown[std::clamp<int>(answers_given, 0, kWayDown.size() - 1)];
}

bool IsSafe(const v1::Question& question, const Situation& situation) {
  if (question.retired() || situation.ever_asked.contains(question.question_id())) return false;
  if (AfterHeavy(situation) && Load(question.energy_dynamics()) > 0) return false;
  if (question.energy_dynamics() == v1::ENERGY_DYNAMICS_HEAVY &&
      (!situation.heavy_welcome ||
       StrategyFor(situation.answers_given) != v1::SELECTION_STRATEGY_DEEPENING)) {
    return false;
  }
  return question.depth_level() <= DeepestAnswered(situation) + 1;
}

bool Suits(const v1::Question& question, const Situation& situation) {
  const Phase& phase = PhaseFor(situation.answers_given);
  if (question.depth_level() < phase.shallowest || question.depth_level() > phase.deepest) {
    return false;
  }
  const int load = Load(question.energy_dynamics());
  if (load > phase.hardest) return false;
  // Nobody enters with a healing question: there is nothing to heal from yet.
  if (phase.strategy == v1::SELECTION_STRATEGY_ENTRY && load == kLightest) return false;
  if (situation.heavy_welcome) {
    return question.energy_dynamics() == v1::ENERGY_DYNAMICS_HEAVY;
  }
  const std::optional<Asked>& skipped = situation.skipped;
  return !skipped.has_value() ||
         (question.depth_level() <= skipped->depth && load <= Load(skipped->energy));
}

double Score(const v1::Question& question, const Situation& situation) {
  const Weights& weights = PhaseFor(situation.answers_given).weights;
  return weights.coverage * Coverage(question, situation) +
         weights.interest * Interest(question, situation) +
         weights.depth * DepthFit(question, situation) +
         weights.energy * EnergyFit(question, situation);
}

const v1::Question* Choose(absl::Span<const v1::Question> bank, const Situation& situation,
                           absl::BitGenRef random) {
  std::vector<const v1::Question*> candidates;
  for (const v1::Question& question : bank) {
    if (IsSafe(question, situation)) candidates.push_back(&question);
  }
  const auto suits = [&](const v1::Question* question) { return Suits(*question, situation); };
  const bool some_suit = std::any_of(candidates.begin(), candidates.end(), suits);
  if (!some_suit && situation.heavy_welcome) {
    Situation as_always = situation;
    as_always.heavy_welcome = false;
    return Choose(bank, as_always, random);
  }
  if (some_suit) {
    std::erase_if(candidates, [&](const v1::Question* question) { return !suits(question); });
  }
  if (candidates.empty()) return nullptr;

  std::vector<double> scores;
  for (const v1::Question* question : candidates) scores.push_back(Score(*question, situation));
  const double best = *std::max_element(scores.begin(), scores.end());
  std::vector<const v1::Question*> winners;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (scores[i] >= best - kNearlyTheSame) winners.push_back(candidates[i]);
  }
  return winners[absl::Uniform<size_t>(random, 0, winners.size())];
}

}  // namespace selfology::question
