#include "services/platform/user/foreign/providers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace selfology::user {
namespace {

using Tree = nlohmann::json;

absl::Status Wrong(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("user_oidc_providers: ", what));
}

std::string Text(const Tree& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool IsIdLetter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_' ||
         letter == '-';
}

}  // namespace

bool IsSafeUrl(std::string_view url) {
  return absl::StartsWith(url, "https://") || absl::StartsWith(url, "http://127.0.0.1:") ||
         absl::StartsWith(url, "http://localhost:");
}

absl::StatusOr<Providers> ParseProviders(std::string_view json) {
  Providers providers;
  if (json.empty()) return providers;
  const Tree list = Tree::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return Wrong("must be a JSON array");
  for (const Tree& object : list) {
    if (!object.is_object()) return Wrong("must hold objects");
    Provider provider{Text(object, "id"),
                      Text(object, "issuer"),
                      Text(object, "client_id"),
                      Text(object, "client_secret"),
                      {}};
    if (provider.id.empty() || provider.id.size() > 32 ||
        !std::all_of(provider.id.begin(), provider.id.end(), IsIdLetter)) {
      return Wrong("id must be 1 to 32 of [a-z0-9_-]");
    }
    if (!IsSafeUrl(provider.issuer)) return Wrong("issuer must be an https URL");
    if (provider.client_id.empty()) return Wrong("client_id must not be empty");
    const auto uris = object.find("redirect_uris");
    if (uris == object.end() || !uris->is_array() || uris->empty()) {
      return Wrong("redirect_uris must be a list");
    }
    for (const Tree& uri : *uris) {
      if (!uri.is_string() || !IsSafeUrl(uri.get<std::string>())) {
        return Wrong("redirect_uris must be https URLs");
      }
      provider.redirect_uris.push_back(uri.get<std::string>());
    }
    const std::string id = provider.id;
    if (!providers.emplace(id, std::move(provider)).second) return Wrong("an id is there twice");
  }
  return providers;
}

}  // namespace selfology::user
