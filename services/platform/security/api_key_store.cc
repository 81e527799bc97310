#include "services/platform/security/api_key_store.h"

#include <utility>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::security::store {
namespace {

using postgres::Transaction;

struct Row {
  std::string id;
  int64_t user_id = 0;
  postgres::Bytes secret_hash;
  std::string display_name;
  std::vector<std::string> scopes;
  absl::Time created_at;
  std::optional<absl::Time> expires_at;
  std::optional<absl::Time> last_used_at;
  std::optional<absl::Time> revoked_at;
};

ApiKey ToKey(Row row) {
  return {.id = std::move(row.id),
          .user_id = row.user_id,
          .secret_hash = std::move(row.secret_hash.value),
          .display_name = std::move(row.display_name),
          .scopes = std::move(row.scopes),
          .created_at = row.created_at,
          .expires_at = row.expires_at,
          .last_used_at = row.last_used_at,
          .revoked_at = row.revoked_at};
}

}  // namespace

v1::ApiKey ToProto(const ApiKey& key) {
  v1::ApiKey proto;
  proto.set_key_id(key.id);
  proto.set_user_id(key.user_id);
  proto.set_display_name(key.display_name);
  for (const std::string& scope : key.scopes) proto.add_scopes(scope);
  *proto.mutable_created_at() = timestamps::ToProto(key.created_at);
  if (key.expires_at) *proto.mutable_expires_at() = timestamps::ToProto(*key.expires_at);
  if (key.last_used_at) *proto.mutable_last_used_at() = timestamps::ToProto(*key.last_used_at);
  return proto;
}

absl::StatusOr<bool> InsertApiKey(Transaction& tx, const ApiKey& key) {
  ASSIGN_OR_RETURN(
      const int64_t inserted,
      tx.Execute("INSERT INTO security_api_keys (id, user_id, secret_hash, display_name, scopes,"
                 " created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                 " ON CONFLICT DO NOTHING",
                 key.id, key.user_id, postgres::BytesView{key.secret_hash}, key.display_name,
                 key.scopes, key.created_at, key.expires_at));
  return inserted == 1;
}

absl::StatusOr<std::optional<ApiKey>> ReadApiKey(Transaction& tx, const std::string& id) {
  ASSIGN_OR_RETURN(std::optional<Row> row,
                   tx.QueryOne<Row>("SELECT id, user_id, secret_hash, display_name, scopes,"
                                    " created_at, expires_at, last_used_at, revoked_at"
                                    " FROM security_api_keys WHERE id = $1",
                                    id));
  if (!row.has_value()) return std::nullopt;
  return ToKey(*std::move(row));
}

void NoteUse(Transaction& tx, const std::string& id, absl::Time now) {
  tx.Queue("UPDATE security_api_keys SET last_used_at = $2 WHERE id = $1", id, now);
}

absl::StatusOr<std::vector<v1::ApiKey>> ListApiKeys(Transaction& tx, int64_t user_id,
                                                    const std::string& before, absl::Time now,
                                                    int64_t limit) {
  ASSIGN_OR_RETURN(std::vector<Row> rows,
                   tx.Query<Row>("SELECT id, user_id, secret_hash, display_name, scopes,"
                                 " created_at, expires_at, last_used_at, revoked_at"
                                 " FROM security_api_keys WHERE user_id = $1 AND revoked_at IS NULL"
                                 " AND (expires_at IS NULL OR expires_at > $3)"
                                 " AND ($2 = '' OR (created_at, id) < (SELECT created_at, id"
                                 "      FROM security_api_keys WHERE id = $2 AND user_id = $1))"
                                 " ORDER BY created_at DESC, id DESC LIMIT $4",
                                 user_id, before, now, limit));
  std::vector<v1::ApiKey> keys;
  for (Row& row : rows) keys.push_back(ToProto(ToKey(std::move(row))));
  return keys;
}

absl::StatusOr<bool> RevokeApiKey(Transaction& tx, const std::string& id, absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t revoked, tx.Execute("UPDATE security_api_keys SET revoked_at = $2"
                                                     " WHERE id = $1 AND revoked_at IS NULL",
                                                     id, now));
  return revoked == 1;
}

}  // namespace selfology::security::store
