// Firebase Cloud Messaging, HTTP v1.
//
//   ASSIGN_OR_RETURN(const FcmAccount account, ParseFcmAccount(json));
//   POST account.token_uri, FcmTokenForm(account, now)          -> an access token for an hour
//   POST {base}/v1/projects/{account.project}/messages:send, FcmJson(token, message)
//   JudgeFcm(status, body)
//
// Threads: pure functions. Sources: Firebase's REST reference (projects.messages.send, FcmError),
// RFC 7523 (the grant).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/platform/notification/deliveries/outcome.h"
#include "services/platform/notification/push/push_message.h"
#include "services/platform/notification/push/signed_token.h"

namespace selfology::notification {

struct FcmAccount {
  std::string project;
  std::string email;
  std::string key_id;
  std::string token_uri;
  PrivateKey key;
};

// A service account's key file. INVALID_ARGUMENT, naming the member that is missing.
absl::StatusOr<FcmAccount> ParseFcmAccount(std::string_view json);

// The form that is exchanged for an access token.
absl::StatusOr<std::string> FcmTokenForm(const FcmAccount& account, absl::Time now);
struct AccessToken {
  std::string token = {};
  absl::Time expires_at;
};
// INVALID_ARGUMENT: it is none.
absl::StatusOr<AccessToken> ParseAccessToken(std::string_view body, absl::Time now);

// The request's body, for the device of this registration token.
std::string FcmJson(std::string_view registration_token, const PushMessage& message);

// Of an answer: UNREGISTERED means that the device is gone, and so does INVALID_ARGUMENT about the
// token; 429 and 5xx are for now.
Outcome JudgeFcm(int http_status, std::string_view body);

}  // namespace selfology::notification
