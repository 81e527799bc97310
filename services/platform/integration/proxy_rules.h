// What may be asked of a provider in a person's name, and what its answers say about patience.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "common/http/message.h"
#include "common/status/status.h"
#include "selfology/integration/v1/connection_service.pb.h"

namespace selfology::integration {

void CheckProxied(const v1::CallProviderRequest& request, status::FieldViolations& bad);

// Whether it may be sent twice.
bool MayRepeat(const v1::CallProviderRequest& request);

// Until when the provider wants no more calls: 429, or 403 of a used-up limit, with Retry-After or
// X-RateLimit-Reset (seconds since 1970, as GitHub's). nullopt: the answer is no such refusal. At most a day.
std::optional<absl::Time> ThrottledUntil(int http_status, const http::Headers& headers,
                                         absl::Time now);

// Whether a header of the answer is the caller's business.
bool IsPassedOn(std::string_view header);

}  // namespace selfology::integration
