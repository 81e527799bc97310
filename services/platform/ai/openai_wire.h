// What goes over the wire to a server that speaks OpenAI's API: chat completions and embeddings, as
// JSON.
//
//   request.body = openai::ChatBody(model, input, /*stream=*/false);
//   ASSIGN_OR_RETURN(Answer answer, openai::ParseChat(response.body, input));
//
// Many servers speak it (llama.cpp, vLLM, Ollama, proxies), some without usage figures: tokens are
// estimated then. Errors: MalformedResponse, UnusableAnswer (refusals and what the content filter
// stopped), CutReply, FailureInStream (failure.h). Threads: pure functions; ChatStream belongs to
// one thread.
// Sources: https://platform.openai.com/docs/api-reference/chat, /chat-streaming (finish_reason,
// refusal, usage in the last chunk) and /embeddings
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/platform/ai/provider.h"

namespace selfology::ai::openai {

std::string ChatBody(const Model& model, const v1::CompletionInput& input, bool stream);

absl::StatusOr<Answer> ParseChat(std::string_view body, const v1::CompletionInput& input);

// The answer that the events of a stream add up to.
class ChatStream {
 public:
  // The text to append; empty for events without any.
  absl::StatusOr<std::string> Take(std::string_view data);
  // Once the stream has ended. CutReply when no finish_reason came, whether or not [DONE] did.
  absl::StatusOr<Answer> Finish(const v1::CompletionInput& input) &&;

 private:
  Answer answer_;
  bool finished_ = false;
};

// Asks for vectors of that length, unless the model has a width of its own.
std::string EmbeddingBody(const Model& model, const std::vector<std::string>& texts,
                          int dimensions);

// Vectors of one length, whichever it is.
absl::StatusOr<Embeddings> ParseEmbeddings(std::string_view body,
                                           const std::vector<std::string>& texts);

}  // namespace selfology::ai::openai
