// PostgreSQL's errors as absl::Status. Services switch on the code, and where one constraint is
// expected to be violated, on its name:
//
//   if (postgres::ConstraintName(status) == "one_open_session") return AlreadyOpen();
//
//   SQLSTATE                                             code
//   22xxx data exception                                 INVALID_ARGUMENT
//   23505 unique_violation                               ALREADY_EXISTS
//   23xxx other integrity constraints                    FAILED_PRECONDITION
//   40001 serialization_failure, 40P01 deadlock          ABORTED
//   55P03 lock_not_available                             ABORTED
//   57014 query_canceled                                 DEADLINE_EXCEEDED
//   08xxx, 53xxx, 57P0x, 58xxx; connection lost          UNAVAILABLE
//   42501 insufficient_privilege                         PERMISSION_DENIED
//   all others: mistakes in SQL                          INTERNAL
//
// Messages name the SQLSTATE, the constraint, the table; never a parameter's value, nor
// PostgreSQL's own DETAIL, which may hold values.
//
// Threads: pure functions. Source: PostgreSQL documentation, Appendix A (error codes).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace selfology::postgres {

// The five-letter SQLSTATE of a status that a statement gave; empty for other statuses.
std::string SqlState(const absl::Status& status);

// The violated constraint's name; empty if none was.
std::string ConstraintName(const absl::Status& status);

// What one error of the server said. Views must outlive the call only.
struct ServerError {
  std::string_view sqlstate = "";
  std::string_view message = "";  // Used only for classes whose messages quote no values.
  std::string_view constraint = "";
  std::string_view table = "";
  std::string_view column = "";
};
absl::Status ToStatus(const ServerError& error);

absl::StatusCode CodeOf(std::string_view sqlstate);

// Whether a prepared statement no longer fits the tables, or is no longer known: preparing it again
// helps.
bool IsStalePlan(std::string_view sqlstate);

// Whether the same transaction may well succeed when run again at once: it lost against another
// one.
bool WorthAnotherTry(const absl::Status& status);

}  // namespace selfology::postgres
