#include "services/platform/security/token_service.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/security/audit_store.h"
#include "services/platform/security/introspection.h"
#include "services/platform/security/patterns.h"
#include "services/platform/security/sessions.h"
#include "services/platform/security/telegram_init_data.h"
#include "services/platform/security/token_store.h"

namespace selfology::security {
namespace {

using postgres::Transaction;
using status::CheckUser;
using status::FieldViolations;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr int kMaxDevice = 200;
constexpr size_t kMaxMethod = 32;

absl::Status RefreshRefused() {
  return status::Error(mesh::v1::ERROR_CODE_REFRESH_TOKEN_REFUSED,
                       "the refresh token is not good; sign in again");
}

// What the place of this sign-in says beside that of the one before.
absl::Status CheckTravel(Transaction& tx, const Issuing& issuing, int64_t user_id,
                         const Place& place) {
  if (place.country.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<SignIn> before, store::LastSignIn(tx, user_id));
  if (!before.has_value()) return absl::OkStatus();
  const ThreatLimits& limits = issuing.settings.threats;
  const auto found = FindImpossibleTravel(*before, {place, issuing.now}, limits);
  if (!found.has_value()) return absl::OkStatus();
  return store::TellThreat(tx,
                           {.kind = v1::THREAT_KIND_IMPOSSIBLE_TRAVEL,
                            .user_id = user_id,
                            .source_hash = crypto::ToBase64Url(
                                issuing.keys.sealer.Derive("travel", absl::StrCat(user_id))),
                            .observed = found->observed,
                            .at = issuing.now},
                           limits.quiet);
}

}  // namespace

TokenService::TokenService(postgres::Database& database, Clock clock, KeyRing& keys,
                           const SecuritySettings& settings, const Places* places,
                           PersonOf person_of, observe::Metrics& metrics)
    : database_(database),
      clock_(std::move(clock)),
      keys_(keys),
      settings_(settings),
      places_(places),
      person_of_(std::move(person_of)),
      metrics_(metrics) {}

absl::Time TokenService::Now() const { return timestamps::WholeMicroseconds(clock_()); }

void TokenService::CountIssued(std::string_view kind) {
  metrics_.Counter("tokens_issued_total", "Access tokens issued", {{"kind", std::string(kind)}})
      .Increment();
}

absl::StatusOr<v1::IssueTokensResponse> TokenService::IssueTokens(
    const Call& call, const v1::IssueTokensRequest& request) {
  FieldViolations bad = CheckUser(request);
  if (text::Characters(request.client().device_name()) > kMaxDevice) {
    bad.Add("client.device_name", absl::StrCat("must be 0 to ", kMaxDevice, " characters"));
  }
  if (request.method().empty() || request.method().size() > kMaxMethod) {
    bad.Add("method", absl::StrCat("must be 1 to ", kMaxMethod, " bytes"));
  }
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const Issuing issuing = {*keys, settings_, Now()};
  NewSession wanted = {.user_id = request.user_id(),
                       .method = request.method(),
                       .device_name = request.client().device_name()};
  if (places_ != nullptr && !request.client().network_address().empty()) {
    wanted.place = places_->Find(request.client().network_address());
  }
  wanted.refresh_token = absl::StrCat(
      "rt_",
      crypto::ToBase64Url(keys->sealer.Derive(
          "first refresh token", absl::StrCat(request.user_id(), ":", request.idempotency_key()))));
  v1::IssueTokensResponse response;
  ASSIGN_OR_RETURN(*response.mutable_tokens(),
                   database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::Tokens> {
                     RETURN_IF_ERROR(CheckTravel(tx, issuing, request.user_id(), wanted.place));
                     return OpenSession(tx, issuing, wanted);
                   }));
  CountIssued("session");
  return response;
}

absl::StatusOr<v1::RefreshTokensResponse> TokenService::RefreshTokens(
    const Call& call, const v1::RefreshTokensRequest& request) {
  if (request.refresh_token().empty()) return status::InvalidField("refresh_token", "must be set");
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const Issuing issuing = {*keys, settings_, Now()};
  ASSIGN_OR_RETURN(Refreshed refreshed, database_.Write(call, [&](Transaction& tx) {
    return Refresh(tx, issuing, request.refresh_token(), "");
  }));
  switch (refreshed.verdict) {
    case Verdict::kRotate:
      CountIssued("refresh");
      break;
    case Verdict::kRepeat:
      break;
    case Verdict::kReused:
    case Verdict::kRefused:
      return RefreshRefused();
  }
  v1::RefreshTokensResponse response;
  *response.mutable_tokens() = std::move(refreshed.tokens);
  return response;
}

absl::StatusOr<v1::LogoutResponse> TokenService::Logout(const Call& call,
                                                        const v1::LogoutRequest& request) {
  if (request.refresh_token().empty()) return status::InvalidField("refresh_token", "must be set");
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const Issuing issuing = {*keys, settings_, Now()};
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    return EndSessionOf(tx, issuing, request.refresh_token(), "");
  }));
  return v1::LogoutResponse();
}

absl::StatusOr<v1::ListSessionsResponse> TokenService::ListSessions(
    const Call& call, const v1::ListSessionsRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(std::vector<v1::LoginSession> sessions,
                   database_.Read(call,
                                  [&](Transaction& tx) {
                                    return store::ListSessions(tx, request.user_id(), page.after,
                                                               Now(), page.limit());
                                  },
                                  {.newest = true}));
  v1::ListSessionsResponse response;
  response.set_next_page_token(page.Cut(sessions, &v1::LoginSession::session_id));
  for (v1::LoginSession& session : sessions) *response.add_sessions() = std::move(session);
  return response;
}

