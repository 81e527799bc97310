#include "services/platform/integration/connection_store.h"

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::integration::store {
namespace {

constexpr std::string_view kSelect =
    "SELECT connection_id, place, user_id, provider, account_id, account_name, scopes, tokens,"
    " refreshes, generation, state, failure, failing_since, failures, expires_at, refresh_at,"
    " refreshed_at, created_at, renewal, renewing_until, throttled_until, team_id"
    " FROM integration_connections ";

}  // namespace

void InsertAttempt(postgres::Transaction& tx, const AttemptRow& row) {
  tx.Queue(
      "INSERT INTO integration_attempts (state_hash, user_id, provider, scopes, redirect_uri,"
      " verifier, expires_at, team_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
      " ON CONFLICT DO NOTHING",
      row.state_hash, row.user_id, row.provider, row.scopes, row.redirect_uri, row.verifier,
      row.expires_at, row.team_id);
}

absl::StatusOr<std::optional<AttemptRow>> LockAttempt(postgres::Transaction& tx,
                                                      const identity::Owner& owner,
                                                      std::string_view state_hash, absl::Time now) {
  return tx.QueryOne<AttemptRow>(
      "SELECT state_hash, user_id, provider, scopes, redirect_uri, verifier, expires_at,"
      " taken_until, connection_id, team_id FROM integration_attempts"
      " WHERE state_hash = $1 AND user_id = $2 AND team_id = $3 AND expires_at > $4 FOR UPDATE",
      state_hash, owner.user_id, owner.team_id, now);
}

void TakeAttempt(postgres::Transaction& tx, std::string_view state_hash, absl::Time until) {
  tx.Queue("UPDATE integration_attempts SET taken_until = $2 WHERE state_hash = $1", state_hash,
           until);
}

absl::StatusOr<bool> HasAttempt(postgres::Transaction& tx, std::string_view state_hash) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT user_id FROM integration_attempts WHERE state_hash = $1",
                           state_hash));
  return row.has_value();
}

void FinishAttempt(postgres::Transaction& tx, std::string_view state_hash,
                   std::string_view connection_id) {
  tx.Queue("UPDATE integration_attempts SET connection_id = $2 WHERE state_hash = $1", state_hash,
           connection_id);
}

absl::StatusOr<int64_t> ForgetAttempts(postgres::Transaction& tx, absl::Time now) {
  return tx.Execute("DELETE FROM integration_attempts WHERE expires_at < $1", now);
}

v1::Connection ToProto(const ConnectionRow& row) {
  v1::Connection connection;
  connection.set_connection_id(row.connection_id);
  connection.set_user_id(row.user_id);
  connection.set_provider(row.provider);
  connection.set_account_name(row.account_name);
  for (const std::string& scope : row.scopes) connection.add_scopes(scope);
  connection.set_state(static_cast<v1::ConnectionState>(row.state));
  connection.set_failure(static_cast<v1::ConnectionFailure>(row.failure));
  const auto set = [](const std::optional<absl::Time>& time, auto mutable_field) {
    if (time.has_value()) *mutable_field() = timestamps::ToProto(*time);
  };
  set(row.failing_since, [&] { return connection.mutable_failing_since(); });
  set(row.expires_at, [&] { return connection.mutable_expires_at(); });
  set(row.refresh_at, [&] { return connection.mutable_refresh_at(); });
  set(row.refreshed_at, [&] { return connection.mutable_refreshed_at(); });
  *connection.mutable_created_at() = timestamps::ToProto(row.created_at);
  connection.set_generation(row.generation);
  connection.set_team_id(row.team_id);
  return connection;
}

void InsertConnection(postgres::Transaction& tx, const ConnectionRow& row) {
  tx.Queue(
      "INSERT INTO integration_connections (connection_id, user_id, provider, account_id,"
      " account_name, scopes, tokens, refreshes, generation, state, expires_at, refresh_at,"
      " created_at, team_id)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
      row.connection_id, row.user_id, row.provider, row.account_id, row.account_name, row.scopes,
      row.tokens, row.refreshes, row.generation, row.state, row.expires_at, row.refresh_at,
      row.created_at, row.team_id);
}

void UpdateConnection(postgres::Transaction& tx, const ConnectionRow& row) {
  tx.Queue(
      "UPDATE integration_connections SET account_name = $2, scopes = $3, tokens = $4,"
      " refreshes = $5, generation = $6, state = $7, failure = $8, failing_since = $9,"
      " failures = $10, expires_at = $11, refresh_at = $12, refreshed_at = $13, renewal = $14,"
      " renewing_until = $15, team_id = $16 WHERE connection_id = $1",
      row.connection_id, row.account_name, row.scopes, row.tokens, row.refreshes, row.generation,
      row.state, row.failure, row.failing_since, row.failures, row.expires_at, row.refresh_at,
      row.refreshed_at, row.renewal, row.renewing_until, row.team_id);
}

