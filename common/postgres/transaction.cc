#include "common/postgres/transaction.h"

#include <utility>

#include "absl/status/status.h"
#include "common/postgres/error.h"
#include "common/postgres/transaction_impl.h"
#include "common/status/status_macros.h"

namespace selfology::postgres {

Transaction::Impl::Impl(std::shared_ptr<const void> owner, absl::StatusOr<Pool::Lease> lease,
                        const Call& call, BeginStatement begin)
    : owner_(std::move(owner)), call_(call), begin_(begin) {
  if (lease.ok()) {
    lease_.emplace(*std::move(lease));
  } else {
    status_ = std::move(lease).status();
  }
}

Transaction::Impl::~Impl() { Rollback(); }

void Transaction::Impl::Add(std::string_view sql, const internal::Parameters& parameters,
                            Connection::Kept kept) {
  if (!status_.ok() || !lease_.has_value()) return;
  if (!begun_) {
    (*lease_)->Add(begin_.sql, {});
    if (const std::optional<std::string>& role = lease_->due_role(); role.has_value()) {
      (*lease_)->Add(
          "SELECT set_config('role', $1, false)",
          internal::EncodeAll(role->empty() ? std::string_view("none") : std::string_view(*role)));
    }
    begun_ = true;
  }
  (*lease_)->Add(sql, parameters, std::move(kept));
  unanswered_ = true;
}

absl::StatusOr<Result> Transaction::Impl::RoundTrip() {
  RETURN_IF_ERROR(status_);
  if (!lease_.has_value()) return absl::FailedPreconditionError("the transaction is over");
  unanswered_ = false;
  absl::StatusOr<Result> result = (*lease_)->RoundTrip(call_);
  if (!result.ok()) return Fail(result.status());
  return result;
}

absl::Status Transaction::Impl::Fail(absl::Status status) {
  if (!status_.ok()) return status_;
  if (SqlState(status) == "25006" && !begin_.read_only) {
    // The server became a replica while we were connected: another one takes writes now.
    lease_->Discard();
    status = absl::UnavailableError("the database takes no writes at present");
  }
  status_ = std::move(status);
  return status_;
}

absl::Status Transaction::Impl::Commit() {
  if (status_.ok() && begun_ && lease_.has_value()) {
    const bool wait = begin_.outcome_matters || unanswered_;
    Add("COMMIT", {});
    if (wait) {
      if (absl::IsUnavailable(RoundTrip().status())) {
        status_ = absl::UnavailableError(
            "lost the connection to the database while committing: the outcome is unknown");
      }
    } else {
      (*lease_)->SendAndForget();
    }
  }
  if (!status_.ok()) {
    Rollback();
    return status_;
  }
  if (!lease_.has_value()) return absl::FailedPreconditionError("the transaction is over");
  if (begun_) lease_->KeepRole();
  lease_.reset();
  for (const std::function<void()>& action : after_commit_) action();
  after_commit_.clear();
  return absl::OkStatus();
}

void Transaction::Impl::Rollback() {
  if (!lease_.has_value()) return;
  Connection& connection = **lease_;
  // A connection that is not usable is closed, or cleared up by the pool.
  if (connection.usable() && (unanswered_ || (begun_ && connection.in_transaction()))) {
    // In a batch of its own: when a statement fails, the server skips what follows in its batch.
    if (unanswered_) connection.SendAndForget();
    connection.Add("ROLLBACK", {});
    connection.SendAndForget();
  }
  lease_.reset();
  after_commit_.clear();
}

Transaction::Transaction(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Transaction::Transaction(Transaction&&) noexcept = default;
Transaction::~Transaction() = default;

void Transaction::AfterCommit(std::function<void()> action) {
  impl_->AfterCommit(std::move(action));
}

const Call& Transaction::call() const { return impl_->call(); }
absl::Status Transaction::Commit() { return impl_->Commit(); }
void Transaction::Rollback() { impl_->Rollback(); }
void Transaction::Continue(const Call& call) { impl_->Continue(call); }
const absl::Status& Transaction::status() const { return impl_->status(); }
bool Transaction::connection_lost() const { return absl::IsUnavailable(impl_->status()); }

absl::StatusOr<Result> Transaction::Run(std::string_view sql,
                                        const internal::Parameters& parameters) {
  impl_->Add(sql, parameters);
  return impl_->RoundTrip();
}

void Transaction::Defer(std::string_view sql, const internal::Parameters& parameters,
                        Arrived arrived) {
  impl_->Add(sql, parameters, std::move(arrived));
}

absl::Status Transaction::Await(const Arrived& arrived) {
  if (arrived->has_value()) return absl::OkStatus();
  RETURN_IF_ERROR(impl_->RoundTrip().status());
  if (arrived->has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError("it was asked in a transaction that is over");
}

absl::Status Transaction::Fail(absl::Status status) { return impl_->Fail(std::move(status)); }

}  // namespace selfology::postgres
