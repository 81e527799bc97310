#include "services/platform/security/oauth_service.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/identity/jws.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/security/audit_store.h"
#include "services/platform/security/oauth_answers.h"
#include "services/platform/security/oauth_pages.h"
#include "services/platform/security/oauth_store.h"
#include "services/platform/security/token_store.h"

namespace selfology::security {
namespace {

using mesh::v1::HttpResponse;
using nlohmann::json;
using postgres::Transaction;

constexpr std::string_view kPurpose = "oauth authorization";
constexpr std::string_view kConsentPath = "/oauth/consent";
constexpr std::string_view kDevicePath = "/oauth/device";

std::string Secret() { return crypto::ToBase64Url(crypto::RandomBytes(32)); }
std::string Nonce() { return crypto::ToBase64Url(crypto::RandomBytes(16)); }

HttpResponse Problem(int status, std::string_view text) {
  return PageAnswer(status, MessagePage("That did not work", text), "");
}

// Back to the app (RFC 6749 section 4.1.2.1, RFC 9207).
HttpResponse BackWithError(const AuthorizationRequest& request, std::string_view code,
                           std::string_view description, const std::string& issuer) {
  return Redirect(WithQuery(request.redirect_uri, {{"error", std::string(code)},
                                                   {"error_description", std::string(description)},
                                                   {"state", request.state},
                                                   {"iss", issuer}}));
}

json RegistrationMembers(const OAuthClient& client, const std::string& secret, absl::Time now) {
  json members = {{"client_id", client.id},
                  {"client_id_issued_at", absl::ToUnixSeconds(now)},
                  {"client_name", client.name},
                  {"redirect_uris", client.redirect_uris},
                  {"grant_types", client.grant_types},
                  {"response_types", HasGrant(client, kCodeGrant) ? json({"code"}) : json::array()},
                  {"token_endpoint_auth_method", secret.empty() ? "none" : "client_secret_post"},
                  {"id_token_signed_response_alg", client.id_token_alg},
                  {"scope", client.scope}};
  if (!secret.empty()) {
    members["client_secret"] = secret;
    members["client_secret_expires_at"] = 0;
  }
  return members;
}

}  // namespace

OAuthService::OAuthService(postgres::Database& database, Clock clock, KeyRing& keys,
                           const SecuritySettings& settings, AboutPerson about,
                           observe::Metrics& metrics)
    : database_(database),
      clock_(std::move(clock)),
      keys_(keys),
      settings_(settings),
      about_(std::move(about)),
      metrics_(metrics) {}

absl::Time OAuthService::Now() const { return timestamps::WholeMicroseconds(clock_()); }

absl::StatusOr<std::optional<OAuthClient>> OAuthService::Find(const Call& call,
                                                              const std::string& client_id) {
  return database_.Read(call, [&](Transaction& tx) { return store::ReadClient(tx, client_id); },
                        {.newest = true});
}

absl::StatusOr<OAuthClient> OAuthService::Authenticated(const Call& call,
                                                        const std::string& client_id,
                                                        const std::string& client_secret) {
  ASSIGN_OR_RETURN(std::optional<OAuthClient> client, Find(call, client_id));
  const bool is_good = client.has_value() &&
                       (client->secret_hash.has_value()
                            ? crypto::SameBytes(crypto::Sha256(client_secret), *client->secret_hash)
                            : client_secret.empty());
  if (!is_good) return OAuthError("invalid_client", "the app or its secret is not known");
  return *std::move(client);
}

absl::StatusOr<AuthorizationRequest> OAuthService::Opened(const KeyRing::Keys& keys,
                                                          const std::string& sealed) const {
  ASSIGN_OR_RETURN(const std::string bytes, identity::FromBase64Url(sealed));
  ASSIGN_OR_RETURN(const std::string text, keys.sealer.Open(kPurpose, bytes));
  ASSIGN_OR_RETURN(AuthorizationRequest request, AuthorizationFromJson(text));
  if (request.expires_at <= Now()) return absl::InvalidArgumentError("it has expired");
  return request;
}

absl::StatusOr<int64_t> OAuthService::PersonWhoAnswers(const Call& call, const Issuing& issuing,
                                                       const std::string& access_token) {
  const identity::Caller& caller = *call.caller();
  if (caller.kind == identity::Caller::Kind::kPerson && caller.client_id.empty() &&
      !caller.session_id.empty()) {
    return caller.user_id;
  }
  const absl::StatusOr<TokenFacts> facts = ReadToken(issuing, access_token);
  // Only a token of our own, without limits: an app must not say yes to another app.
  if (!facts.ok() || !facts->client_id.empty() || !facts->scope.empty()) return 0;
  const int64_t user_id = PersonOf(*facts);
  ASSIGN_OR_RETURN(const bool revoked, database_.Read(call,
                                                      [&](Transaction& tx) {
                                                        return store::IsRevoked(
                                                            tx, {.user_id = user_id,
                                                                 .session_id = facts->session_id,
                                                                 .token_id = facts->token_id,
                                                                 .issued_at = facts->issued_at});
                                                      },
                                                      {.newest = true}));
  return revoked ? 0 : user_id;
}

OAuthService::HttpAnswer OAuthService::GetProviderMetadata(
    const Call& /*call*/, const v1::GetProviderMetadataRequest& /*request*/) {
  HttpResponse response = JsonAnswer(200, ProviderMetadata(settings_.base_url));
  response.clear_headers();
  return response;
}

OAuthService::HttpAnswer OAuthService::RegisterClient(const Call& call,
                                                      const v1::RegisterClientRequest& request) {
  absl::StatusOr<OAuthClient> client = ReadRegistration(request);
  if (!client.ok()) return ErrorAnswer(client.status());
  // So that apps find the key before the first token.
  if (client->id_token_alg == kRs256) RETURN_IF_ERROR(keys_.GetWithRsa(call).status());
  std::string secret;
  if (client->secret_hash.has_value()) {
    secret = Secret();
    client->secret_hash = crypto::Sha256(secret);
  }
  const absl::Time now = Now();
  const std::string fallback = crypto::ToBase64Url(crypto::RandomBytes(18));
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    if (client->id.empty()) client->id = fallback;
    ASSIGN_OR_RETURN(bool inserted, store::InsertClient(tx, *client, now));
    if (!inserted) {  // The wish is somebody else's.
      client->id = fallback;
      ASSIGN_OR_RETURN(inserted, store::InsertClient(tx, *client, now));
      if (!inserted) return absl::InternalError("an app's random id is taken");
    }
    return store::AppendAudit(tx, {.service = "security",
                                   .action = "oauth_client.registered",
                                   .method = client->id,
                                   .at = now})
        .status();
  }));
  return JsonAnswer(201, RegistrationMembers(*client, secret, now));
}

