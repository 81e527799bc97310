// Models: what they are called, what they cost, and which of them are asked for what, in which
// order.
//
//   ASSIGN_OR_RETURN(Model model, ParseModel("openai,gpt-4o,2.50,10", v1::TIER_STANDARD));
//   for (const Model* model : Chain(models, TierOf(input), has_key)) ...
//
// Units: prices in US dollars per million tokens. Errors: ParseModel gives INVALID_ARGUMENT.
// Threads: values and pure functions.
// Sources: tiers and chain from specs 000 and 001 ("AI Router", "AI Fallback Chain"); default
// prices from the providers' public price lists of 2025.
#pragma once

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
};

// From "provider,model,input price,output price".
absl::StatusOr<Model> ParseModel(std::string_view text, v1::Tier tier);

// The tier asked for, or what the task deserves.
v1::Tier TierOf(const v1::CompletionInput& input);

// Whom to ask, one after the other. `models` is sorted, best tier first. Those of the tier and
// below that are usable; when there are none, usable ones above, the cheapest tier first: an answer
// that costs more beats none.
std::vector<const Model*> Chain(absl::Span<const Model> models, v1::Tier tier,
                                absl::FunctionRef<bool(const Model&)> usable);

// How much of the time left one model may take when n are still to be asked, itself included:
// 2/(n+1), so that the first of three has half of it, the first of two has two thirds, and the last
// has all.
absl::Duration ShareOf(absl::Duration left, int models);

// Whether a circuit breaker stands before it. None before rooms: their processes restart within
// seconds, and health checks and deadlines see to that.
bool HasBreaker(const Model& model);

double CostUsd(const Model& model, int input_tokens, int output_tokens);

}  // namespace selfology::ai
