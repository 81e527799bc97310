// The provider's endpoints about tokens that there are: introspection, revocation, who they stand for.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/platform/security/introspection.h"
#include "services/platform/security/oauth_answers.h"
#include "services/platform/security/oauth_service.h"
#include "services/platform/security/patterns.h"
#include "services/platform/security/token_store.h"

namespace selfology::security {
namespace {

using mesh::v1::HttpResponse;
using postgres::Transaction;

// Whose access token it is, and what may be told with it.
struct Asking {
  int64_t user_id = 0;
  bool is_ours = false;  // Of our own apps, which need no scope.
  std::vector<std::string> scope = {};

  bool May(std::string_view word) const {
    return is_ours || std::find(scope.begin(), scope.end(), word) != scope.end();
  }
};

// RFC 6750 section 3.1.
HttpResponse BearerRefusal(int status, const std::string& code) {
  HttpResponse response = JsonAnswer(status, {{"error", code}});
  mesh::v1::HttpHeader& header = *response.add_headers();
  header.set_name("WWW-Authenticate");
  header.set_value(absl::StrCat("Bearer error=\"", code, "\""));
  return response;
}

}  // namespace

OAuthService::HttpAnswer OAuthService::IntrospectOAuthToken(
    const Call& call, const v1::IntrospectOAuthTokenRequest& request) {
  const absl::StatusOr<OAuthClient> client =
      Authenticated(call, request.client_id(), request.client_secret());
  if (!client.ok()) return ErrorAnswer(client.status());
  if (!client->secret_hash.has_value()) {
    return ErrorAnswer(OAuthError("invalid_client", "introspection needs a secret"));
  }
  if (request.token().empty())
    return ErrorAnswer(OAuthError("invalid_request", "token is missing"));
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const Issuing issuing = {*keys, settings_, Now()};
  ASSIGN_OR_RETURN(
      const v1::IntrospectTokenResponse token,
      database_.Read(call,
                     [&](Transaction& tx) { return Introspect(tx, issuing, request.token()); },
                     {.newest = true}));
  // What is not the app's own is none of its business.
  return JsonAnswer(200, token.client_id() == client->id
                             ? IntrospectionMembers(token)
                             : IntrospectionMembers(v1::IntrospectTokenResponse()));
}

OAuthService::HttpAnswer OAuthService::RevokeOAuthToken(
    const Call& call, const v1::RevokeOAuthTokenRequest& request) {
  const absl::StatusOr<OAuthClient> client =
      Authenticated(call, request.client_id(), request.client_secret());
  if (!client.ok()) return ErrorAnswer(client.status());
  if (request.token().empty())
    return ErrorAnswer(OAuthError("invalid_request", "token is missing"));
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const Issuing issuing = {*keys, settings_, Now()};
  const absl::StatusOr<TokenFacts> facts = ReadToken(issuing, request.token());
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    if (!facts.ok()) return EndSessionOf(tx, issuing, request.token(), client->id).status();
    if (facts->client_id != client->id) return absl::OkStatus();
    if (!facts->session_id.empty()) {
      return EndSessions(tx, issuing, PersonOf(*facts), {facts->session_id}, "oauth").status();
    }
    return RevokeToken(tx, facts->token_id, 0, issuing.now, facts->expires_at + absl::Minutes(1));
  }));
  HttpResponse response;
  response.set_status(200);
  return response;
}

OAuthService::HttpAnswer OAuthService::GetUserInfo(const Call& call,
                                                   const v1::GetUserInfoRequest& request) {
  Asking asking;
  if (request.access_token().empty()) {
    const identity::Caller& caller = *call.caller();
    if (caller.kind == identity::Caller::Kind::kPerson) {
      asking = {.user_id = caller.user_id,
                .is_ours = caller.client_id.empty(),
                .scope = caller.permissions};
    }
  } else {
    ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
    const Issuing issuing = {*keys, settings_, Now()};
    ASSIGN_OR_RETURN(
        const v1::IntrospectTokenResponse token,
        database_.Read(
            call, [&](Transaction& tx) { return Introspect(tx, issuing, request.access_token()); },
            {.newest = true}));
    if (token.active() && token.token_type() == "access_token") {
      asking = {.user_id = PersonOf({.subject = token.sub(), .service = token.service()}),
                .is_ours = token.client_id().empty(),
                .scope = SplitScope(token.scope())};
    }
  }
  if (asking.user_id == 0) return BearerRefusal(401, "invalid_token");
  if (!asking.May("openid")) return BearerRefusal(403, "insufficient_scope");
  const bool profile = asking.May("profile");
  const bool email = asking.May("email");
  user::v1::User user;
  if (profile || email) {
    absl::StatusOr<user::v1::User> known = about_(call, asking.user_id);
    // Who came by Telegram need have no account.
    if (!known.ok() && !absl::IsNotFound(known.status())) return known.status();
    if (known.ok()) user = *std::move(known);
  }
  return JsonAnswer(200, UserInfoMembers(user, asking.user_id, profile, email));
}

}  // namespace selfology::security
