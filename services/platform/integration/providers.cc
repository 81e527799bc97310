#include "services/platform/integration/providers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::integration {
namespace {

using Json = nlohmann::json;

// Sources: https://docs.github.com/apps/oauth-apps, https://developers.google.com/identity/protocols/oauth2,
// https://developers.notion.com/docs/authorization, https://docs.slack.dev/authentication.
constexpr std::string_view kKnown = R"json([
  {"id": "github", "display": "GitHub",
   "authorization_url": "https://github.com/login/oauth/authorize",
   "token_url": "https://github.com/login/oauth/access_token",
   "revocation_url": "https://api.github.com/applications/{client_id}/token", "revocation": "github",
   "api_url": "https://api.github.com", "account_url": "https://api.github.com/user",
   "account_id": "id", "account_name": "login", "default_scopes": ["read:user"],
   "secret_in_body": true, "headers": {"Accept": "application/vnd.github+json"}},
  {"id": "google", "display": "Google",
   "authorization_url": "https://accounts.google.com/o/oauth2/v2/auth",
   "token_url": "https://oauth2.googleapis.com/token",
   "revocation_url": "https://oauth2.googleapis.com/revoke",
   "api_url": "https://www.googleapis.com",
   "account_url": "https://openidconnect.googleapis.com/v1/userinfo",
   "account_id": "sub", "account_name": "email", "default_scopes": ["openid", "email"],
   "secret_in_body": true, "parameters": {"access_type": "offline", "prompt": "consent"}},
  {"id": "notion", "display": "Notion",
   "authorization_url": "https://api.notion.com/v1/oauth/authorize",
   "token_url": "https://api.notion.com/v1/oauth/token", "json_requests": true,
   "revocation_url": "https://api.notion.com/v1/oauth/revoke", "revocation": "json",
   "api_url": "https://api.notion.com", "account_id": "workspace_id",
   "account_name": "workspace_name", "parameters": {"owner": "user"},
   "headers": {"Notion-Version": "2022-06-28"}},
  {"id": "slack", "display": "Slack",
   "authorization_url": "https://slack.com/oauth/v2/authorize",
   "token_url": "https://slack.com/api/oauth.v2.access",
   "revocation_url": "https://slack.com/api/auth.revoke", "revocation": "bearer",
   "api_url": "https://slack.com/api", "account_id": "team.id", "account_name": "team.name",
   "default_scopes": ["chat:write"], "scope_separator": ","}
])json";

absl::Status Wrong(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("integration_providers: ", what));
}

bool IsIdLetter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_' ||
         letter == '-';
}

// Reads members of one type; the first that is of another is what is wrong.
class Reader {
 public:
  explicit Reader(const Json& object) : object_(object) {}

  void Text(const char* name, std::string& value) {
    if (const Json* const found = Find(name, &Json::is_string)) value = found->get<std::string>();
  }
  void Flag(const char* name, bool& value) {
    if (const Json* const found = Find(name, &Json::is_boolean)) value = found->get<bool>();
  }
  void Texts(const char* name, std::vector<std::string>& value) {
    const Json* const found = Find(name, &Json::is_array);
    if (found == nullptr) return;
    value.clear();
    for (const Json& one : *found) {
      if (!one.is_string()) return Note(name);
      value.push_back(one.get<std::string>());
    }
  }
  void Map(const char* name, std::map<std::string, std::string>& value) {
    const Json* const found = Find(name, &Json::is_object);
    if (found == nullptr) return;
    value.clear();
    for (const auto& [key, one] : found->items()) {
      if (!one.is_string()) return Note(name);
      value.emplace(key, one.get<std::string>());
    }
  }
  const std::string& wrong() const { return wrong_; }

 private:
  const Json* Find(const char* name, bool (Json::*is)() const noexcept) {
    const auto found = object_.find(name);
    if (found == object_.end()) return nullptr;
    if ((*found.*is)()) return &*found;
    Note(name);
    return nullptr;
  }
  void Note(const char* name) {
    if (wrong_.empty()) wrong_ = absl::StrCat(name, " is of another type");
  }

  const Json& object_;
  std::string wrong_;
};

