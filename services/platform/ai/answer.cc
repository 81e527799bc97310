#include "services/platform/ai/answer.h"

#include "services/platform/ai/completion_input.h"
#include "services/platform/ai/failure.h"

namespace selfology::ai {

absl::StatusOr<Answer> Finished(Answer answer, const v1::CompletionInput& input) {
  if (answer.text.empty()) return UnusableAnswer("no text");
  if (answer.input_tokens == 0) answer.input_tokens = EstimatedTokens(input);
  if (answer.output_tokens == 0) answer.output_tokens = EstimatedTokens(answer.text);
  return answer;
}

}  // namespace selfology::ai
