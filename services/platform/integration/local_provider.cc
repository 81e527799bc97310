#include "services/platform/integration/local_provider.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/crypto.h"
#include "common/http/url.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"

namespace selfology::integration {
namespace {

using Json = nlohmann::json;

http::Response Page(std::string_view title, std::string_view body) {
  http::Response response = http::Response::Text(absl::StrCat(
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>", title,
      "</title><meta name=\"viewport\" content=\"width=device-width\"><style>body{font:1rem/1.5 "
      "system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem}code{overflow-wrap:anywhere}"
      "a{display:inline-block;padding:.5rem 1rem;border:1px solid;border-radius:.4rem;margin-right:"
      ".5rem}</style><h1>",
      title, "</h1>", body));
  response.headers.Set("Content-Type", "text/html; charset=utf-8");
  return response;
}

std::string Value(const http::Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return "";
}

http::Response Error(std::string_view word) {
  return http::Response::Json(Json{{"error", word}}.dump(), 400);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LocalProvider>> LocalProvider::Start(Options options) {
  std::unique_ptr<LocalProvider> provider(new LocalProvider(std::move(options)));
  LocalProvider* const self = provider.get();
  const auto route = [self](std::string method, std::string path,
                            http::Response (LocalProvider::*handler)(const http::Request&)) {
    return http::Route{.method = std::move(method),
                       .path = std::move(path),
                       .handler = [self, handler](const http::Request& request) {
                         return (self->*handler)(request);
                       }};
  };
  ASSIGN_OR_RETURN(
      provider->server_,
      http::Server::Start({.address = provider->options_.address, .port = provider->options_.port},
                          {route("GET", "/authorize", &LocalProvider::Authorize),
                           route("POST", "/token", &LocalProvider::Token),
                           route("POST", "/revoke", &LocalProvider::Revoke),
                           route("GET", "/account", &LocalProvider::Account),
                           route("*", "/api/*", &LocalProvider::Api),
                           {.method = "GET", .path = "/back", .handler = &LocalProvider::Back}}));
  return provider;
}

std::string LocalProvider::base() const {
  return absl::StrCat("http://127.0.0.1:", server_->port());
}

std::string LocalProvider::Setting() const {
  return Json{{"id", "local"},
              {"display", "Local provider"},
              {"client_id", "selfology"},
              {"client_secret", "local"},
              {"redirect_uris", {base() + "/back"}},
              {"authorization_url", base() + "/authorize"},
              {"token_url", base() + "/token"},
              {"revocation_url", base() + "/revoke"},
              {"api_url", base() + "/api"},
              {"account_url", base() + "/account"},
              {"account_id", "id"},
              {"account_name", "name"},
              {"default_scopes", {"read"}}}
      .dump();
}

std::string LocalProvider::NewSecret(std::string_view prefix) {
  return absl::StrCat(prefix, crypto::ToBase64Url(crypto::RandomBytes(16)));
}

http::Response LocalProvider::Authorize(const http::Request& request) {
  const std::string redirect = Value(request.query, "redirect_uri");
  const std::string state = Value(request.query, "state");
  // Elsewhere a browser would carry codes to whoever asked for them.
  if (redirect != base() + "/back") return Page("Local provider", "<p>Unknown redirect_uri.</p>");
  std::string code;
  {
    absl::MutexLock lock(&mutex_);
    code = NewSecret("code_");
    codes_[code] = {Value(request.query, "code_challenge"), redirect,
                    Value(request.query, "scope")};
  }
  const std::string allow =
      absl::StrCat(redirect, "?", http::EncodeQuery({{"code", code}, {"state", state}}));
  const std::string refuse = absl::StrCat(
      redirect, "?", http::EncodeQuery({{"error", "access_denied"}, {"state", state}}));
  return Page("Local provider",
              absl::StrCat("<p>Selfology wants to act for you here: <b>",
                           text::EscapeHtml(Value(request.query, "scope")), "</b></p><p><a href=\"",
                           text::EscapeHtml(allow), "\">Allow</a><a href=\"",
                           text::EscapeHtml(refuse), "\">Refuse</a></p>"));
}

http::Response LocalProvider::Back(const http::Request& request) {
  const Json body = {{"state", Value(request.query, "state")},
                     {"code", Value(request.query, "code")},
                     {"error", Value(request.query, "error")}};
  return Page(
      "Back in the app",
      absl::StrCat("<p>The app now calls <code>POST /api/integrations/oauth/finish</code> "
                   "with the person's token and</p><pre><code>",
                   text::EscapeHtml(body.dump(2, ' ', false, Json::error_handler_t::replace)),
                   "</code></pre>"));
}

std::string LocalProvider::Allow(const std::string& authorization_url) {
  const size_t question = authorization_url.find('?');
  const auto query =
      http::ParseForm(question == std::string::npos ? "" : authorization_url.substr(question + 1));
  if (!query.ok()) return "";
  absl::MutexLock lock(&mutex_);
  const std::string code = NewSecret("code_");
  codes_[code] = {Value(*query, "code_challenge"), Value(*query, "redirect_uri"),
                  Value(*query, "scope")};
  return code;
}

std::string LocalProvider::Issue(const Grant& grant) {
  absl::MutexLock lock(&mutex_);
  const std::string access = NewSecret("at_"), refresh = NewSecret("rt_");
  access_tokens_[access] = absl::Now() + options_.token_lasts;
  refresh_tokens_[refresh] = grant;
  return Json{{"access_token", access},
              {"refresh_token", refresh},
              {"token_type", "bearer"},
              {"scope", grant.scope},
              {"expires_in", absl::ToInt64Seconds(options_.token_lasts)}}
      .dump();
}

http::Response LocalProvider::Token(const http::Request& request) {
  const auto form = http::ParseForm(request.body);
  if (!form.ok()) return Error("invalid_request");
  Grant grant;
  if (Value(*form, "grant_type") == "authorization_code") {
    absl::MutexLock lock(&mutex_);
    const auto found = codes_.find(Value(*form, "code"));
    if (found == codes_.end()) return Error("invalid_grant");
    grant = found->second;
    codes_.erase(found);
    const std::string challenge =
        crypto::ToBase64Url(crypto::Sha256(Value(*form, "code_verifier")));
    if (grant.challenge != challenge || grant.redirect_uri != Value(*form, "redirect_uri")) {
      return Error("invalid_grant");
    }
  } else if (Value(*form, "grant_type") == "refresh_token") {
    if (options_.before_refresh) {
      if (auto instead = options_.before_refresh()) return *std::move(instead);
    }
    absl::MutexLock lock(&mutex_);
    const std::string token = Value(*form, "refresh_token");
    if (used_refresh_tokens_.contains(token)) ++reused_;
    const auto found = refresh_tokens_.find(token);
    if (found == refresh_tokens_.end()) return Error("invalid_grant");
    grant = found->second;
    refresh_tokens_.erase(found);
    used_refresh_tokens_.insert(token);
    ++refreshes_;
  } else {
    return Error("unsupported_grant_type");
  }
  return http::Response::Json(Issue(grant));
}

http::Response LocalProvider::Revoke(const http::Request& request) {
  const auto form = http::ParseForm(request.body);
  const std::string token = form.ok() ? Value(*form, "token") : "";
  absl::MutexLock lock(&mutex_);
  if (refresh_tokens_.erase(token) + access_tokens_.erase(token) > 0) ++revocations_;
  return http::Response::Json("{}");
}

bool LocalProvider::Holds(const http::Request& request) const {
  std::string_view token = request.headers.Get("Authorization").value_or("");
  if (!absl::StartsWith(token, "Bearer ")) return false;
  token.remove_prefix(7);
  absl::MutexLock lock(&mutex_);
  const auto found = access_tokens_.find(std::string(token));
  return found != access_tokens_.end() && found->second > absl::Now();
}

http::Response LocalProvider::Account(const http::Request& request) {
  if (options_.before_account) options_.before_account();
  if (!Holds(request)) return http::Response::Json(R"({"error":"invalid_token"})", 401);
  return http::Response::Json(Json{{"id", 1}, {"name", options_.account}}.dump());
}

http::Response LocalProvider::Api(const http::Request& request) {
  if (!Holds(request)) return http::Response::Json(R"({"error":"invalid_token"})", 401);
  if (options_.answer_api) {
    if (auto answer = options_.answer_api(request)) return *std::move(answer);
  }
  return http::Response::Json(
      Json{{"method", request.method}, {"path", request.path}, {"account", options_.account}}.dump(
          -1, ' ', false, Json::error_handler_t::replace));
}

int LocalProvider::refreshes() const {
  absl::MutexLock lock(&mutex_);
  return refreshes_;
}
int LocalProvider::reused_refreshes() const {
  absl::MutexLock lock(&mutex_);
  return reused_;
}
int LocalProvider::revocations() const {
  absl::MutexLock lock(&mutex_);
  return revocations_;
}
void LocalProvider::RevokeAll() {
  absl::MutexLock lock(&mutex_);
  refresh_tokens_.clear();
  access_tokens_.clear();
}
void LocalProvider::ExpireTokens() {
  absl::MutexLock lock(&mutex_);
  access_tokens_.clear();
}

}  // namespace selfology::integration
