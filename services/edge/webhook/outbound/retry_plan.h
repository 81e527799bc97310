// What happens to a message, and to its endpoint, after an attempt.
//
//   const Outcome outcome = OutcomeOf(http_status, retry_after_header, now);
//   const Next next = PlanAfter(outcome, {.counted_before = 1, .created_at = ...}, schedule, now, random);
//
// - 2xx: delivered. 410: the endpoint is gone.
// - 429, and 503 with Retry-After: throttled. It does not count for a day; what Retry-After says is obeyed.
// - Anything else counts; after the last pause of the schedule the message is given up.
// - We stopped in the middle of the attempt: unknown, and sent again without counting.
//
// Threads: pure functions; the random generator is the caller's.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"
#include "selfology/webhook/v1/endpoint.pb.h"

namespace selfology::webhook {

struct Outcome {
  v1::DeliveryFailure failure = v1::DELIVERY_FAILURE_UNSPECIFIED;  // Unspecified: delivered.
  int http_status = 0;
  std::optional<absl::Time> not_before = {};  // What the endpoint asked for.
};

Outcome OutcomeOf(int http_status, std::string_view retry_after, absl::Time now);

// A Retry-After header: seconds, or a date of RFC 9110, section 5.6.7. Never more than a day from now.
std::optional<absl::Time> ParseRetryAfter(std::string_view text, absl::Time now);

struct Tried {
  int counted_before = 0;  // Attempts that counted, without this one.
  absl::Time created_at = absl::InfinitePast();
};

struct Next {
  v1::DeliveryState state = v1::DELIVERY_STATE_PENDING;
  bool counts = false;
  absl::Time at = absl::InfinitePast();  // Of the next attempt, while pending.
  bool endpoint_gone = false;
};

// schedule: pauses in seconds; empty: the default.
Next PlanAfter(const Outcome& outcome, const Tried& tried, const std::vector<int32_t>& schedule,
               absl::Time now, absl::BitGenRef random);

// Whether an endpoint that has failed since then, in all its last `failures` attempts, is to be
// disabled.
bool FailsPersistently(absl::Time failing_since, int64_t failures, absl::Duration tolerated,
                       absl::Time now);

}  // namespace selfology::webhook
