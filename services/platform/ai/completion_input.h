// What a caller asks for, checked and completed, and how it is put to any model.
//
//   ASSIGN_OR_RETURN(const v1::CompletionInput input, Normalise(request.input()));
//
// Errors: INVALID_ARGUMENT naming each field that breaks the contract. Threads: pure functions.
// Source of the limits and defaults: ai.proto.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "selfology/ai/v1/ai.pb.h"

namespace selfology::ai {

// With max_tokens and temperature filled in.
absl::StatusOr<v1::CompletionInput> Normalise(const v1::CompletionInput& input);

// The system prompt, with what `response_format` and `language` ask for in words.
std::string SystemText(const v1::CompletionInput& input);

// For servers that do not count: four characters a token.
int EstimatedTokens(std::string_view text);
int EstimatedTokens(const v1::CompletionInput& input);

}  // namespace selfology::ai
