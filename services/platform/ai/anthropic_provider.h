// Models behind Anthropic's Messages API.
//
//   AnthropicProvider anthropic(http, {.base_url = "https://api.anthropic.com", .key = key});
//   ASSIGN_OR_RETURN(Answer answer, anthropic.Complete(call, model, input));
//
// Errors: see provider.h. Threads: thread-safe.
#pragma once

#include <string>

#include "common/http/client.h"
#include "services/platform/ai/provider.h"

namespace selfology::ai {

class AnthropicProvider : public Provider {
 public:
  struct Options {
    std::string base_url;  // Without a version: "https://api.anthropic.com".
    std::string key;
  };

  // `http` must outlive the provider.
  AnthropicProvider(http::Client& http, Options options);

  absl::StatusOr<Answer> Complete(const Call& call, const Model& model,
                                  const v1::CompletionInput& input) override;
  absl::StatusOr<Answer> Stream(const Call& call, const Model& model,
                                const v1::CompletionInput& input, OnText on_text) override;

 private:
  http::ClientRequest Request(std::string body, std::string target) const;

  http::Client& http_;
  const Options options_;
};

}  // namespace selfology::ai
