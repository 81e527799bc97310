#include "common/service/module_erasure.h"

#include <optional>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/events/erasure.h"
#include "common/status/status_macros.h"

namespace selfology::service {

using postgres::Transaction;

absl::Status ModuleErasure::CheckRegistered(const Call& call, postgres::Database& owner,
                                            std::string_view requests_table) const {
  if (!erase_.empty()) return absl::OkStatus();
  using Found = std::optional<std::tuple<std::string>>;
  ASSIGN_OR_RETURN(const Found found, owner.Read(call, [&](Transaction& tx) {
    return tx.QueryOne<std::string>(
        "SELECT concat(c.relname, '.', a.attname) FROM pg_catalog.pg_class c"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped"
        " WHERE c.relkind IN ('r', 'p') AND a.attname IN ('user_id', 'chat_id', 'person_id')"
        " AND pg_catalog.pg_get_userbyid(c.relowner) = $1 AND c.relname <> $2 ORDER BY 1 LIMIT 1",
        absl::StrCat("selfology_", service_), requests_table);
  }));
  if (!found.has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(service_, " keeps data about people (", std::get<0>(*found),
                   ") and registers nothing that erases them: call mesh.OnErase"));
}

absl::StatusOr<int64_t> ModuleErasure::EraseRows(Transaction& tx, int64_t user_id) const {
  int64_t all = 0;
  for (const EraseFunction& erase : erase_) {
    ASSIGN_OR_RETURN(const int64_t rows, erase(tx, user_id));
    all += rows;
  }
  return all;
}

absl::Status ModuleErasure::EraseElsewhere(const Call& call, int64_t user_id) const {
  for (const ErasedFunction& erased : erased_) RETURN_IF_ERROR(erased(call, user_id));
  return absl::OkStatus();
}

absl::Status ModuleErasure::Begin(const Call& call, int64_t user_id, int64_t attempt) {
  return database_.Write(
      call, [&](Transaction& tx) { return events::BeginErasure(tx, user_id, attempt).status(); });
}

absl::StatusOr<int64_t> ModuleErasure::Erase(const Call& call, int64_t user_id, int64_t attempt) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<int64_t> {
                     RETURN_IF_ERROR(events::BeginErasure(tx, user_id, attempt));
                     return EraseRows(tx, user_id);
                   }));
  RETURN_IF_ERROR(EraseElsewhere(call, user_id));
  return rows;
}

absl::Status ModuleErasure::Finish(const Call& call, int64_t user_id, int64_t attempt,
                                   absl::Time erased_at) {
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    // First, for it keeps handlers out until the transaction ends.
    RETURN_IF_ERROR(events::FinishErasure(tx, user_id, attempt, erased_at));
    // What an RPC that was under way wrote meanwhile.
    return EraseRows(tx, user_id).status();
  }));
  return EraseElsewhere(call, user_id);
}

absl::StatusOr<int64_t> ModuleErasure::EraseHereOnly(const Call& call, int64_t user_id) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<int64_t> {
                     ASSIGN_OR_RETURN(const bool under_way, events::BeginErasure(tx, user_id));
                     ASSIGN_OR_RETURN(const int64_t erased, EraseRows(tx, user_id));
                     // One of the whole mesh has its own end.
                     if (!under_way) RETURN_IF_ERROR(events::FinishErasure(tx, user_id));
                     return erased;
                   }));
  RETURN_IF_ERROR(EraseElsewhere(call, user_id));
  return rows;
}

}  // namespace selfology::service
