// Apple Push Notification service, by its provider API over HTTP/2.
//
//   ASSIGN_OR_RETURN(std::string token, ApnsToken(key, key_id, team_id, now));   // good for an hour
//   POST {base}/3/device/{device token}, ApnsHeaders(...), ApnsJson(message)
//   JudgeApns(status, body)
//
// Threads: pure functions. Source: Apple, "Sending notification requests to APNs" and "Handling
// notification responses from APNs".
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/message.h"
#include "services/platform/notification/deliveries/outcome.h"
#include "services/platform/notification/push/push_message.h"
#include "services/platform/notification/push/signed_token.h"

namespace selfology::notification {

// How long one token is used; APNs takes them for an hour, and no new ones within 20 minutes.
inline constexpr absl::Duration kApnsTokenLasts = absl::Minutes(45);

absl::StatusOr<std::string> ApnsToken(const PrivateKey& key, std::string_view key_id,
                                      std::string_view team_id, absl::Time now);

// Hexadecimal digits, 64 to 200.
bool IsApnsDeviceToken(std::string_view token);

http::Headers ApnsHeaders(const PushMessage& message, std::string_view token,
                          std::string_view topic, absl::Time now);
std::string ApnsJson(const PushMessage& message);

// Of an answer: 410, and 400 with BadDeviceToken or DeviceTokenNotForTopic, mean that the device is
// gone; 429 and 5xx, and a token of ours that is too old, are for now.
Outcome JudgeApns(int http_status, std::string_view body);

}  // namespace selfology::notification
