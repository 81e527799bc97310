#include "services/platform/security/oauth_grants.h"

#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_join.h"
#include "common/crypto/crypto.h"
#include "common/status/status_macros.h"
#include "services/platform/security/oauth_store.h"
#include "services/platform/security/patterns.h"

namespace selfology::security {
namespace {

using postgres::Transaction;

GrantOutcome Refuse(std::string_view code, std::string_view description) {
  return {.refusal = OAuthError(code, description)};
}

absl::StatusOr<GrantOutcome> Open(Transaction& tx, const Issuing& issuing,
                                  const OAuthClient& client, int64_t user_id,
                                  const std::string& scope, std::string_view method) {
  GrantOutcome outcome = {.user_id = user_id, .signed_in_at = issuing.now};
  ASSIGN_OR_RETURN(outcome.tokens, OpenSession(tx, issuing,
                                               {.user_id = user_id,
                                                .client_id = client.id,
                                                .scope = scope,
                                                .method = std::string(method)}));
  if (!HasGrant(client, kRefreshGrant)) outcome.tokens.clear_refresh_token();
  return outcome;
}

}  // namespace

absl::StatusOr<GrantOutcome> ExchangeCode(Transaction& tx, const Issuing& issuing,
                                          const OAuthClient& client,
                                          const v1::IssueOAuthTokensRequest& request) {
  const std::string hash = crypto::Sha256(request.code());
  ASSIGN_OR_RETURN(const std::optional<store::Code> code, store::LockCode(tx, hash));
  if (!code.has_value() || code->client_id != client.id) {
    return Refuse("invalid_grant", "the code is not good");
  }
  if (!code->session_id.empty()) {
    // Shown twice, one of the two is a thief (RFC 6749 section 4.1.2).
    RETURN_IF_ERROR(EndSessions(tx, issuing, code->user_id, {code->session_id}, "code_reuse"));
    return Refuse("invalid_grant", "the code was used before");
  }
  if (code->expires_at <= issuing.now) return Refuse("invalid_grant", "the code has expired");
  if (code->redirect_uri != request.redirect_uri()) {
    return Refuse("invalid_grant", "redirect_uri is not that of the authorization");
  }
  if (!VerifyPkce(request.code_verifier(), code->code_challenge)) {
    return Refuse("invalid_grant", "code_verifier does not fit");
  }
  ASSIGN_OR_RETURN(GrantOutcome outcome,
                   Open(tx, issuing, client, code->user_id, code->scope, "oauth"));
  outcome.nonce = code->nonce;
  store::MarkCodeUsed(tx, hash, outcome.tokens.session_id());
  return outcome;
}

absl::StatusOr<GrantOutcome> ExchangeRefreshToken(Transaction& tx, const Issuing& issuing,
                                                  const OAuthClient& client,
                                                  const v1::IssueOAuthTokensRequest& request) {
  const std::string scope = absl::StrJoin(SplitScope(request.scope()), " ");
  ASSIGN_OR_RETURN(Refreshed refreshed,
                   Refresh(tx, issuing, request.refresh_token(), client.id, scope));
  if (refreshed.beyond_scope) {
    return Refuse("invalid_scope", "scope: must be a part of what was granted");
  }
  if (refreshed.verdict != Verdict::kRotate && refreshed.verdict != Verdict::kRepeat) {
    return Refuse("invalid_grant", "the refresh token is not good");
  }
  return GrantOutcome{.tokens = std::move(refreshed.tokens),
                      .user_id = refreshed.user_id,
                      .signed_in_at = refreshed.signed_in_at};
}

absl::StatusOr<GrantOutcome> ExchangeDeviceCode(Transaction& tx, const Issuing& issuing,
                                                const OAuthClient& client,
                                                const v1::IssueOAuthTokensRequest& request) {
  const std::string hash = crypto::Sha256(request.device_code());
  ASSIGN_OR_RETURN(const std::optional<store::Device> device, store::LockDevice(tx, hash));
  if (!device.has_value() || device->client_id != client.id || device->decision == "used") {
    return Refuse("invalid_grant", "the device code is not good");
  }
  if (device->expires_at <= issuing.now) return Refuse("expired_token", "the code has expired");
  if (device->decision == "deny") return Refuse("access_denied", "the person said no");
  if (device->decision.empty()) {
    const bool too_soon =
        device->polled_at.value_or(absl::InfinitePast()) + kPollInterval > issuing.now;
    store::NotePoll(tx, hash, issuing.now);
    return too_soon ? Refuse("slow_down", "asked again too soon")
                    : Refuse("authorization_pending", "the person has not answered yet");
  }
  store::MarkDeviceUsed(tx, hash);
  return Open(tx, issuing, client, device->user_id, device->scope, "oauth_device");
}

}  // namespace selfology::security
