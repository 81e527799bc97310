#include "services/platform/security/sessions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/events/event_type.h"
#include "common/events/outbox.h"
#include "common/identity/jws.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "common/uuid/uuid.h"
#include "selfology/events/v1/security.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/security/audit_store.h"
#include "services/platform/security/patterns.h"
#include "services/platform/security/token_store.h"

namespace selfology::security {
namespace {

using postgres::Transaction;

constexpr std::string_view kAnswerPurpose = "refresh answer";
constexpr size_t kTokenBytes = 32;
constexpr size_t kIdBytes = 16;
constexpr char kBearer[] = "Bearer";

std::string NewTokenId() { return crypto::ToBase64Url(crypto::RandomBytes(kIdBytes)); }

// The answer is sealed with the token it was given for, which is kept nowhere: whoever reads the
// database learns nothing.
absl::StatusOr<crypto::Sealer> SealerOf(const std::string& refresh_token) {
  return crypto::Sealer::Of(
      crypto::Sha256(absl::StrCat("selfology refresh answer ", refresh_token)));
}

absl::StatusOr<v1::Tokens> Mint(const Issuing& issuing, const store::Session& session,
                                const store::Person& person, const std::string& refresh_token) {
  const absl::Time issued_at = IssueTime(issuing.now, person.last_revocation);
  const SessionRules& rules = issuing.settings.sessions;
  TokenFacts facts = {.issuer = issuing.settings.issuer,
                      .subject = absl::StrCat(session.user_id),
                      .token_id = NewTokenId(),
                      .session_id = session.id,
                      .client_id = session.client_id,
                      .scope = session.scope,
                      .roles = person.roles,
                      .issued_at = issued_at,
                      .expires_at = std::min(issued_at + rules.access_life, session.ends_at)};
  facts.roles.insert(facts.roles.begin(), "user");
  v1::Tokens tokens;
  ASSIGN_OR_RETURN(*tokens.mutable_access_token(),
                   issuing.keys.signing.Sign(kAccessToken, ToClaims(facts)));
  tokens.set_token_type(kBearer);
  tokens.set_expires_in(absl::ToInt64Seconds(facts.expires_at - issued_at));
  tokens.set_refresh_token(refresh_token);
  tokens.set_session_id(session.id);
  tokens.set_scope(session.scope);
  *tokens.mutable_session_expires_at() = timestamps::ToProto(session.ends_at);
  return tokens;
}

absl::StatusOr<Refreshed> Rotate(Transaction& tx, const Issuing& issuing, std::string_view hash,
                                 const std::string& shown, const store::RefreshToken& token,
                                 const std::string& scope) {
  ASSIGN_OR_RETURN(const store::Person person, store::ReadPerson(tx, token.session.user_id));
  Refreshed refreshed = {.verdict = Verdict::kRotate,
                         .user_id = token.session.user_id,
                         .signed_in_at = token.session.created_at};
  store::Session narrowed = token.session;
  if (!scope.empty()) narrowed.scope = scope;
  ASSIGN_OR_RETURN(refreshed.tokens, Mint(issuing, narrowed, person, NewRefreshToken()));
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, SealerOf(shown));
  store::MarkRotated(tx, hash, issuing.now,
                     sealer.Seal(kAnswerPurpose, refreshed.tokens.SerializeAsString()));
  store::InsertRefreshToken(tx, crypto::Sha256(refreshed.tokens.refresh_token()), token.session.id);
  store::ProlongSession(tx, token.session.id, issuing.now,
                        ExpiryOf(issuing.now, token.session.ends_at, issuing.settings.sessions));
  return refreshed;
}

absl::StatusOr<Refreshed> Repeat(const std::string& shown, const store::RefreshToken& token) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, SealerOf(shown));
  ASSIGN_OR_RETURN(const std::string answer, sealer.Open(kAnswerPurpose, *token.answer));
  Refreshed refreshed = {.verdict = Verdict::kRepeat,
                         .user_id = token.session.user_id,
                         .signed_in_at = token.session.created_at};
  if (!refreshed.tokens.ParseFromString(answer)) {
    return absl::InternalError("the answer to a refresh token does not parse");
  }
  return refreshed;
}

absl::Status PublishRevocation(Transaction& tx, int64_t user_id, const v1::Revocation& revocation) {
  events::v1::TokensRevoked event;
  event.set_user_id(user_id);
  *event.mutable_revocation() = revocation;
  if (user_id != 0) return events::Publish(tx, event);
  // Nobody's tokens are in nobody's order.
  return events::PublishEncoded(
      tx, events::TypeOf<events::v1::TokensRevoked>(),
      {.partition_key = events::HashedKey(
           "token_id", absl::StrCat(revocation.token_id(), revocation.session_id()))},
      event.SerializeAsString());
}