void SetAccountName(postgres::Transaction& tx, std::string_view connection_id,
                    std::string_view account_name) {
  tx.Queue("UPDATE integration_connections SET account_name = $2 WHERE connection_id = $1",
           connection_id, account_name);
}

void SetThrottled(postgres::Transaction& tx, std::string_view connection_id, absl::Time until) {
  tx.Queue(
      "UPDATE integration_connections SET throttled_until = GREATEST(throttled_until, $2)"
      " WHERE connection_id = $1",
      connection_id, until);
}

absl::StatusOr<std::optional<ConnectionRow>> ReadConnection(postgres::Transaction& tx,
                                                            const identity::Owner& owner,
                                                            std::string_view connection_id) {
  return tx.QueryOne<ConnectionRow>(
      absl::StrCat(kSelect, "WHERE " OWNED_BY_1_AND_2 " AND connection_id = $3"), owner.user_id,
      owner.team_id, connection_id);
}

absl::StatusOr<std::optional<ConnectionRow>> LockConnection(postgres::Transaction& tx,
                                                            const identity::Owner& owner,
                                                            std::string_view connection_id) {
  return tx.QueryOne<ConnectionRow>(
      absl::StrCat(kSelect, "WHERE " OWNED_BY_1_AND_2 " AND connection_id = $3 FOR UPDATE"),
      owner.user_id, owner.team_id, connection_id);
}

absl::StatusOr<std::optional<ConnectionRow>> LockAccount(postgres::Transaction& tx, int64_t user_id,
                                                         std::string_view provider,
                                                         std::string_view account_id) {
  return tx.QueryOne<ConnectionRow>(
      absl::StrCat(kSelect, "WHERE user_id = $1 AND provider = $2 AND account_id = $3 FOR UPDATE"),
      user_id, provider, account_id);
}

absl::StatusOr<std::vector<ConnectionRow>> ListConnections(postgres::Transaction& tx,
                                                           const identity::Owner& owner,
                                                           std::string_view provider,
                                                           int64_t after_place, int64_t limit) {
  // A list reads one index, so a team's is a statement of its own.
  const bool of_team = owner.team_id != 0;
  return tx.Query<ConnectionRow>(
      absl::StrCat(kSelect, of_team ? "WHERE team_id = $1" : "WHERE user_id = $1 AND team_id = 0",
                   " AND ($2 = '' OR provider = $2) AND place > $3 ORDER BY place LIMIT $4"),
      of_team ? owner.team_id : owner.user_id, provider, after_place, limit);
}

void DeleteConnection(postgres::Transaction& tx, std::string_view connection_id) {
  tx.Queue("DELETE FROM integration_connections WHERE connection_id = $1", connection_id);
}

absl::StatusOr<std::vector<DueRow>> ListDue(postgres::Transaction& tx, absl::Time now,
                                            int64_t limit) {
  return tx.Query<DueRow>(
      "SELECT user_id, connection_id, team_id FROM integration_connections"
      " WHERE refresh_at <= $1 AND (renewing_until IS NULL OR renewing_until <= $1)"
      " ORDER BY refresh_at LIMIT $2",
      now, limit);
}

void InsertRevocation(postgres::Transaction& tx, std::string_view provider,
                      const postgres::Bytes& tokens, absl::Time now) {
  tx.Queue(
      "INSERT INTO integration_revocations (provider, tokens, due_at, created_at)"
      " VALUES ($1, $2, $3, $3)",
      provider, tokens, now);
}

absl::StatusOr<std::vector<RevocationRow>> TakeRevocations(postgres::Transaction& tx,
                                                           absl::Time now, absl::Time until,
                                                           int64_t limit) {
  return tx.Query<RevocationRow>(
      "UPDATE integration_revocations SET due_at = $2 WHERE revocation_id IN"
      " (SELECT revocation_id FROM integration_revocations WHERE due_at <= $1"
      "  ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)"
      " RETURNING revocation_id, provider, tokens, created_at",
      now, until, limit);
}

void DeleteRevocation(postgres::Transaction& tx, int64_t revocation_id) {
  tx.Queue("DELETE FROM integration_revocations WHERE revocation_id = $1", revocation_id);
}

absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id) {
  // Whoever has redeemed a code meanwhile either is seen here with the connection, or finds the
  // attempt gone.
  LockUser(tx, user_id);
  tx.Queue(
      "WITH gone AS (DELETE FROM integration_attempts WHERE user_id = $1)"
      " INSERT INTO integration_revocations (provider, tokens, due_at, created_at)"
      " SELECT provider, tokens, now(), now() FROM integration_connections WHERE user_id = $1",
      user_id);
  return tx.Execute("DELETE FROM integration_connections WHERE user_id = $1", user_id);
}

}  // namespace selfology::integration::store
