// What went wrong at a provider, in terms that the router can act on.
//
//   if (response.status != 200) return FailureOf(response);
//   attempt.set_reason(WhyFailed(status));                  // "HTTP 529"
//
// Nothing of a response's body goes into an error, but for the types of errors that providers
// document: the rest may quote the prompt.
// Threads: pure functions.
// Sources: https://docs.anthropic.com/en/api/errors (types of errors, also in streams; 529;
// request-too-large), https://docs.anthropic.com/en/api/rate-limits (retry-after; 429 without it
// once what may be spent is spent), https://platform.openai.com/docs/guides/error-codes (401, 403,
// 429 with insufficient_quota, 500, 503) and the retry-after-ms that OpenAI's own clients obey.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/client.h"

namespace selfology::ai {

// Of an HTTP response that is not 2xx. Every 5xx is UNAVAILABLE: providers answer 500, 502, 503 and
// 529 to requests that succeed a moment later. Retry-After becomes the error's delay. Money that is
// spent (402; 429 with insufficient_quota or a spend limit) is PERMISSION_DENIED: waiting does not
// help.
absl::Status FailureOf(const http::ClientResponse& response);

// Of an error that a stream tells of, by its type: what the same error is as an HTTP response.
// MalformedResponse for a type that is not documented; null: it has none.
absl::Status FailureInStream(const std::string* type);

// Whether somebody has to change a setting, a key or a bill before the model answers again.
bool IsForOperator(const absl::Status& failure);

// The model answered, but with nothing that can be used: no text, not JSON, refused.
// FAILED_PRECONDITION, for asking it the same again would give the same.
absl::Status UnusableAnswer(std::string_view what);

// UNAVAILABLE: it answered in a form that its API does not have.
absl::Status MalformedResponse(std::string_view what);

// The stream ended before the answer did. DATA_LOSS: somebody has read the beginning, so the next
// model is asked at once, not this one again.
absl::Status CutReply();

// FAILED_PRECONDITION: vectors of this width, while others are wanted or set, as its metadata says.
absl::Status OtherWidth(int width, int wanted);

// RESOURCE_EXHAUSTED: there was no slot at the model in time; nothing is known of the model.
absl::Status Busy();

// RESOURCE_EXHAUSTED: its provider has said to come back later, in `delay`.
absl::Status Paused(absl::Duration delay);

// What became of one model.
struct Failure {
  std::string model;
  absl::Status status;
};

// When all of them failed: AI_API_TIMEOUT (DEADLINE_EXCEEDED) if time was what lacked, else
// FALLBACK_CHAIN_EXHAUSTED (UNAVAILABLE), which tells when to come back if any of them did.
absl::Status GiveUp(const std::vector<Failure>& failures, const Call& call);

// In a word or two, as FailedAttempt.reason wants it.
std::string WhyFailed(const absl::Status& failure);

}  // namespace selfology::ai
