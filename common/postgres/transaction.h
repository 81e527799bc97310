// One transaction, as the code that fills it sees it. Made by Database (database.h); all SQL of a
// service goes through here, and all of it lies in the service's store.
//
//   absl::StatusOr<Session> LockOpenSession(Transaction& tx, int64_t user_id) {
//     ASSIGN_OR_RETURN(auto row, tx.QueryOne<int64_t, std::optional<absl::Time>>(
//         "SELECT id, timeout_at FROM onboarding_sessions"
//         " WHERE user_id = $1 AND status = 'active' FOR UPDATE", user_id));
//     if (!row) return NoOpenSession();
//     auto& [id, timeout_at] = *row;
//     ...
//   }
//   tx.Queue("UPDATE onboarding_sessions SET seen_at = $2 WHERE id = $1", id, now);
//
// A row is a tuple of its columns, or a struct whose members are the columns in their order: an
// aggregate without base classes or arrays, its members of column types.
//
//   struct Step {
//     int64_t id;
//     std::string title;
//     std::optional<absl::Time> done_at;
//   };
//   ASSIGN_OR_RETURN(std::vector<Step> steps, tx.Query<Step>(
//       "SELECT id, title, done_at FROM steps WHERE user_id = $1", user_id));
//
// types.h says which C++ types may be parameters and columns.
//
// Round trips: BEGIN and what was queued or asked travel with the next statement whose result is
// wanted, or with COMMIT; so one statement costs two round trips, queued statements alone cost one.
// Reads that do not need each other's rows are best asked together:
//
//   auto person = tx.Ask<std::string>("SELECT language FROM people WHERE id = $1", user_id);
//   auto steps = tx.Ask<int64_t>("SELECT id FROM steps WHERE user_id = $1", user_id);
//   ASSIGN_OR_RETURN(const auto language, person.One());  // Both have come.
//   ASSIGN_OR_RETURN(const auto ids, steps.All());
//
// Statements are prepared on first use, in the same round trip.
//
// Errors: see error.h. After the first failed statement the transaction is failed: it can only roll
// back, and each later statement gives the first error again. Past the call's deadline, or once the
// call is cancelled, a statement gives DEADLINE_EXCEEDED or CANCELLED, and is cancelled on the
// server.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/postgres/codec.h"
#include "common/postgres/result.h"
#include "common/postgres/types.h"

namespace selfology::postgres {

// A row of these columns: std::tuple<Columns...>, or the only one if it is a struct.
template <typename... Columns>
using RowOf = typename internal::RowOf<Columns...>::Type;

class Transaction {
 public:
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();  // Rolls back unless committed.

  // Every row. SQL is text that the program wrote: values go in as $1, $2, ...
  template <typename... Columns, typename... Parameters>
  absl::StatusOr<std::vector<RowOf<Columns...>>> Query(std::string_view sql,
                                                       const Parameters&... parameters) {
    absl::StatusOr<Result> result = Run(sql, internal::EncodeAll(parameters...));
    if (!result.ok()) return std::move(result).status();
    return Judge(internal::ReadRows<Columns...>(*result));
  }

  // The only row, or nullopt. Several rows are an INTERNAL error.
  template <typename... Columns, typename... Parameters>
  absl::StatusOr<std::optional<RowOf<Columns...>>> QueryOne(std::string_view sql,
                                                            const Parameters&... parameters) {
    absl::StatusOr<Result> result = Run(sql, internal::EncodeAll(parameters...));
    if (!result.ok()) return std::move(result).status();
    return Judge(internal::ReadOneRow<Columns...>(*result));
  }

  // How many rows the statement touched.
  template <typename... Parameters>
  absl::StatusOr<int64_t> Execute(std::string_view sql, const Parameters&... parameters) {
    absl::StatusOr<Result> result = Run(sql, internal::EncodeAll(parameters...));
    if (!result.ok()) return std::move(result).status();
    return result->affected();
  }

  template <typename... Columns>
  class Asked;

  // Rows that are wanted later: it is sent with the next round trip.
  template <typename... Columns, typename... Parameters>
  Asked<Columns...> Ask(std::string_view sql, const Parameters&... parameters) {
    auto arrived = std::make_shared<std::optional<Result>>();
    Defer(sql, internal::EncodeAll(parameters...), arrived);
    return Asked<Columns...>(*this, std::move(arrived));
  }

  // A statement whose result nobody needs: it is sent with the next round trip. Its error fails the
  // transaction and is what that round trip's statement, or the commit, returns.
  template <typename... Parameters>
  void Queue(std::string_view sql, const Parameters&... parameters) {
    Defer(sql, internal::EncodeAll(parameters...));
  }

  // Runs after a successful commit, on the committing thread, in the order of the calls; not at all
  // otherwise.
  void AfterCommit(std::function<void()> action);

  const Call& call() const;

  // For transactions of Database::Begin only; Write and Read do it themselves. Commits, or says why
  // it could not: the first failed statement's error, or UNAVAILABLE when the connection was lost,
  // in which case a commit that was under way may have happened.
  absl::Status Commit();
  void Rollback();
  // What follows is done for that call: its trace, its deadline.
  void Continue(const Call& call);

  // OK while the transaction can still commit; else the first failure.
  const absl::Status& status() const;

  // Whether it failed because the database could not be reached, was too busy or went away.
  bool connection_lost() const;

 private:
  friend class Database;
  class Impl;
  explicit Transaction(std::unique_ptr<Impl> impl);

  using Arrived = std::shared_ptr<std::optional<Result>>;

  absl::StatusOr<Result> Run(std::string_view sql, const internal::Parameters& parameters);
  void Defer(std::string_view sql, const internal::Parameters& parameters,
             Arrived arrived = nullptr);
  absl::Status Await(const Arrived& arrived);
  absl::Status Fail(absl::Status status);

  // Rows that cannot be read fail the transaction, too.
  template <typename T>
  absl::StatusOr<T> Judge(absl::StatusOr<T> rows) {
    if (!rows.ok()) return Fail(rows.status());
    return rows;
  }

  std::unique_ptr<Impl> impl_;
};

// What was asked; of use until the transaction ends or is moved. All and One are like Query and
// QueryOne; whichever comes first makes the round trip.
template <typename... Columns>
class Transaction::Asked {
 public:
  absl::StatusOr<std::vector<RowOf<Columns...>>> All() {
    if (absl::Status status = tx_->Await(arrived_); !status.ok()) return status;
    return tx_->Judge(internal::ReadRows<Columns...>(**arrived_));
  }
  absl::StatusOr<std::optional<RowOf<Columns...>>> One() {
    if (absl::Status status = tx_->Await(arrived_); !status.ok()) return status;
    return tx_->Judge(internal::ReadOneRow<Columns...>(**arrived_));
  }

 private:
  friend class Transaction;
  Asked(Transaction& tx, Arrived arrived) : tx_(&tx), arrived_(std::move(arrived)) {}

  Transaction* tx_;
  Arrived arrived_;
};

}  // namespace selfology::postgres