absl::Status RevokeSession(Transaction& tx, const Issuing& issuing, int64_t user_id,
                           const std::string& session_id, std::string_view why) {
  const absl::Time forget_after = ForgetAfter(issuing.now, issuing.settings.sessions);
  v1::Revocation revocation;
  revocation.set_session_id(session_id);
  *revocation.mutable_forget_after() = timestamps::ToProto(forget_after);
  store::InsertRevocation(tx, revocation, user_id, issuing.now, forget_after);
  RETURN_IF_ERROR(PublishRevocation(tx, user_id, revocation));
  return store::AppendAudit(tx, {.actor_id = user_id,
                                 .action = "session.revoked",
                                 .subject_id = user_id,
                                 .method = std::string(why),
                                 .at = issuing.now})
      .status();
}

absl::StatusOr<int> RevokeEach(Transaction& tx, const Issuing& issuing, int64_t user_id,
                               const std::vector<std::string>& ids, std::string_view why) {
  for (const std::string& id : ids) {
    RETURN_IF_ERROR(RevokeSession(tx, issuing, user_id, id, why));
  }
  return static_cast<int>(ids.size());
}

absl::Status EndReused(Transaction& tx, const Issuing& issuing, const store::Session& session) {
  RETURN_IF_ERROR(EndSessions(tx, issuing, session.user_id, {session.id}, "token_reuse"));
  return store::TellThreat(tx,
                           {.kind = v1::THREAT_KIND_TOKEN_REUSE,
                            .user_id = session.user_id,
                            .source_hash = crypto::ToBase64Url(crypto::Sha256(session.id)),
                            .observed = 1,
                            .at = issuing.now},
                           issuing.settings.threats.quiet);
}

}  // namespace

std::string NewRefreshToken() {
  return absl::StrCat("rt_", crypto::ToBase64Url(crypto::RandomBytes(kTokenBytes)));
}

absl::StatusOr<v1::Tokens> OpenSession(Transaction& tx, const Issuing& issuing,
                                       const NewSession& wanted) {
  const std::string refresh_token =
      wanted.refresh_token.empty() ? NewRefreshToken() : wanted.refresh_token;
  const std::string hash = crypto::Sha256(refresh_token);
  ASSIGN_OR_RETURN(const store::Person person, store::ReadPerson(tx, wanted.user_id));
  if (!wanted.refresh_token.empty()) {
    ASSIGN_OR_RETURN(const std::optional<store::RefreshToken> known,
                     store::LockRefreshToken(tx, hash));
    if (known.has_value()) {
      if (known->revoked_at.has_value() || known->rotated_at.has_value() ||
          known->session.expires_at <= issuing.now) {
        return status::InvalidField("idempotency_key", "must not be that of a session gone by");
      }
      return Mint(issuing, known->session, person, refresh_token);
    }
  }
  const absl::Time ends_at = issuing.now + issuing.settings.sessions.session_life;
  absl::BitGen random;
  const store::Session session = {
      .id = uuid::V7(issuing.now, random).ToString(),
      .user_id = wanted.user_id,
      .client_id = wanted.client_id,
      .scope = wanted.scope,
      .method = wanted.method,
      .device_name = wanted.device_name,
      .place = wanted.place,
      .created_at = issuing.now,
      .last_used_at = issuing.now,
      .expires_at = ExpiryOf(issuing.now, ends_at, issuing.settings.sessions),
      .ends_at = ends_at};
  ASSIGN_OR_RETURN(v1::Tokens tokens, Mint(issuing, session, person, refresh_token));
  store::InsertSession(tx, session);
  store::InsertRefreshToken(tx, hash, session.id);
  RETURN_IF_ERROR(store::AppendAudit(tx, {.actor_id = wanted.user_id,
                                          .action = "session.opened",
                                          .subject_id = wanted.user_id,
                                          .method = wanted.method,
                                          .at = issuing.now}));
  return tokens;
}

absl::StatusOr<Refreshed> Refresh(Transaction& tx, const Issuing& issuing,
                                  const std::string& refresh_token, const std::string& client_id,
                                  const std::string& scope) {
  const std::string hash = crypto::Sha256(refresh_token);
  ASSIGN_OR_RETURN(const std::optional<store::RefreshToken> token,
                   store::LockRefreshToken(tx, hash));
  if (!token.has_value() || token->session.client_id != client_id) return Refreshed{};
  const Verdict verdict = Judge({.session_expires_at = token->session.expires_at,
                                 .session_revoked_at = token->revoked_at,
                                 .rotated_at = token->rotated_at,
                                 .has_answer = token->answer.has_value()},
                                issuing.settings.sessions, issuing.now);
  switch (verdict) {
    case Verdict::kRotate:
      if (!scope.empty() && !ScopeWithin(scope, token->session.scope)) {
        return Refreshed{.beyond_scope = true};
      }
      return Rotate(tx, issuing, hash, refresh_token, *token, scope);
    case Verdict::kRepeat:
      return Repeat(refresh_token, *token);
    case Verdict::kReused:
      RETURN_IF_ERROR(EndReused(tx, issuing, token->session));
      return Refreshed{.verdict = verdict, .user_id = token->session.user_id};
    case Verdict::kRefused:
      break;
  }
  return Refreshed{};
}

