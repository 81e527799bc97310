// Web push: messages that only the browser they are for can read, sent by whom it subscribed to.
//
//   ASSIGN_OR_RETURN(const std::string body,
//                    EncryptForBrowser(json, {.p256dh = point, .auth = secret}, PrivateKey::Generate(),
//                                      RandomBytes(16)));
//   headers.Add("Authorization", *VapidHeader(vapid_key, endpoint, "mailto:...", now));
//
// Errors: INVALID_ARGUMENT for keys that are none, texts beyond kMostWebPushBytes, and endpoints that
// are no URL. Threads: pure functions.
// Sources: RFC 8291, RFC 8188 (one record), RFC 8292; RFC 8030 for the request's header fields.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/message.h"
#include "services/platform/notification/push/push_message.h"
#include "services/platform/notification/push/signed_token.h"

namespace selfology::notification {

// What every push service takes: a body of 4,096 bytes, less salt, key, tag and delimiter.
inline constexpr size_t kMostWebPushBytes = 3993;

struct BrowserKeys {
  std::string p256dh = {};  // 65 bytes.
  std::string auth = {};    // 16 bytes.
};

// Of a subscription's base64url. INVALID_ARGUMENT.
absl::StatusOr<BrowserKeys> ParseBrowserKeys(std::string_view p256dh, std::string_view auth);

// `own`: a key for this message alone; `salt`: 16 random bytes.
absl::StatusOr<std::string> EncryptForBrowser(std::string_view text, const BrowserKeys& browser,
                                              const PrivateKey& own, std::string_view salt);

// "vapid t=..., k=...", good for 12 hours at the endpoint's origin.
absl::StatusOr<std::string> VapidHeader(const PrivateKey& key, std::string_view endpoint,
                                        std::string_view contact, absl::Time now);

// An https URL without a user, or http to this machine.
bool IsEndpoint(std::string_view url);

// What the service worker shows: {"title", "body", "link", "tag", "badge", "notification_id"}.
std::string WebPushJson(const PushMessage& message);
// TTL, Urgency and Topic: an undelivered message of the same topic is replaced.
http::Headers WebPushHeaders(const PushMessage& message);

}  // namespace selfology::notification
