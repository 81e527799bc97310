// What the methods of this service begin with.
#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"

namespace selfology::webhook {

inline constexpr std::string_view kRequests = "webhook_requests";
inline constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};

// A person, or 0, which is the installation and for whom the kernel lets only services and operators ask.
template <typename Request>
status::FieldViolations CheckOwner(const Request& request) {
  status::FieldViolations bad;
  if (request.user_id() < 0) bad.Add("user_id", "must be 0 or above");
  return bad;
}

template <typename Request>
idempotency::Request Remembered(const Request& request, std::string_view rpc, absl::Time now) {
  return {.table = kRequests,
          .user_id = request.user_id(),
          .rpc = rpc,
          .key = request.idempotency_key(),
          .now = now};
}

}  // namespace selfology::webhook
