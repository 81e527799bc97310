#include "services/platform/security/token_store.h"

#include <tuple>
#include <utility>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::security::store {
namespace {

using postgres::BytesView;
using postgres::Transaction;

struct RefreshRow {
  std::string id;
  int64_t user_id = 0;
  std::string client_id;
  std::string scope;
  std::string method;
  absl::Time created_at;
  absl::Time last_used_at;
  absl::Time expires_at;
  absl::Time ends_at;
  std::optional<absl::Time> revoked_at;
  std::optional<absl::Time> rotated_at;
  std::optional<postgres::Bytes> answer;
};

struct SessionRow {
  std::string id;
  std::string device_name;
  std::string country;
  std::string client_id;
  std::string method;
  absl::Time created_at;
  absl::Time last_used_at;
  absl::Time expires_at;
};

struct RevocationRow {
  int64_t user_id = 0;
  bool all_of_user = false;
  std::string session_id;
  std::string token_id;
  absl::Time issued_before;
  absl::Time forget_after;
};

absl::StatusOr<std::optional<RefreshToken>> ToRefreshToken(
    absl::StatusOr<std::optional<RefreshRow>> found) {
  ASSIGN_OR_RETURN(const std::optional<RefreshRow> row, std::move(found));
  if (!row.has_value()) return std::nullopt;
  RefreshToken token = {.session = {.id = row->id,
                                    .user_id = row->user_id,
                                    .client_id = row->client_id,
                                    .scope = row->scope,
                                    .method = row->method,
                                    .created_at = row->created_at,
                                    .last_used_at = row->last_used_at,
                                    .expires_at = row->expires_at,
                                    .ends_at = row->ends_at},
                        .revoked_at = row->revoked_at,
                        .rotated_at = row->rotated_at,
                        .answer = std::nullopt};
  if (row->answer.has_value()) token.answer = row->answer->value;
  return token;
}

std::vector<std::string> IdsOf(const std::vector<std::tuple<std::string>>& rows) {
  std::vector<std::string> ids;
  for (const auto& [id] : rows) ids.push_back(id);
  return ids;
}

}  // namespace

void InsertSession(Transaction& tx, const Session& session) {
  tx.Queue(
      "INSERT INTO security_sessions (id, user_id, client_id, scope, method, device_name, country,"
      " latitude, longitude, created_at, last_used_at, expires_at, ends_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
      session.id, session.user_id, session.client_id, session.scope, session.method,
      session.device_name, session.place.country, session.place.latitude, session.place.longitude,
      session.created_at, session.last_used_at, session.expires_at, session.ends_at);
}

void ProlongSession(Transaction& tx, const std::string& id, absl::Time now, absl::Time expires_at) {
  tx.Queue("UPDATE security_sessions SET last_used_at = $2, expires_at = $3 WHERE id = $1", id, now,
           expires_at);
}

absl::StatusOr<std::optional<RefreshToken>> LockRefreshToken(Transaction& tx,
                                                             std::string_view hash) {
  return ToRefreshToken(tx.QueryOne<RefreshRow>(
      "SELECT s.id, s.user_id, s.client_id, s.scope, s.method, s.created_at, s.last_used_at,"
      " s.expires_at, s.ends_at, s.revoked_at, t.rotated_at, t.answer"
      " FROM security_refresh_tokens t JOIN security_sessions s ON s.id = t.session_id"
      " WHERE t.hash = $1 FOR UPDATE",
      BytesView{hash}));
}

absl::StatusOr<std::optional<RefreshToken>> ReadRefreshToken(Transaction& tx,
                                                             std::string_view hash) {
  return ToRefreshToken(tx.QueryOne<RefreshRow>(
      "SELECT s.id, s.user_id, s.client_id, s.scope, s.method, s.created_at, s.last_used_at,"
      " s.expires_at, s.ends_at, s.revoked_at, t.rotated_at, t.answer"
      " FROM security_refresh_tokens t JOIN security_sessions s ON s.id = t.session_id"
      " WHERE t.hash = $1",
      BytesView{hash}));
}

void InsertRefreshToken(Transaction& tx, std::string_view hash, const std::string& session_id) {
  tx.Queue("INSERT INTO security_refresh_tokens (hash, session_id) VALUES ($1, $2)",
           BytesView{hash}, session_id);
}

void MarkRotated(Transaction& tx, std::string_view hash, absl::Time now, std::string_view answer) {
  tx.Queue("UPDATE security_refresh_tokens SET rotated_at = $2, answer = $3 WHERE hash = $1",
           BytesView{hash}, now, BytesView{answer});
}

