// What a model answered.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "selfology/ai/v1/ai.pb.h"

namespace selfology::ai {

struct Answer {
  std::string text;
  int input_tokens = 0;
  int output_tokens = 0;
  bool truncated = false;  // By max_tokens.
};

// The answer as its provider gives it back: UnusableAnswer without text; tokens that the server did
// not count estimated.
absl::StatusOr<Answer> Finished(Answer answer, const v1::CompletionInput& input);

}  // namespace selfology::ai