OAuthService::HttpAnswer OAuthService::Authorize(const Call& call,
                                                 const v1::AuthorizeRequest& request) {
  ASSIGN_OR_RETURN(const std::optional<OAuthClient> client, Find(call, request.client_id()));
  if (!client.has_value()) return Problem(400, "This app is not registered.");
  v1::AuthorizeRequest asked = request;
  if (asked.redirect_uri().empty() && client->redirect_uris.size() == 1) {
    asked.set_redirect_uri(client->redirect_uris.front());
  }
  // Nothing is sent to an address that the app did not register (RFC 6749 section 3.1.2.4).
  if (!IsRegisteredRedirect(*client, asked.redirect_uri())) {
    return Problem(400, "This app is not registered with that address.");
  }
  const absl::StatusOr<AuthorizationRequest> authorization = CheckAuthorize(asked, *client, Now());
  if (!authorization.ok()) {
    return BackWithError({.redirect_uri = asked.redirect_uri(),
                          .state = asked.state(),
                          .expires_at = absl::UnixEpoch()},
                         ErrorCodeIn(authorization.status()), authorization.status().message(),
                         settings_.base_url);
  }
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const std::string sealed =
      crypto::ToBase64Url(keys->sealer.Seal(kPurpose, ToJson(*authorization)));
  return Redirect(WithQuery(absl::StrCat(settings_.base_url, kConsentPath), {{"request", sealed}}));
}

