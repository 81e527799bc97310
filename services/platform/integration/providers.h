// The services that people can connect to: a setting, on top of what is known of some of them.
//
//   [{"id": "github", "client_id": "...", "client_secret": "...",
//     "redirect_uris": ["https://app.example.org/connected"]},
//    {"id": "example", "display": "Example", "client_id": "...",
//     "redirect_uris": ["https://app.example.org/connected"],
//     "authorization_url": "https://example.org/authorize", "token_url": "https://example.org/token",
//     "revocation_url": "https://example.org/revoke", "api_url": "https://api.example.org",
//     "account_url": "https://api.example.org/me", "account_id": "id", "account_name": "name",
//     "default_scopes": ["read"], "allowed_scopes": [], "scope_separator": " ", "secret_in_body": false,
//     "json_requests": false, "revocation": "rfc7009", "parameters": {"access_type": "offline"},
//     "headers": {"Example-Version": "1"}}]
//
// github, google, notion and slack need ids, secrets and redirect_uris only; what is said besides replaces
// what is known. account_id and account_name are members of the answer of account_url or, without one, of
// the token's; with dots into objects. revocation: "rfc7009" (a form), "github", "json" (the token in a
// JSON object), "bearer" (a POST with the token itself) or "none".
//
// Threads: pure functions. Errors: INVALID_ARGUMENT naming what is wrong, never a secret.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace selfology::integration {

enum class Revocation { kNone, kRfc7009, kGithub, kJson, kBearer };

struct Provider {
  std::string id = {};  // 1 to 32 of [a-z0-9_-].
  std::string display = {};
  std::string client_id = {};
  std::string client_secret = {};  // Empty: a public client.
  std::vector<std::string> redirect_uris = {};
  std::string authorization_url = {};
  std::string token_url = {};
  std::string revocation_url = {};
  std::string api_url = {};  // Without a slash at its end.
  std::string account_url = {};
  std::string account_id = {};
  std::string account_name = {};
  std::vector<std::string> default_scopes = {};
  std::vector<std::string> allowed_scopes = {};  // Empty: any.
  std::string scope_separator = " ";
  bool secret_in_body = false;  // Else as HTTP Basic.
  bool json_requests = false;   // Requests for tokens are JSON instead of forms.
  Revocation revocation = Revocation::kRfc7009;
  std::map<std::string, std::string> parameters = {};  // Further ones of the authorization URL.
  std::map<std::string, std::string> headers = {};     // Of each call to the API.
};
using Providers = std::map<std::string, Provider, std::less<>>;

// Whether codes and tokens may go there: by https, or to this machine itself.
bool IsSafeUrl(std::string_view url);

// Empty text: none.
absl::StatusOr<Providers> ParseProviders(std::string_view json);

}  // namespace selfology::integration
