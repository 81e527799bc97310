// Reads one answer: asks the AI, and falls back to rules (services/coaching/lib/lexicon). Stores
// nothing.
//
//   Analyst analyst(ai::v1::AiServiceClient(mesh.Peer("ai")), lexicon, sign_rules,
//                   {.metrics = &mesh.metrics()});
//   v1::InstantAnalysis instant = analyst.Instant(call, answer);   // always succeeds, and soon
//   absl::StatusOr<v1::DeepAnalysis> deep = analyst.Deep(call, answer, {});
//   if (!deep.ok()) deep = analyst.DeepByRules(answer);
//
// Instant gives the AI `instant_budget` (below the 500 ms of R000-8, which also have to hold the
// database and the way there) and then goes by rules, which take a millisecond; when the AI keeps
// missing the budget, a circuit breaker saves the time and the money of asking for a minute. Errors
// of Deep: the AI's (AI_API_TIMEOUT, FALLBACK_CHAIN_EXHAUSTED, …), ANALYSIS_FAILED. Metrics:
// instant_analysis_duration_seconds{by} and deep_analysis_duration_seconds{by}; by: "ai", "rules".
// Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/resilience/circuit_breaker.h"
#include "selfology/ai/v1/ai_service_client.h"
#include "selfology/analysis/v1/analysis.pb.h"
#include "services/coaching/analysis/answer.h"
#include "services/coaching/lib/lexicon/lexicon.h"
#include "services/coaching/lib/lexicon/reading.h"
#include "services/coaching/lib/trait_evidence/rules.h"

namespace selfology::analysis {

// model_used of what the rules made.
inline constexpr std::string_view kRules = "rules";

class Analyst {
 public:
  struct Options {
    absl::Duration instant_budget = absl::Milliseconds(400);
    absl::Duration deep_timeout = absl::Seconds(30);
    observe::Metrics* metrics = nullptr;  // May be null; outlives the analyst.
    std::function<absl::Time()> clock = &absl::Now;
  };

  Analyst(ai::v1::AiServiceClient ai, std::shared_ptr<const lexicon::Lexicon> lexicon,
          std::shared_ptr<const trait_evidence::SignRules> signs, Options options);

  v1::InstantAnalysis Instant(const Call& call, const Answer& answer);
  v1::InstantAnalysis InstantByRules(const Answer& answer) const;

  struct DeepOptions {
    std::vector<std::string> known_patterns = {};
    bool premium = false;  // Whatever the answer deserves.
  };
  absl::StatusOr<v1::DeepAnalysis> Deep(const Call& call, const Answer& answer,
                                        const DeepOptions& options);
  v1::DeepAnalysis DeepByRules(const Answer& answer) const;

  // A clause of the answer in which a pattern shows; empty if in none.
  std::string EvidenceOf(const Answer& answer, std::string_view pattern) const;

  // What set an answer's traits off, such as "creative_answers".
  std::string TriggerOf(const Answer& answer) const;

  // Whether there is an AI to ask.
  absl::Status Healthy(const Call& call) const;

 private:
  absl::StatusOr<v1::InstantAnalysis> AskInstant(const Call& call, const Answer& answer,
                                                 const v1::InstantAnalysis& by_rules);

  // Signs of traits: the model's, or those of the rules when it gave none; and what they come to.
  void CompleteTraits(const Answer& answer, v1::DeepAnalysis& deep) const;

  const ai::v1::AiServiceClient ai_;
  const std::shared_ptr<const lexicon::Lexicon> lexicon_;
  const std::shared_ptr<const trait_evidence::SignRules> signs_;
  const Options options_;
  resilience::CircuitBreaker instant_breaker_;
};

}  // namespace selfology::analysis
