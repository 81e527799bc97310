// Models: what they are called, what they cost, and which of them are asked for what, in which
// order.
//
//   ASSIGN_OR_RETURN(Model model, ParseModel("openai,gpt-4o,2.50,10", v1::TIER_STANDARD));
//   for (const Model* model : Chain(models, TierOf(input), has_key)) ...
//
// Units: prices in US dollars per million tokens. Errors: the functions that parse give
// INVALID_ARGUMENT.
// Threads: values and pure functions.
// Sources: tiers and chain from specs 000 and 001 ("AI Router", "AI Fallback Chain"); default
// prices from the providers' public price lists of 2025.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "selfology/ai/v1/ai.pb.h"

namespace selfology::ai {

struct Model {
  std::string name = {};      // In responses and metrics: "claude-sonnet-4".
  std::string api_name = {};  // As its provider's API knows it: "claude-sonnet-4-20250514".
  std::string provider = {};  // "openai", "anthropic" or "local".
  v1::Tier tier = v1::TIER_SIMPLE;
  double input_usd_per_million = 0;
  double output_usd_per_million = 0;
  // The longest turn it may have: waiting for a slot, answering and trying again.
  absl::Duration timeout = absl::InfiniteDuration();
  int concurrency = 0;  // Answers at once; 0: any number.
  int width = 0;        // Of its vectors, whatever is asked for; 0: as asked for.
  int batch = 0;        // Texts that it is given at once to make vectors of; 0: all.
};

// From "provider,model,input price,output price", and then any of "timeout=20s", "concurrency=1",
// "width=384" and "batch=1", separated by commas.
absl::StatusOr<Model> ParseModel(std::string_view text, v1::Tier tier);

// The same model at the same provider, whatever else is said of it: one breaker, one queue.
bool IsSameModel(const Model& a, const Model& b);

// The tier asked for, or what the task deserves.
v1::Tier TierOf(const v1::CompletionInput& input);

// As settings and metrics call a task: "coach_reply"; "other" when none is said.
std::string WordOf(v1::Task task);

// Who is served first where a model is busy.
enum class Priority {
  kReply,       // A person looks at "typing…".
  kInstant,     // A person waits for the next question.
  kBackground,  // All else.
};
Priority PriorityOf(v1::Task task);

// Whom to ask, one after the other. `models` is sorted, best tier first. Those of the tier and
// below that are usable; when there are none, usable ones above, the cheapest tier first: an answer
// that costs more beats none.
std::vector<const Model*> Chain(absl::Span<const Model> models, v1::Tier tier,
                                absl::FunctionRef<bool(const Model&)> usable);

// How much of the time left one model may take when n are still to be asked, itself included:
// 2/(n+1), so that the first of three has half of it, the first of two has two thirds, and the last
// has all.
absl::Duration ShareOf(absl::Duration left, int models);

// The longest that configured models may take for a task, all together.
using TaskTimeouts = std::map<v1::Task, absl::Duration>;

// From "coach_reply=20s", "deep_analysis=2m", …: tasks as WordOf says them.
absl::StatusOr<TaskTimeouts> ParseTaskTimeouts(const std::vector<std::string>& texts);

// How much of the time left configured models may take together: what remains when `reserve` is
// kept for the local model behind them, though never more than a quarter; and at most `timeout`.
absl::Duration TimeForModels(absl::Duration left, absl::Duration timeout, absl::Duration reserve);

// Whether a circuit breaker stands before it. None before rooms: their processes restart within
// seconds, and health checks and deadlines see to that.
bool HasBreaker(const Model& model);

double CostUsd(const Model& model, int input_tokens, int output_tokens);

}  // namespace selfology::ai
