#include "services/platform/security/oauth_store.h"

#include <vector>

#include "common/status/status_macros.h"

namespace selfology::security::store {
namespace {

using postgres::Bytes;
using postgres::BytesView;
using postgres::Transaction;

struct ClientRow {
  std::string id;
  std::optional<Bytes> secret_hash;
  std::string name;
  std::vector<std::string> redirect_uris;
  std::vector<std::string> grant_types;
  std::string scope;
  std::string id_token_alg;
};

}  // namespace

absl::StatusOr<bool> InsertClient(Transaction& tx, const OAuthClient& client, absl::Time now) {
  std::optional<Bytes> hash;
  if (client.secret_hash.has_value()) hash = Bytes{*client.secret_hash};
  ASSIGN_OR_RETURN(
      const int64_t inserted,
      tx.Execute("INSERT INTO security_oauth_clients (client_id, secret_hash, client_name,"
                 " redirect_uris, grant_types, scope, created_at, id_token_alg)"
                 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
                 client.id, hash, client.name, client.redirect_uris, client.grant_types,
                 client.scope, now, client.id_token_alg));
  return inserted == 1;
}

absl::StatusOr<std::optional<OAuthClient>> ReadClient(Transaction& tx,
                                                      const std::string& client_id) {
  ASSIGN_OR_RETURN(const std::optional<ClientRow> row,
                   tx.QueryOne<ClientRow>(
                       "SELECT client_id, secret_hash, client_name, redirect_uris, grant_types,"
                       " scope, id_token_alg FROM security_oauth_clients WHERE client_id = $1",
                       client_id));
  if (!row.has_value()) return std::nullopt;
  OAuthClient client = {.id = row->id,
                        .name = row->name,
                        .redirect_uris = row->redirect_uris,
                        .grant_types = row->grant_types,
                        .scope = row->scope,
                        .id_token_alg = row->id_token_alg};
  if (row->secret_hash.has_value()) client.secret_hash = row->secret_hash->value;
  return client;
}

void InsertCode(Transaction& tx, std::string_view hash, const Code& code) {
  tx.Queue(
      "INSERT INTO security_oauth_codes (hash, client_id, user_id, redirect_uri, scope,"
      " code_challenge, nonce, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      BytesView{hash}, code.client_id, code.user_id, code.redirect_uri, code.scope,
      code.code_challenge, code.nonce, code.expires_at);
}

absl::StatusOr<std::optional<Code>> LockCode(Transaction& tx, std::string_view hash) {
  return tx.QueryOne<Code>(
      "SELECT client_id, user_id, redirect_uri, scope, code_challenge, nonce, expires_at,"
      " session_id FROM security_oauth_codes WHERE hash = $1 FOR UPDATE",
      BytesView{hash});
}

void MarkCodeUsed(Transaction& tx, std::string_view hash, const std::string& session_id) {
  tx.Queue("UPDATE security_oauth_codes SET session_id = $2 WHERE hash = $1", BytesView{hash},
           session_id);
}

absl::StatusOr<bool> InsertDevice(Transaction& tx, std::string_view hash, const Device& device) {
  ASSIGN_OR_RETURN(
      const int64_t inserted,
      tx.Execute("INSERT INTO security_oauth_devices (hash, user_code, client_id, scope,"
                 " expires_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                 BytesView{hash}, device.user_code, device.client_id, device.scope,
                 device.expires_at));
  return inserted == 1;
}

absl::StatusOr<std::optional<Device>> LockDevice(Transaction& tx, std::string_view hash) {
  return tx.QueryOne<Device>(
      "SELECT user_code, client_id, scope, expires_at, polled_at, user_id, decision"
      " FROM security_oauth_devices WHERE hash = $1 FOR UPDATE",
      BytesView{hash});
}

void NotePoll(Transaction& tx, std::string_view hash, absl::Time now) {
  tx.Queue("UPDATE security_oauth_devices SET polled_at = $2 WHERE hash = $1", BytesView{hash},
           now);
}

void MarkDeviceUsed(Transaction& tx, std::string_view hash) {
  tx.Queue("UPDATE security_oauth_devices SET decision = 'used' WHERE hash = $1", BytesView{hash});
}

absl::StatusOr<bool> DecideDevice(Transaction& tx, const std::string& user_code, int64_t user_id,
                                  const std::string& decision, absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t decided,
                   tx.Execute("UPDATE security_oauth_devices SET user_id = $2, decision = $3"
                              " WHERE user_code = $1 AND decision = '' AND expires_at > $4",
                              user_code, user_id, decision, now));
  return decided == 1;
}

}  // namespace selfology::security::store