absl::StatusOr<std::vector<v1::LoginSession>> ListSessions(Transaction& tx, int64_t user_id,
                                                           std::string_view before, absl::Time now,
                                                           int64_t limit) {
  ASSIGN_OR_RETURN(
      const std::vector<SessionRow> rows,
      tx.Query<SessionRow>(
          "SELECT id, device_name, country, client_id, method, created_at, last_used_at, expires_at"
          " FROM security_sessions WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $3"
          " AND ($2 = '' OR (created_at, id) < (SELECT created_at, id FROM security_sessions"
          "      WHERE id = $2 AND user_id = $1)) ORDER BY created_at DESC, id DESC LIMIT $4",
          user_id, before, now, limit));
  std::vector<v1::LoginSession> sessions;
  for (const SessionRow& row : rows) {
    v1::LoginSession& session = sessions.emplace_back();
    session.set_session_id(row.id);
    session.set_user_id(user_id);
    session.set_device_name(row.device_name);
    session.set_country(row.country);
    session.set_client_id(row.client_id);
    session.set_method(row.method);
    *session.mutable_created_at() = timestamps::ToProto(row.created_at);
    *session.mutable_last_used_at() = timestamps::ToProto(row.last_used_at);
    *session.mutable_expires_at() = timestamps::ToProto(row.expires_at);
  }
  return sessions;
}

absl::StatusOr<std::vector<std::string>> RevokeSessions(Transaction& tx, int64_t user_id,
                                                        const std::vector<std::string>& ids,
                                                        absl::Time now) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<std::string>(
                       "UPDATE security_sessions SET revoked_at = $3 WHERE user_id = $1"
                       " AND id = ANY($2) AND revoked_at IS NULL AND expires_at > $3 RETURNING id",
                       user_id, ids, now));
  return IdsOf(rows);
}

absl::StatusOr<std::vector<std::string>> RevokeOtherSessions(Transaction& tx, int64_t user_id,
                                                             const std::string& except,
                                                             absl::Time now) {
  ASSIGN_OR_RETURN(
      const auto rows,
      tx.Query<std::string>("UPDATE security_sessions SET revoked_at = $3 WHERE user_id = $1"
                            " AND id <> $2 AND revoked_at IS NULL AND expires_at > $3 RETURNING id",
                            user_id, except, now));
  return IdsOf(rows);
}

absl::StatusOr<bool> HasSession(Transaction& tx, int64_t user_id, const std::string& id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT user_id FROM security_sessions WHERE id = $2 AND user_id = $1",
                           user_id, id));
  return row.has_value();
}

absl::StatusOr<std::optional<SignIn>> LastSignIn(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      (tx.QueryOne<std::string, std::optional<double>, std::optional<double>, absl::Time>(
          "SELECT country, latitude, longitude, created_at FROM security_sessions"
          " WHERE user_id = $1 AND country <> '' ORDER BY created_at DESC LIMIT 1",
          user_id)));
  if (!row.has_value()) return std::nullopt;
  const auto& [country, latitude, longitude, at] = *row;
  return SignIn{.place = {country, latitude, longitude}, .at = at};
}

absl::StatusOr<std::vector<std::string>> SessionIdsOf(Transaction& tx, int64_t user_id) {
  auto ids = tx.Ask<std::string>("SELECT id FROM security_sessions WHERE user_id = $1", user_id);
  ASSIGN_OR_RETURN(const auto rows, ids.All());
  return IdsOf(rows);
}

absl::StatusOr<std::vector<std::string>> ApiKeyIdsOf(Transaction& tx, int64_t user_id) {
  auto ids = tx.Ask<std::string>("SELECT id FROM security_api_keys WHERE user_id = $1", user_id);
  ASSIGN_OR_RETURN(const auto rows, ids.All());
  return IdsOf(rows);
}

void InsertRevocation(Transaction& tx, const v1::Revocation& revocation, int64_t user_id,
                      absl::Time now, absl::Time forget_after) {
  tx.Queue(
      "INSERT INTO security_revocations (user_id, all_of_user, session_id, token_id,"
      " issued_before, forget_after) VALUES ($1, $2, $3, $4, $5, $6)",
      user_id, revocation.user_id() != 0, revocation.session_id(), revocation.token_id(), now,
      forget_after);
}

