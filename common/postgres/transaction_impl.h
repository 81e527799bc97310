// What a Transaction is made of; for transaction.cc and database.cc only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/postgres/codec.h"
#include "common/postgres/pool.h"
#include "common/postgres/result.h"
#include "common/postgres/transaction.h"

namespace selfology::postgres {

// How a transaction begins, and whether it matters how it ends.
struct BeginStatement {
  std::string_view sql;
  bool read_only = false;
  // Whether what was read or written counts only once COMMIT has succeeded.
  bool outcome_matters = true;
};

class Transaction::Impl {
 public:
  // owner: what must live as long as the lease.
  Impl(std::shared_ptr<const void> owner, absl::StatusOr<Pool::Lease> lease, const Call& call,
       BeginStatement begin);
  ~Impl();

  void Add(std::string_view sql, const internal::Parameters& parameters,
           Connection::Kept kept = nullptr);
  absl::StatusOr<Result> RoundTrip();
  absl::Status Fail(absl::Status status);
  absl::Status Commit();
  void Rollback();
  void AfterCommit(std::function<void()> action) { after_commit_.push_back(std::move(action)); }

  void Continue(const Call& call) { call_ = call; }

  const Call& call() const { return call_; }
  const absl::Status& status() const { return status_; }

 private:
  const std::shared_ptr<const void> owner_;
  std::optional<Pool::Lease> lease_;  // None: over, or never begun.
  Call call_;
  const BeginStatement begin_;
  absl::Status status_;
  bool begun_ = false;       // BEGIN is in the batch or was sent.
  bool unanswered_ = false;  // Statements are in the batch.
  std::vector<std::function<void()>> after_commit_;
};

}  // namespace selfology::postgres
