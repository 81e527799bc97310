// A service's database: a pool of connections that act under the service's role, and transactions.
//
//   ASSIGN_OR_RETURN(auto database, Database::Open({.url = url, .role = "selfology_session"}));
//   return database->Write(call, [&](Transaction& tx) -> absl::StatusOr<SubmitAnswerResponse> {
//     ASSIGN_OR_RETURN(Session session, store::LockOpenSession(tx, request.user_id()));
//     ...
//     return response;      // OK commits; an error rolls back and is returned
//   });
//
// The function returns absl::Status or absl::StatusOr<T>. It may run several times (serialization
// failures and deadlocks are tried again), so it must change nothing outside of the transaction;
// tx.AfterCommit is for that. Do not open a transaction inside of another: both hold a connection,
// and the pool may run dry.
//
// Errors: those of error.h. UNAVAILABLE: no connection can be made, none became free within
// acquire_timeout, or the connection broke; the next transaction gets a fresh one. If it broke
// during COMMIT nobody knows whether the transaction happened: writes carry idempotency keys for
// that reason. Waiting never lasts longer than the call's deadline.
//
// Threads: a Database may be used from any thread. Needs connections of its own to the server: no
// transaction-pooling proxy in between.
//
// Requirement: R001-27 (pool of 5 to 20).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/postgres/options.h"
#include "common/postgres/transaction.h"

namespace selfology::postgres {

class Database {
 public:
  // Does not connect yet, so a service can start before its database: see Healthy. INVALID_ARGUMENT
  // for options that can never work.
  static absl::StatusOr<std::unique_ptr<Database>> Open(Options options);
  ~Database();

  // The same pool under another role: for several services in one process.
  std::unique_ptr<Database> WithRole(std::string role) const;

  template <typename F>
  std::invoke_result_t<F&, Transaction&> Write(const Call& call, F&& work,
                                               const WriteOptions& options = {}) {
    std::invoke_result_t<F&, Transaction&> result = absl::UnknownError("not run");
    absl::Status status = RunWrite(call, options, [&](Transaction& tx) {
      result = work(tx);
      return StatusOf(result);
    });
    if (!status.ok()) return status;
    return result;
  }

  // Read only. From the replica when one is configured and answers, else from the primary.
  template <typename F>
  std::invoke_result_t<F&, Transaction&> Read(const Call& call, F&& work,
                                              const ReadOptions& options = {}) {
    std::invoke_result_t<F&, Transaction&> result = absl::UnknownError("not run");
    absl::Status status = RunRead(call, options, [&](Transaction& tx) {
      result = work(tx);
      return StatusOf(result);
    });
    if (!status.ok()) return status;
    return result;
  }

  // A transaction whose end the caller decides, for kernel code that must look between the
  // statements and the commit. Never retried. If no connection could be had, it is failed from the
  // start (Transaction::status).
  Transaction Begin(const Call& call, const WriteOptions& options = {});

  // OK if the primary answers within the call's deadline.
  absl::Status Healthy(const Call& call);

  PoolStats stats() const;          // Of the primary's pool.
  PoolStats replica_stats() const;  // Zero without a replica.
  const std::string& role() const;

 private:
  struct Shared;
  Database(std::shared_ptr<Shared> shared, std::string role);

  static absl::Status StatusOf(const absl::Status& status) { return status; }
  template <typename T>
  static absl::Status StatusOf(const absl::StatusOr<T>& result) {
    return result.status();
  }
  using Work = absl::FunctionRef<absl::Status(Transaction&)>;
  absl::Status RunWrite(const Call& call, const WriteOptions& options, Work work);
  absl::Status RunRead(const Call& call, const ReadOptions& options, Work work);
  static absl::Status Retried(const Call& call, int retries,
                              absl::FunctionRef<absl::Status(absl::Status& failure)> attempt);
  absl::Status Timed(const Call& call, std::string_view operation,
                     absl::FunctionRef<absl::Status()> transaction);

  const std::shared_ptr<Shared> shared_;
  const std::string role_;
};

}  // namespace selfology::postgres