OAuthService::HttpAnswer OAuthService::ShowConsent(const Call& call,
                                                   const v1::ShowConsentRequest& request) {
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const absl::StatusOr<AuthorizationRequest> opened = Opened(*keys, request.request());
  if (!opened.ok()) return Problem(400, "This link has expired. Go back to the app and try again.");
  ASSIGN_OR_RETURN(const std::optional<OAuthClient> client, Find(call, opened->client_id));
  if (!client.has_value()) return Problem(400, "This app is not registered any more.");
  const std::string nonce = Nonce();
  return PageAnswer(200,
                    ConsentPage({.client_name = client->name.empty() ? client->id : client->name,
                                 .scope = opened->scope,
                                 .request = request.request()},
                                nonce),
                    nonce);
}

OAuthService::HttpAnswer OAuthService::DecideConsent(const Call& call,
                                                     const v1::DecideConsentRequest& request) {
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const Issuing issuing = {*keys, settings_, Now()};
  const absl::StatusOr<AuthorizationRequest> opened = Opened(*keys, request.request());
  if (!opened.ok()) return Problem(400, "This link has expired. Go back to the app and try again.");
  if (request.decision() != "allow") {
    return BackWithError(*opened, "access_denied", "the person said no", settings_.base_url);
  }
  ASSIGN_OR_RETURN(const int64_t user_id, PersonWhoAnswers(call, issuing, request.access_token()));
  if (user_id == 0) return Problem(401, "You are not signed in. Go back and sign in first.");
  const std::string code = Secret();
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    store::InsertCode(tx, crypto::Sha256(code),
                      {.client_id = opened->client_id,
                       .user_id = user_id,
                       .redirect_uri = opened->redirect_uri,
                       .scope = opened->scope,
                       .code_challenge = opened->code_challenge,
                       .nonce = opened->nonce,
                       .expires_at = issuing.now + kCodeLife});
    return store::AppendAudit(tx, {.actor_id = user_id,
                                   .action = "oauth_consent.given",
                                   .subject_id = user_id,
                                   .method = opened->client_id,
                                   .at = issuing.now})
        .status();
  }));
  return Redirect(
      WithQuery(opened->redirect_uri,
                {{"code", code}, {"state", opened->state}, {"iss", settings_.base_url}}));
}

absl::StatusOr<GrantOutcome> OAuthService::Exchange(const Call& call, const Issuing& issuing,
                                                    const OAuthClient& client,
                                                    const v1::IssueOAuthTokensRequest& request) {
  const std::string& type = request.grant_type();
  if (!HasGrant(client, type)) {
    return OAuthError("unauthorized_client", "the app is not registered for this grant");
  }
  if (type == kClientGrant) {
    GrantOutcome outcome;
    ASSIGN_OR_RETURN(const std::string scope, CheckScope(request.scope(), client));
    ASSIGN_OR_RETURN(
        outcome.tokens,
        IssueAlone(issuing, {.subject = client.id, .client_id = client.id, .scope = scope},
                   settings_.sessions.access_life));
    return outcome;
  }
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<GrantOutcome> {
    if (type == kCodeGrant) return ExchangeCode(tx, issuing, client, request);
    if (type == kRefreshGrant) return ExchangeRefreshToken(tx, issuing, client, request);
    return ExchangeDeviceCode(tx, issuing, client, request);
  });
}

