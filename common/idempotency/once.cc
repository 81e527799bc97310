#include "common/idempotency/once.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/migrations.h"

namespace selfology::idempotency {

void CheckKey(std::string_view key, status::FieldViolations& bad) {
  const bool printable = std::all_of(key.begin(), key.end(), [](char c) {
    return absl::ascii_isprint(static_cast<unsigned char>(c));
  });
  if (key.empty() || key.size() > 128 || !printable) {
    bad.Add("idempotency_key", "must be 1 to 128 printable ASCII characters");
  }
}

absl::StatusOr<std::optional<std::string>> Recall(postgres::Transaction& tx,
                                                  const Request& request) {
  postgres::AdvisoryLock(request.table)(tx, request.user_id);
  ASSIGN_OR_RETURN(auto row, tx.QueryOne<postgres::Bytes>(
                                 absl::StrCat("SELECT response FROM ", request.table,
                                              " WHERE user_id = $1 AND rpc = $2 AND key = $3"),
                                 request.user_id, request.rpc, request.key));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*std::move(row)).value;
}

void Remember(postgres::Transaction& tx, const Request& request, const std::string& response) {
  tx.Queue(absl::StrCat("INSERT INTO ", request.table,
                        " (user_id, rpc, key, response, created_at) VALUES ($1, $2, $3, $4, $5)"),
           request.user_id, request.rpc, request.key, postgres::BytesView{response}, request.now);
}

absl::Status MakeTable(const Call& call, std::string_view url, std::string_view service,
                       std::string_view table, std::string_view role) {
  // Services that are older than this function have made theirs themselves.
  const std::string sql = absl::Substitute(
      "CREATE TABLE IF NOT EXISTS $0 ("
      " user_id bigint NOT NULL,"
      " rpc text NOT NULL,"
      " key text NOT NULL,"
      " response bytea NOT NULL,"
      " created_at timestamptz NOT NULL,"
      " PRIMARY KEY (user_id, rpc, key));"
      "CREATE INDEX IF NOT EXISTS $0_age ON $0 (created_at);",
      std::string(table));
  const postgres::Migration migrations[] = {{1, "0001_requests", sql}};
  return postgres::Migrate(call, url, absl::StrCat(service, ".requests"), migrations, role);
}

absl::StatusOr<int64_t> ForgetOld(postgres::Transaction& tx, std::string_view table,
                                  absl::Time now) {
  return tx.Execute(absl::StrCat("DELETE FROM ", table, " WHERE created_at < $1"), now - kMemory);
}

absl::StatusOr<int64_t> ForgetUser(postgres::Transaction& tx, std::string_view table,
                                   int64_t user_id) {
  return tx.Execute(absl::StrCat("DELETE FROM ", table, " WHERE user_id = $1"), user_id);
}

}  // namespace selfology::idempotency
