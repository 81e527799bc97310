// What went wrong at a provider, in terms that the router can act on.
//
//   if (response.status != 200) return FailureOf(response);
//   attempt.set_reason(WhyFailed(status));                  // "HTTP 529"
//
// Nothing of a response's body goes into an error: it may quote the prompt.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/call/call.h"
#include "common/http/client.h"

namespace selfology::ai {

// Of an HTTP response that is not 2xx. Every 5xx is UNAVAILABLE: providers answer 500, 502, 503 and
// 529 to requests that succeed a moment later. Retry-After becomes the error's delay.
absl::Status FailureOf(const http::ClientResponse& response);

// The model answered, but with nothing that can be used: no text, not JSON, refused.
// FAILED_PRECONDITION, for asking it the same again would give the same.
absl::Status UnusableAnswer(std::string_view what);

// UNAVAILABLE: it answered in a form that its API does not have.
absl::Status MalformedResponse(std::string_view what);

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