OAuthService::HttpAnswer OAuthService::IssueOAuthTokens(
    const Call& call, const v1::IssueOAuthTokensRequest& request) {
  const std::string& type = request.grant_type();
  if (type.empty()) return ErrorAnswer(OAuthError("invalid_request", "grant_type is missing"));
  if (type != kCodeGrant && type != kRefreshGrant && type != kClientGrant && type != kDeviceGrant) {
    return ErrorAnswer(OAuthError("unsupported_grant_type", "there is no such grant"));
  }
  const absl::StatusOr<OAuthClient> client =
      Authenticated(call, request.client_id(), request.client_secret());
  if (!client.ok()) return ErrorAnswer(client.status());
  const bool by_rsa = client->id_token_alg == kRs256;
  ASSIGN_OR_RETURN(const auto keys, by_rsa ? keys_.GetWithRsa(call) : keys_.Get(call));
  const Issuing issuing = {*keys, settings_, Now()};
  const absl::StatusOr<GrantOutcome> outcome = Exchange(call, issuing, *client, request);
  if (!outcome.ok()) return ErrorAnswer(outcome.status());
  if (!outcome->refusal.ok()) return ErrorAnswer(outcome->refusal);
  json members = TokenMembers(outcome->tokens);
  if (outcome->user_id != 0 && AsksFor(outcome->tokens.scope(), "openid")) {
    const std::string claims =
        ToIdClaims({.issuer = settings_.base_url,
                    .user_id = outcome->user_id,
                    .client_id = client->id,
                    .session_id = outcome->tokens.session_id(),
                    .nonce = outcome->nonce,
                    .signed_in_at = outcome->signed_in_at,
                    .issued_at = issuing.now,
                    .expires_at = issuing.now + settings_.sessions.access_life});
    const SigningKey& key = by_rsa ? *keys->rsa : keys->signing;
    ASSIGN_OR_RETURN(members["id_token"], key.Sign(kIdToken, claims));
  }
  metrics_.Counter("tokens_issued_total", "Access tokens issued", {{"kind", "oauth"}}).Increment();
  return JsonAnswer(200, members);
}

OAuthService::HttpAnswer OAuthService::AuthorizeDevice(const Call& call,
                                                       const v1::AuthorizeDeviceRequest& request) {
  const absl::StatusOr<OAuthClient> client =
      Authenticated(call, request.client_id(), request.client_secret());
  if (!client.ok()) return ErrorAnswer(client.status());
  if (!HasGrant(*client, kDeviceGrant)) {
    return ErrorAnswer(OAuthError("unauthorized_client", "the app is not registered for devices"));
  }
  const absl::StatusOr<std::string> scope = CheckScope(request.scope(), *client);
  if (!scope.ok()) return ErrorAnswer(scope.status());
  const std::string device_code = Secret();
  store::Device device = {
      .client_id = client->id, .scope = *scope, .expires_at = Now() + kDeviceLife};
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    // 20^8 codes for a quarter of an hour each: one that is taken is rare, two in a row unheard of.
    for (int attempt = 0; attempt < 5; ++attempt) {
      device.user_code = UserCodeFrom(crypto::RandomBytes(32));
      ASSIGN_OR_RETURN(const bool inserted,
                       store::InsertDevice(tx, crypto::Sha256(device_code), device));
      if (inserted) return absl::OkStatus();
    }
    return absl::InternalError("no free code for a device");
  }));
  const std::string page = absl::StrCat(settings_.base_url, kDevicePath);
  return JsonAnswer(
      200, {{"device_code", device_code},
            {"user_code", device.user_code},
            {"verification_uri", page},
            {"verification_uri_complete", WithQuery(page, {{"user_code", device.user_code}})},
            {"expires_in", absl::ToInt64Seconds(kDeviceLife)},
            {"interval", absl::ToInt64Seconds(kPollInterval)}});
}

OAuthService::HttpAnswer OAuthService::ShowDevice(const Call& /*call*/,
                                                  const v1::ShowDeviceRequest& request) {
  const std::string nonce = Nonce();
  return PageAnswer(200, DevicePage(NormalUserCode(request.user_code()), nonce), nonce);
}

OAuthService::HttpAnswer OAuthService::DecideDevice(const Call& call,
                                                    const v1::DecideDeviceRequest& request) {
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const Issuing issuing = {*keys, settings_, Now()};
  ASSIGN_OR_RETURN(const int64_t user_id, PersonWhoAnswers(call, issuing, request.access_token()));
  if (user_id == 0) return Problem(401, "You are not signed in. Go back and sign in first.");
  const std::string decision = request.decision() == "allow" ? "allow" : "deny";
  ASSIGN_OR_RETURN(const bool decided, database_.Write(call, [&](Transaction& tx) {
    return store::DecideDevice(tx, NormalUserCode(request.user_code()), user_id, decision,
                               issuing.now);
  }));
  if (!decided) return Problem(400, "There is no such code, or it has expired.");
  return PageAnswer(200,
                    MessagePage(decision == "allow" ? "Connected" : "Not connected",
                                "You can go back to the device now."),
                    "");
}

}  // namespace selfology::security
