// One connection to PostgreSQL, and batches of statements on it. Kernel code only: services use
// Database.
//
//   ASSIGN_OR_RETURN(auto connection, Connection::Open(call, {.url = url}));
//   connection->Add("BEGIN", {});
//   connection->Add("INSERT INTO t VALUES ($1)", internal::EncodeAll(id));
//   ASSIGN_OR_RETURN(Result last, connection->RoundTrip(call));
//
// A batch goes out at once (libpq's pipeline mode) and stops at its first error, which RoundTrip
// returns. Statements are prepared once per connection and text; the least recently used of more
// than max_statements go.
//
// Errors: those of error.h. After a lost connection or a wait that was given up usable() is false,
// until Recover. Waits watch the socket in both directions, so no amount of queued data can hang
// both ends.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/codec.h"
#include "common/postgres/result.h"

struct pg_conn;  // libpq's PGconn.

namespace selfology::postgres {

struct ConnectionOptions {
  std::string url = "";
  std::string application_name = "selfology";
  absl::Duration connect_timeout = absl::Seconds(5);
  // More libpq keywords, such as {"replication", "database"}.
  std::vector<std::pair<std::string, std::string>> keywords = {};
  size_t max_statements = 256;
};

class Connection {
 public:
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Call& call,
                                                          const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A statement's result that is kept: none until it has arrived.
  using Kept = std::shared_ptr<std::optional<Result>>;

  // Appends to the batch. Nothing waits, nothing fails yet. sql: one statement.
  void Add(std::string_view sql, const internal::Parameters& parameters, Kept kept = nullptr);

  // Sends the batch and reads all of its results; gives the last that is not kept elsewhere.
  absl::StatusOr<Result> RoundTrip(const Call& call);

  // Sends the batch without waiting; its results are dropped when the next ones are read, errors
  // too. For statements that end a transaction whose outcome no longer matters.
  void SendAndForget();

  // Several statements in one text, without parameters, not prepared, not for batches.
  absl::Status Script(const Call& call, const std::string& sql);

  // Whether the next batch can go out: the connection stands and no wait was given up.
  bool usable() const { return !broken_ && !abandoned_; }
  bool broken() const { return broken_; }

  // For an idle connection: looks, without a round trip, whether the server has closed it.
  bool StillOpen();

  // After a wait that was given up: cancels on the server, reads what is left, rolls back. May take
  // as long as call allows, and longer while the cancel request connects. False: close it.
  bool Recover(const Call& call);

  // As of the last round trip.
  bool in_transaction() const;

  int64_t round_trips() const { return round_trips_; }  // Waits for an answer so far.
  pg_conn* handle() { return conn_; }

 private:
  struct Statement {
    std::string key;   // Parameter types and text.
    std::string name;  // On the server.
  };
  using Statements = std::list<Statement>;  // Most recently used first.

  // What the server still has to answer, in order.
  enum class Expect { kResult, kNothing, kPrepared, kEnd, kForgottenEnd };
  struct Pending {
    Expect expect;
    std::string key;      // Of kPrepared.
    Kept kept = nullptr;  // Of kResult, where it goes.
  };

  Connection(pg_conn* conn, size_t max_statements) : conn_(conn), max_statements_(max_statements) {}

  absl::Status Connect(const Call& call);
  std::string Prepare(std::string_view sql, const internal::Parameters& parameters);
  void Forget(std::string_view key);
  void EvictOldest();
  void Sent(bool sent, Expect expect, std::string key = {}, Kept kept = nullptr);

  absl::Status Flush(const Call& call);
  absl::Status ReadAll(const Call& call, Result& last);
  absl::Status Take(const Pending& pending, pg_result* raw, Result& last);
  absl::Status WaitForResult(const Call& call);
  absl::Status Wait(const Call& call, short events);
  absl::Status Judge(pg_result* raw);
  absl::Status Lost();

  pg_conn* conn_;
  const size_t max_statements_;
  bool broken_ = false;
  bool abandoned_ = false;
  bool too_many_parameters_ = false;  // In the present batch.
  std::deque<Pending> pending_;
  bool batch_failed_ = false;  // Of what was read of the batch so far, something did.
  Statements statements_;
  absl::flat_hash_map<std::string_view, Statements::iterator> by_key_;
  int64_t next_name_ = 0;
  int64_t round_trips_ = 0;
};

}  // namespace selfology::postgres
