// What a platform's answer means, whoever it is.
//
//   const absl::StatusOr<http::ClientResponse> response = client.Send(call, request);
//   if (std::optional<Outcome> failed = FailureOf(response, "Mastodon")) return *failed;
//   const nlohmann::json body = JsonOf(*response);
//   outcome.remote_id = TextAt(body, "id");
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/http/client.h"
#include "nlohmann/json.hpp"
#include "services/studio/social/platforms/publisher.h"

namespace selfology::social {

// nullopt: it is a 2xx. What never reached the platform is kLater; what may have is kUnknown: lost
// connections, 408 and 5xx. Except for what only reads, for which both are the same.
std::optional<Outcome> FailureOf(const absl::StatusOr<http::ClientResponse>& response,
                                 std::string_view platform);

// The same of a call that publishes nothing by itself, such as one that brings a picture: what is
// unknown is tried again.
Outcome NothingPublished(Outcome failed);

// The same as an error, for what only reads: FAILED_PRECONDITION where it was refused, NOT_FOUND,
// UNAVAILABLE.
absl::Status ErrorOf(const absl::StatusOr<http::ClientResponse>& response,
                     std::string_view platform);

// An object; empty where the body is none.
nlohmann::json JsonOf(const http::ClientResponse& response);
// A text, or a number as one; empty where there is none.
std::string TextAt(const nlohmann::json& object, const char* name);
// An object within; empty where there is none.
nlohmann::json ObjectAt(const nlohmann::json& object, const char* name);
// 0 where there is none.
int64_t NumberAt(const nlohmann::json& object, const char* name);

}  // namespace selfology::social
