// One service's part in erasing a person (mesh/v1/erasure_service.proto has the phases).
//
//   ModuleErasure erasure("session", database);
//   erasure.OnErase(&store::DeleteUser);              // by the module, when it starts
//   RETURN_IF_ERROR(erasure.Begin(call, user_id, attempt));
//   ASSIGN_OR_RETURN(int64_t rows, erasure.Erase(call, user_id, attempt));
//   RETURN_IF_ERROR(erasure.Finish(call, user_id, attempt, erased_at));
//
// Errors: the database's, those of what the module registered, and ABORTED when a later attempt has
// begun; a phase that failed may be repeated. Threads: OnErase and OnErased before the rest, which
// is thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"

namespace selfology::service {

class ModuleErasure {
 public:
  // Deletes a person's rows; gives how many.
  using EraseFunction = std::function<absl::StatusOr<int64_t>(postgres::Transaction&, int64_t)>;
  // Deletes what is kept outside of PostgreSQL.
  using ErasedFunction = std::function<absl::Status(const Call&, int64_t)>;

  // database: under the service's role; outlives this.
  ModuleErasure(std::string service, postgres::Database& database)
      : service_(std::move(service)), database_(database) {}

  void OnErase(EraseFunction erase) { erase_.push_back(std::move(erase)); }
  void OnErased(ErasedFunction erased) { erased_.push_back(std::move(erased)); }

  // FAILED_PRECONDITION when the service has a table with people in it and registered nothing that
  // erases them. `owner`: sees all tables' definitions.
  // `requests_table`: the one that the kernel erases itself; may be empty.
  absl::Status CheckRegistered(const Call& call, postgres::Database& owner,
                               std::string_view requests_table) const;

  absl::Status Begin(const Call& call, int64_t user_id, int64_t attempt);
  absl::StatusOr<int64_t> Erase(const Call& call, int64_t user_id, int64_t attempt);
  absl::Status Finish(const Call& call, int64_t user_id, int64_t attempt, absl::Time erased_at);

  // All of it at once, for this service only: what other services make of earlier events may bring
  // data back.
  absl::StatusOr<int64_t> EraseHereOnly(const Call& call, int64_t user_id);

  const std::string& service() const { return service_; }

 private:
  absl::StatusOr<int64_t> EraseRows(postgres::Transaction& tx, int64_t user_id) const;
  absl::Status EraseElsewhere(const Call& call, int64_t user_id) const;

  const std::string service_;
  postgres::Database& database_;
  std::vector<EraseFunction> erase_;
  std::vector<ErasedFunction> erased_;
};

}  // namespace selfology::service
