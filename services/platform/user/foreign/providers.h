// Which providers people may log in with: a setting.
//
//   [{"id": "example", "issuer": "https://login.example.org", "client_id": "...",
//     "client_secret": "...", "redirect_uris": ["https://app.example.org/back"]}]
//
// Threads: pure functions. Errors: INVALID_ARGUMENT naming what is wrong, never a value.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace selfology::user {

struct Provider {
  std::string id = {};  // 1 to 32 of [a-z0-9_-].
  std::string issuer = {};
  std::string client_id = {};
  std::string client_secret = {};  // Empty: a public client.
  std::vector<std::string> redirect_uris = {};
};

using Providers = std::map<std::string, Provider, std::less<>>;

// Whether codes and tokens may go there: by https, or to the machine itself.
bool IsSafeUrl(std::string_view url);

// Empty text: none.
absl::StatusOr<Providers> ParseProviders(std::string_view json);

}  // namespace selfology::user