absl::StatusOr<v1::RevokeSessionResponse> TokenService::RevokeSession(
    const Call& call, const v1::RevokeSessionRequest& request) {
  FieldViolations bad = CheckUser(request);
  if (request.session_id().empty()) bad.Add("session_id", "must be set");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const Issuing issuing = {*keys, settings_, Now()};
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::RevokeSessionResponse> {
    ASSIGN_OR_RETURN(const bool known,
                     store::HasSession(tx, request.user_id(), request.session_id()));
    if (!known) {
      return status::Error(mesh::v1::ERROR_CODE_LOGIN_SESSION_NOT_FOUND,
                           "there is no such session");
    }
    RETURN_IF_ERROR(EndSessions(tx, issuing, request.user_id(), {request.session_id()}, "revoked"));
    return v1::RevokeSessionResponse();
  });
}

absl::StatusOr<v1::RevokeSessionsResponse> TokenService::RevokeSessions(
    const Call& call, const v1::RevokeSessionsRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const Issuing issuing = {*keys, settings_, Now()};
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::RevokeSessionsResponse> {
    ASSIGN_OR_RETURN(const int ended, EndOtherSessions(tx, issuing, request.user_id(),
                                                       request.except_session_id(), "revoked"));
    // Tokens without a session, such as a mini app's, end as well where no session is kept.
    if (request.except_session_id().empty()) {
      RETURN_IF_ERROR(RevokeTokensOf(tx, settings_, request.user_id(), issuing.now));
    }
    v1::RevokeSessionsResponse response;
    response.set_revoked_count(ended);
    return response;
  });
}

absl::StatusOr<v1::IntrospectTokenResponse> TokenService::IntrospectToken(
    const Call& call, const v1::IntrospectTokenRequest& request) {
  if (request.token().empty()) return status::InvalidField("token", "must be set");
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const Issuing issuing = {*keys, settings_, Now()};
  return database_.Read(call,
                        [&](Transaction& tx) { return Introspect(tx, issuing, request.token()); },
                        {.newest = true});
}

absl::StatusOr<v1::IssueServiceTokenResponse> TokenService::IssueServiceToken(
    const Call& call, const v1::IssueServiceTokenRequest& request) {
  FieldViolations bad;
  if (request.service().empty()) bad.Add("service", "must be set");
  if (request.secret().empty()) bad.Add("secret", "must be set");
  RETURN_IF_ERROR(bad.ToStatus());
  const auto account = settings_.service_accounts.find(request.service());
  const bool is_good =
      account != settings_.service_accounts.end() &&
      crypto::SameBytes(crypto::Sha256(request.secret()), account->second.secret_hash) &&
      ScopeWithin(request.scope(), account->second.scope);
  const absl::Time now = Now();
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    return store::AppendAudit(
        tx, {.service = account == settings_.service_accounts.end() ? "unknown" : account->first,
             .action = "service_token.issued",
             .outcome = is_good ? "ok" : "refused",
             .method = "secret",
             .at = now});
  }));
  if (!is_good) {
    return status::Error(mesh::v1::ERROR_CODE_SERVICE_REFUSED,
                         "the service, its secret or the scope is not good");
  }
  v1::IssueServiceTokenResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_tokens(),
      IssueAlone(
          {*keys, settings_, now},
          {.subject = request.service(),
           .service = request.service(),
           .scope = absl::StrJoin(
               SplitScope(request.scope().empty() ? account->second.scope : request.scope()), " ")},
          settings_.sessions.service_life));
  CountIssued("service");
  return response;
}

absl::StatusOr<v1::ExchangeTelegramInitDataResponse> TokenService::ExchangeTelegramInitData(
    const Call& call, const v1::ExchangeTelegramInitDataRequest& request) {
  if (request.init_data().empty() || request.init_data().size() > kMaxInitDataBytes) {
    return status::InvalidField("init_data",
                                absl::StrCat("must be 1 to ", kMaxInitDataBytes, " bytes"));
  }
  const absl::Time now = Now();
  ASSIGN_OR_RETURN(const InitData data,
                   ReadInitData(request.init_data(), settings_.telegram_bot_token, now));
  ASSIGN_OR_RETURN(const int64_t user_id, person_of_(call, data.user_id));
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const Issuing issuing = {*keys, settings_, now};
  return database_.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::ExchangeTelegramInitDataResponse> {
        // By what is signed, not by how it is spelt.
        ASSIGN_OR_RETURN(const bool is_first,
                         store::UseInitData(tx, data.signature,
                                            data.signed_at + kInitDataLife + absl::Minutes(5)));
        if (!is_first) {
          return status::Error(mesh::v1::ERROR_CODE_INIT_DATA_REFUSED, "it was used before");
        }
        ASSIGN_OR_RETURN(const store::Person person, store::ReadPerson(tx, user_id));
        v1::ExchangeTelegramInitDataResponse response;
        response.set_user_id(user_id);
        ASSIGN_OR_RETURN(*response.mutable_tokens(),
                         IssueAlone(issuing,
                                    {.subject = absl::StrCat(user_id),
                                     .scope = settings_.telegram_scope,
                                     .issued_at = IssueTime(now, person.last_revocation)},
                                    settings_.sessions.access_life));
        tx.AfterCommit([this] { CountIssued("telegram"); });
        RETURN_IF_ERROR(store::AppendAudit(tx, {.actor_id = user_id,
                                                .action = "token.issued",
                                                .subject_id = user_id,
                                                .method = "telegram",
                                                .at = now}));
        return response;
      });
}

absl::Status TokenService::ForgetOld(const Call& call) {
  return database_.Write(call, [&](Transaction& tx) {
    store::ForgetOld(tx, Now(), settings_.sessions.refresh_grace);
    return absl::OkStatus();
  });
}

}  // namespace selfology::security
