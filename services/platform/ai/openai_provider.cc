#include "services/platform/ai/openai_provider.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status_macros.h"
#include "services/platform/ai/event_stream.h"
#include "services/platform/ai/failure.h"
#include "services/platform/ai/openai_wire.h"

namespace selfology::ai {

OpenAiProvider::OpenAiProvider(http::Client& http, Options options)
    : http_(http), options_(std::move(options)) {}

http::ClientRequest OpenAiProvider::Request(std::string_view path, std::string body,
                                            std::string target) const {
  http::ClientRequest request = {
      .method = "POST",
      .url = absl::StrCat(absl::StripSuffix(options_.base_url, "/"), path),
      .headers = {{"Content-Type", std::string(http::kJson)}},
      .body = std::move(body),
      .target = std::move(target)};
  if (!options_.key.empty())
    request.headers.Set("Authorization", absl::StrCat("Bearer ", options_.key));
  return request;
}

absl::StatusOr<Answer> OpenAiProvider::Complete(const Call& call, const Model& model,
                                                const v1::CompletionInput& input) {
  ASSIGN_OR_RETURN(
      const http::ClientResponse response,
      http_.Send(call, Request("/chat/completions",
                               openai::ChatBody(model, input, /*stream=*/false), "openai chat")));
  if (response.status != 200) return FailureOf(response);
  return openai::ParseChat(response.body, input);
}

absl::StatusOr<Answer> OpenAiProvider::Stream(const Call& call, const Model& model,
                                              const v1::CompletionInput& input, OnText on_text) {
  openai::ChatStream stream;
  RETURN_IF_ERROR(
      ReadEventStream(http_, call,
                      Request("/chat/completions", openai::ChatBody(model, input, /*stream=*/true),
                              "openai chat stream"),
                      [&](const http::ServerEvent& event) -> absl::Status {
                        ASSIGN_OR_RETURN(const std::string text, stream.Take(event.data));
                        return text.empty() ? absl::OkStatus() : on_text(text);
                      }));
  return std::move(stream).Finish(input);
}

absl::StatusOr<Embeddings> OpenAiProvider::Embed(const Call& call, const Model& model,
                                                 const std::vector<std::string>& texts,
                                                 int dimensions) {
  ASSIGN_OR_RETURN(
      const http::ClientResponse response,
      http_.Send(call, Request("/embeddings", openai::EmbeddingBody(model, texts, dimensions),
                               "openai embeddings")));
  if (response.status != 200) return FailureOf(response);
  return openai::ParseEmbeddings(response.body, texts);
}

}  // namespace selfology::ai
