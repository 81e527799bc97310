#include "services/platform/ai/anthropic_provider.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status_macros.h"
#include "services/platform/ai/anthropic_wire.h"
#include "services/platform/ai/event_stream.h"
#include "services/platform/ai/failure.h"

namespace selfology::ai {

AnthropicProvider::AnthropicProvider(http::Client& http, Options options)
    : http_(http), options_(std::move(options)) {}

http::ClientRequest AnthropicProvider::Request(std::string body, std::string target) const {
  return {.method = "POST",
          .url = absl::StrCat(absl::StripSuffix(options_.base_url, "/"), "/v1/messages"),
          .headers = {{"Content-Type", std::string(http::kJson)},
                      {"x-api-key", options_.key},
                      {"anthropic-version", std::string(anthropic::kApiVersion)}},
          .body = std::move(body),
          .target = std::move(target)};
}

absl::StatusOr<Answer> AnthropicProvider::Complete(const Call& call, const Model& model,
                                                   const v1::CompletionInput& input) {
  ASSIGN_OR_RETURN(const http::ClientResponse response,
                   http_.Send(call, Request(anthropic::MessagesBody(model, input, /*stream=*/false),
                                            "anthropic messages")));
  if (response.status != 200) return FailureOf(response);
  return anthropic::ParseMessage(response.body, input);
}

absl::StatusOr<Answer> AnthropicProvider::Stream(const Call& call, const Model& model,
                                                 const v1::CompletionInput& input, OnText on_text) {
  anthropic::MessageStream stream;
  RETURN_IF_ERROR(ReadEventStream(
      http_, call,
      Request(anthropic::MessagesBody(model, input, /*stream=*/true), "anthropic messages stream"),
      [&](const http::ServerEvent& event) -> absl::Status {
        ASSIGN_OR_RETURN(const std::string text, stream.Take(event.data));
        return text.empty() ? absl::OkStatus() : on_text(text);
      }));
  return std::move(stream).Finish(input);
}

}  // namespace selfology::ai