absl::Status Read(const Json& object, Provider& provider) {
  Reader reader(object);
  reader.Text("id", provider.id);
  reader.Text("display", provider.display);
  reader.Text("client_id", provider.client_id);
  reader.Text("client_secret", provider.client_secret);
  reader.Texts("redirect_uris", provider.redirect_uris);
  reader.Text("authorization_url", provider.authorization_url);
  reader.Text("token_url", provider.token_url);
  reader.Text("revocation_url", provider.revocation_url);
  reader.Text("api_url", provider.api_url);
  reader.Text("account_url", provider.account_url);
  reader.Text("account_id", provider.account_id);
  reader.Text("account_name", provider.account_name);
  reader.Texts("default_scopes", provider.default_scopes);
  reader.Texts("allowed_scopes", provider.allowed_scopes);
  reader.Text("scope_separator", provider.scope_separator);
  reader.Flag("secret_in_body", provider.secret_in_body);
  reader.Flag("json_requests", provider.json_requests);
  reader.Map("parameters", provider.parameters);
  reader.Map("headers", provider.headers);
  std::string revocation;
  reader.Text("revocation", revocation);
  if (!reader.wrong().empty()) return Wrong(reader.wrong());
  constexpr std::pair<std::string_view, Revocation> kWords[] = {{"none", Revocation::kNone},
                                                                {"rfc7009", Revocation::kRfc7009},
                                                                {"github", Revocation::kGithub},
                                                                {"json", Revocation::kJson},
                                                                {"bearer", Revocation::kBearer}};
  if (revocation.empty()) return absl::OkStatus();
  for (const auto& [word, value] : kWords) {
    if (revocation != word) continue;
    provider.revocation = value;
    return absl::OkStatus();
  }
  return Wrong("revocation must be none, rfc7009, github, json or bearer");
}

absl::Status Check(const Provider& provider) {
  const bool is_id = !provider.id.empty() && provider.id.size() <= 32 &&
                     std::all_of(provider.id.begin(), provider.id.end(), IsIdLetter);
  if (!is_id) return Wrong("id must be 1 to 32 of [a-z0-9_-]");
  if (provider.client_id.empty()) return Wrong("client_id must not be empty");
  if (provider.redirect_uris.empty()) return Wrong("redirect_uris must not be empty");
  for (const std::string& uri : provider.redirect_uris) {
    if (!IsSafeUrl(uri)) return Wrong("redirect_uris must be https URLs");
  }
  for (const std::string& url :
       {provider.authorization_url, provider.token_url, provider.api_url}) {
    if (!IsSafeUrl(url))
      return Wrong("authorization_url, token_url and api_url must be https URLs");
  }
  for (const std::string& url : {provider.account_url, provider.revocation_url}) {
    if (!url.empty() && !IsSafeUrl(url)) {
      return Wrong("account_url and revocation_url must be https URLs or empty");
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool IsSafeUrl(std::string_view url) {
  return absl::StartsWith(url, "https://") || absl::StartsWith(url, "http://127.0.0.1:") ||
         absl::StartsWith(url, "http://localhost:");
}

absl::StatusOr<Providers> ParseProviders(std::string_view json) {
  Providers providers;
  if (json.empty()) return providers;
  const Json list = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return Wrong("must be a JSON array");
  const Json known = Json::parse(kKnown);
  for (const Json& object : list) {
    if (!object.is_object()) return Wrong("must hold objects");
    Provider provider;
    for (const Json& one : known) {
      if (object.contains("id") && object["id"] == one["id"]) {
        RETURN_IF_ERROR(Read(one, provider));
      }
    }
    RETURN_IF_ERROR(Read(object, provider));
    RETURN_IF_ERROR(Check(provider));
    while (absl::EndsWith(provider.api_url, "/")) provider.api_url.pop_back();
    if (provider.display.empty()) provider.display = provider.id;
    if (provider.revocation_url.empty()) provider.revocation = Revocation::kNone;
    const std::string id = provider.id;
    if (!providers.emplace(id, std::move(provider)).second) return Wrong("an id is there twice");
  }
  return providers;
}

}  // namespace selfology::integration