absl::StatusOr<std::vector<v1::Revocation>> ListRevocations(Transaction& tx, absl::Time now) {
  ASSIGN_OR_RETURN(
      const std::vector<RevocationRow> rows,
      tx.Query<RevocationRow>("SELECT user_id, all_of_user, session_id, token_id, issued_before,"
                              " forget_after FROM security_revocations WHERE forget_after > $1"
                              " ORDER BY id",
                              now));
  std::vector<v1::Revocation> revocations;
  for (const RevocationRow& row : rows) {
    v1::Revocation& revocation = revocations.emplace_back();
    revocation.set_session_id(row.session_id);
    revocation.set_token_id(row.token_id);
    if (row.all_of_user) {
      revocation.set_user_id(row.user_id);
      *revocation.mutable_issued_before() = timestamps::ToProto(row.issued_before);
    }
    if (row.forget_after != absl::InfiniteFuture()) {
      *revocation.mutable_forget_after() = timestamps::ToProto(row.forget_after);
    }
  }
  return revocations;
}

absl::StatusOr<bool> IsRevoked(Transaction& tx, const TokenIds& token) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<bool>("SELECT EXISTS (SELECT FROM security_revocations"
                        " WHERE (all_of_user AND user_id = $1 AND issued_before > $4)"
                        " OR (session_id = $2 AND $2 <> '') OR (token_id = $3 AND $3 <> ''))"
                        " OR EXISTS (SELECT FROM security_sessions"
                        "            WHERE id = $2 AND revoked_at IS NOT NULL)",
                        token.user_id, token.session_id, token.token_id, token.issued_at));
  return row.has_value() && std::get<0>(*row);
}

absl::StatusOr<Person> ReadPerson(Transaction& tx, int64_t user_id) {
  auto roles = tx.Ask<std::string>(
      "SELECT role FROM security_roles WHERE user_id = $1 ORDER BY role", user_id);
  auto revocation = tx.Ask<std::optional<absl::Time>>(
      "SELECT max(issued_before) FROM security_revocations WHERE all_of_user AND user_id = $1",
      user_id);
  Person person;
  ASSIGN_OR_RETURN(const auto role_rows, roles.All());
  person.roles = IdsOf(role_rows);
  ASSIGN_OR_RETURN(const auto last, revocation.One());
  if (last.has_value()) person.last_revocation = std::get<0>(*last).value_or(absl::InfinitePast());
  return person;
}

absl::StatusOr<bool> UseInitData(Transaction& tx, std::string_view hash, absl::Time forget_after) {
  ASSIGN_OR_RETURN(const int64_t inserted,
                   tx.Execute("INSERT INTO security_used_init_data (hash, forget_after)"
                              " VALUES ($1, $2) ON CONFLICT DO NOTHING",
                              BytesView{hash}, forget_after));
  return inserted == 1;
}

void ForgetOld(Transaction& tx, absl::Time now, absl::Duration grace) {
  tx.Queue(
      "UPDATE security_refresh_tokens SET answer = NULL"
      " WHERE answer IS NOT NULL AND rotated_at < $1",
      now - grace);
  // A day more than it lasts, so that a token that comes late is told from one that never was.
  tx.Queue("DELETE FROM security_sessions WHERE expires_at < $1", now - absl::Hours(24));
  tx.Queue("DELETE FROM security_revocations WHERE forget_after < $1", now);
  tx.Queue("DELETE FROM security_used_init_data WHERE forget_after < $1", now);
  tx.Queue("DELETE FROM security_oauth_codes WHERE expires_at < $1", now - absl::Hours(24));
  tx.Queue("DELETE FROM security_oauth_devices WHERE expires_at < $1", now - absl::Hours(1));
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  int64_t deleted = 0;
  for (const std::string_view statement :
       {"DELETE FROM security_sessions WHERE user_id = $1",
        "DELETE FROM security_revocations WHERE user_id = $1",
        "DELETE FROM security_api_keys WHERE user_id = $1",
        "DELETE FROM security_roles WHERE user_id = $1",
        "DELETE FROM security_grants WHERE person_id = $1",
        "DELETE FROM security_team_members WHERE person_id = $1",
        "DELETE FROM security_pseudonym_keys WHERE user_id = $1",
        "DELETE FROM security_login_attempts WHERE user_id = $1",
        "DELETE FROM security_refused_calls WHERE user_id = $1",
        "DELETE FROM security_threats WHERE user_id = $1",
        "DELETE FROM security_oauth_codes WHERE user_id = $1",
        "DELETE FROM security_oauth_devices WHERE user_id = $1"}) {
    ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(statement, user_id));
    deleted += rows;
  }
  return deleted;
}

}  // namespace selfology::security::store
