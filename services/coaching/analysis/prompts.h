// What the models are asked.
//
//   ai::v1::CompletionInput input = InstantPrompt(answer);
//   ai::v1::CompletionInput input = DeepPrompt(answer, known_patterns, ai::v1::TIER_STANDARD);
//
// The reply they ask for is JSON of the contract's InstantAnalysis and DeepAnalysis, which
// replies.h reads. What people wrote is quoted (common/prompt/quoted.h): it cannot leave its place,
// and the system prompt, which never holds any of it, says that it is no instruction. Threads: pure
// functions.
#pragma once

#include <string>
#include <vector>

#include "selfology/ai/v1/ai.pb.h"
#include "services/coaching/analysis/answer.h"

namespace selfology::analysis {

ai::v1::CompletionInput InstantPrompt(const Answer& answer);

// known_patterns: names of patterns seen in the person's earlier answers, for the model to
// recognise them by.
ai::v1::CompletionInput DeepPrompt(const Answer& answer,
                                   const std::vector<std::string>& known_patterns,
                                   ai::v1::Tier tier);

}  // namespace selfology::analysis