absl::StatusOr<bool> EndSessionOf(Transaction& tx, const Issuing& issuing,
                                  const std::string& refresh_token, const std::string& client_id) {
  ASSIGN_OR_RETURN(const std::optional<store::RefreshToken> token,
                   store::LockRefreshToken(tx, crypto::Sha256(refresh_token)));
  if (!token.has_value() || token->session.client_id != client_id) return false;
  ASSIGN_OR_RETURN(const int ended,
                   EndSessions(tx, issuing, token->session.user_id, {token->session.id}, "logout"));
  return ended > 0;
}

absl::StatusOr<int> EndSessions(Transaction& tx, const Issuing& issuing, int64_t user_id,
                                const std::vector<std::string>& session_ids, std::string_view why) {
  ASSIGN_OR_RETURN(const std::vector<std::string> ended,
                   store::RevokeSessions(tx, user_id, session_ids, issuing.now));
  return RevokeEach(tx, issuing, user_id, ended, why);
}

absl::StatusOr<int> EndOtherSessions(Transaction& tx, const Issuing& issuing, int64_t user_id,
                                     const std::string& except, std::string_view why) {
  ASSIGN_OR_RETURN(const std::vector<std::string> ended,
                   store::RevokeOtherSessions(tx, user_id, except, issuing.now));
  return RevokeEach(tx, issuing, user_id, ended, why);
}

absl::StatusOr<int64_t> ErasePerson(Transaction& tx, const SecuritySettings& settings,
                                    int64_t user_id, absl::Time now) {
  constexpr int64_t kNobody = 0;
  const absl::Time forget_after = ForgetAfter(now, settings.sessions);
  ASSIGN_OR_RETURN(const std::vector<std::string> sessions, store::SessionIdsOf(tx, user_id));
  for (const std::string& session_id : sessions) {
    v1::Revocation revocation;
    revocation.set_session_id(session_id);
    *revocation.mutable_forget_after() = timestamps::ToProto(forget_after);
    store::InsertRevocation(tx, revocation, kNobody, now, forget_after);
    RETURN_IF_ERROR(PublishRevocation(tx, kNobody, revocation));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> keys, store::ApiKeyIdsOf(tx, user_id));
  for (const std::string& key_id : keys) {
    RETURN_IF_ERROR(RevokeToken(tx, key_id, kNobody, now, forget_after));
  }
  return store::DeleteUser(tx, user_id);
}

absl::Status RevokeTokensOf(Transaction& tx, const SecuritySettings& settings, int64_t user_id,
                            absl::Time now) {
  const absl::Time forget_after = ForgetAfter(now, settings.sessions);
  v1::Revocation revocation;
  revocation.set_user_id(user_id);
  *revocation.mutable_issued_before() = timestamps::ToProto(now);
  *revocation.mutable_forget_after() = timestamps::ToProto(forget_after);
  store::InsertRevocation(tx, revocation, user_id, now, forget_after);
  return PublishRevocation(tx, user_id, revocation);
}

absl::Status RevokeToken(Transaction& tx, const std::string& token_id, int64_t owner,
                         absl::Time now, absl::Time forget_after) {
  v1::Revocation revocation;
  revocation.set_token_id(token_id);
  if (forget_after != absl::InfiniteFuture()) {
    *revocation.mutable_forget_after() = timestamps::ToProto(forget_after);
  }
  store::InsertRevocation(tx, revocation, owner, now, forget_after);
  return PublishRevocation(tx, owner, revocation);
}

absl::StatusOr<v1::Tokens> IssueAlone(const Issuing& issuing, TokenFacts facts,
                                      absl::Duration life) {
  facts.issuer = issuing.settings.issuer;
  facts.token_id = NewTokenId();
  if (facts.issued_at == absl::UnixEpoch())
    facts.issued_at = IssueTime(issuing.now, absl::InfinitePast());
  facts.expires_at = facts.issued_at + life;
  v1::Tokens tokens;
  ASSIGN_OR_RETURN(*tokens.mutable_access_token(),
                   issuing.keys.signing.Sign(kAccessToken, ToClaims(facts)));
  tokens.set_token_type(kBearer);
  tokens.set_expires_in(absl::ToInt64Seconds(life));
  tokens.set_scope(facts.scope);
  return tokens;
}

absl::StatusOr<TokenFacts> ReadToken(const Issuing& issuing, std::string_view token) {
  ASSIGN_OR_RETURN(const std::string claims,
                   identity::CheckSignature(token, issuing.keys.verifying));
  ASSIGN_OR_RETURN(TokenFacts facts, FromClaims(claims));
  if (facts.issuer != issuing.settings.issuer || facts.audience != kAudience) {
    return absl::UnauthenticatedError("the token is not for us");
  }
  if (facts.expires_at <= issuing.now) return absl::UnauthenticatedError("the token has expired");
  return facts;
}

}  // namespace selfology::security
