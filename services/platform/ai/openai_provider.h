// Models behind OpenAI's API, or behind any server that speaks it.
//
//   OpenAiProvider openai(http, {.base_url = "https://api.openai.com/v1", .key = key});
//   ASSIGN_OR_RETURN(Answer answer, openai.Complete(call, model, input));
//
// Errors: see provider.h. Threads: thread-safe.
#pragma once

#include <string>
#include <vector>

#include "common/http/client.h"
#include "services/platform/ai/provider.h"

namespace selfology::ai {

class OpenAiProvider : public Provider, public Embedder {
 public:
  struct Options {
    std::string base_url;  // With its version: "https://api.openai.com/v1".
    std::string key;       // Empty: sent without; servers of one's own may want none.
  };

  // `http` must outlive the provider.
  OpenAiProvider(http::Client& http, Options options);

  absl::StatusOr<Answer> Complete(const Call& call, const Model& model,
                                  const v1::CompletionInput& input) override;
  absl::StatusOr<Answer> Stream(const Call& call, const Model& model,
                                const v1::CompletionInput& input, OnText on_text) override;
  absl::StatusOr<Embeddings> Embed(const Call& call, const Model& model,
                                   const std::vector<std::string>& texts, int dimensions) override;

 private:
  http::ClientRequest Request(std::string_view path, std::string body, std::string target) const;

  http::Client& http_;
  const Options options_;
};

}  // namespace selfology::ai
