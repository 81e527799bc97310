#include "services/platform/security/introspection.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/crypto.h"
#include "common/status/status_macros.h"
#include "services/platform/security/api_key_store.h"
#include "services/platform/security/api_keys.h"
#include "services/platform/security/token_store.h"

namespace selfology::security {
namespace {

using postgres::Transaction;

absl::StatusOr<v1::IntrospectTokenResponse> OfApiKey(Transaction& tx, const Issuing& issuing,
                                                     const ApiKeyText& shown) {
  v1::IntrospectTokenResponse response;
  ASSIGN_OR_RETURN(const std::optional<store::ApiKey> key, store::ReadApiKey(tx, shown.id));
  if (!key.has_value() || !crypto::SameBytes(key->secret_hash, crypto::Sha256(shown.secret)) ||
      key->revoked_at.has_value() ||
      key->expires_at.value_or(absl::InfiniteFuture()) <= issuing.now) {
    return response;
  }
  response.set_active(true);
  response.set_token_type("api_key");
  response.set_sub(absl::StrCat(key->user_id));
  response.set_jti(key->id);
  response.set_scope(absl::StrJoin(key->scopes, " "));
  response.set_iat(absl::ToUnixSeconds(key->created_at));
  if (key->expires_at) response.set_exp(absl::ToUnixSeconds(*key->expires_at));
  return response;
}

absl::StatusOr<v1::IntrospectTokenResponse> OfRefreshToken(Transaction& tx, const Issuing& issuing,
                                                           const std::string& token) {
  v1::IntrospectTokenResponse response;
  ASSIGN_OR_RETURN(const std::optional<store::RefreshToken> known,
                   store::ReadRefreshToken(tx, crypto::Sha256(token)));
  if (!known.has_value() || known->revoked_at.has_value() || known->rotated_at.has_value() ||
      known->session.expires_at <= issuing.now) {
    return response;
  }
  response.set_active(true);
  response.set_token_type("refresh_token");
  response.set_sub(absl::StrCat(known->session.user_id));
  response.set_sid(known->session.id);
  response.set_client_id(known->session.client_id);
  response.set_scope(known->session.scope);
  response.set_iat(absl::ToUnixSeconds(known->session.last_used_at));
  response.set_exp(absl::ToUnixSeconds(known->session.expires_at));
  response.set_iss(issuing.settings.issuer);
  return response;
}

}  // namespace

absl::StatusOr<v1::IntrospectTokenResponse> Introspect(Transaction& tx, const Issuing& issuing,
                                                       const std::string& token) {
  if (const std::optional<ApiKeyText> shown = ParseApiKey(token)) {
    return OfApiKey(tx, issuing, *shown);
  }
  if (token.starts_with("rt_")) return OfRefreshToken(tx, issuing, token);
  v1::IntrospectTokenResponse response;
  const absl::StatusOr<TokenFacts> facts = ReadToken(issuing, token);
  if (!facts.ok()) return response;
  ASSIGN_OR_RETURN(const bool revoked, store::IsRevoked(tx, {.user_id = PersonOf(*facts),
                                                             .session_id = facts->session_id,
                                                             .token_id = facts->token_id,
                                                             .issued_at = facts->issued_at}));
  if (revoked) return response;
  response.set_active(true);
  response.set_token_type("access_token");
  response.set_sub(facts->subject);
  response.set_aud(facts->audience);
  response.set_iss(facts->issuer);
  response.set_jti(facts->token_id);
  response.set_sid(facts->session_id);
  response.set_service(facts->service);
  response.set_client_id(facts->client_id);
  response.set_scope(facts->scope);
  response.set_iat(absl::ToUnixSeconds(facts->issued_at));
  response.set_exp(absl::ToUnixSeconds(facts->expires_at));
  for (const std::string& role : facts->roles) response.add_roles(role);
  return response;
}

}  // namespace selfology::security
