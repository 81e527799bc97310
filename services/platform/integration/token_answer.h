// What providers answer when they are asked for tokens (RFC 6749, section 5), and the tokens as they are kept.
//
//   const TokenAnswer answer = ReadTokenAnswer(http_status, body);
//   if (answer.error == TokenError::kNone) Keep(answer.tokens);
//
// Lenient where providers are known to differ: forms instead of JSON, numbers in quotes, scopes with
// commas, errors with status 200. Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::integration {

struct Tokens {
  std::string access = {};
  std::string refresh = {};  // Empty: there is none.
  friend bool operator==(const Tokens&, const Tokens&) = default;
};

enum class TokenError {
  kNone,
  kAway,     // 5xx, 429, or the provider says that it cannot now.
  kGrant,    // The code or refresh token is refused: invalid_grant.
  kClient,   // This installation is refused.
  kStrange,  // Not the protocol's.
};

struct TokenAnswer {
  TokenError error = TokenError::kNone;
  Tokens tokens = {};
  std::optional<absl::Duration> lasts = {};  // Of the access token; nullopt: until it is revoked.
  std::optional<std::vector<std::string>> scopes = {};  // nullopt: those that were asked for.
};

TokenAnswer ReadTokenAnswer(int http_status, std::string_view body);

// A member of a JSON object, with dots into objects: "team.id". Numbers as their digits. Empty: none.
std::string Member(std::string_view json, std::string_view path);

std::string EncodeTokens(const Tokens& tokens);
absl::StatusOr<Tokens> DecodeTokens(std::string_view text);

}  // namespace selfology::integration
