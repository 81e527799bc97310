#include "common/postgres/error.h"

#include <array>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace selfology::postgres {
namespace {

using absl::StatusCode;

constexpr std::string_view kSqlStatePayload = "selfology/postgres.sqlstate";
constexpr std::string_view kConstraintPayload = "selfology/postgres.constraint";

// Error classes whose messages quote names and SQL of our own, never data.
constexpr std::array<std::string_view, 18> kQuotable = {"08", "0A", "25", "26", "28", "2B",
                                                        "2D", "34", "3B", "3D", "3F", "40",
                                                        "42", "53", "54", "55", "57", "58"};

std::string Payload(const absl::Status& status, std::string_view type) {
  const auto payload = status.GetPayload(type);
  return payload.has_value() ? std::string(*payload) : std::string();
}

std::string_view Describe(std::string_view sqlstate) {
  if (sqlstate == "23502") return "null in a column that takes none";
  if (sqlstate == "23503") return "violated foreign key";
  if (sqlstate == "23505") return "violated unique constraint";
  if (sqlstate == "23514") return "violated check";
  if (absl::StartsWith(sqlstate, "22")) return "a value the database cannot take";
  if (absl::StartsWith(sqlstate, "23")) return "violated constraint";
  return "database error";
}

bool Quotable(std::string_view sqlstate) {
  for (const std::string_view sql_class : kQuotable) {
    if (absl::StartsWith(sqlstate, sql_class)) return true;
  }
  return false;
}

}  // namespace

absl::StatusCode CodeOf(std::string_view sqlstate) {
  if (sqlstate == "23505") return StatusCode::kAlreadyExists;
  if (sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03")
    return StatusCode::kAborted;
  // The connection prepares the statement anew: an event that met this is tried again, not parked.
  if (IsStalePlan(sqlstate)) return StatusCode::kAborted;
  if (sqlstate == "57014") return StatusCode::kDeadlineExceeded;
  if (sqlstate == "42501") return StatusCode::kPermissionDenied;
  if (sqlstate.size() != 5) return StatusCode::kInternal;
  const std::string_view sql_class = sqlstate.substr(0, 2);
  if (sql_class == "22") return StatusCode::kInvalidArgument;
  if (sql_class == "23") return StatusCode::kFailedPrecondition;
  if (sql_class == "08" || sql_class == "53" || sql_class == "58") return StatusCode::kUnavailable;
  if (absl::StartsWith(sqlstate, "57P0")) return StatusCode::kUnavailable;
  return StatusCode::kInternal;
}

absl::Status ToStatus(const ServerError& error) {
  std::string message = absl::StrCat(Describe(error.sqlstate), " ", error.sqlstate);
  if (!error.constraint.empty()) absl::StrAppend(&message, " constraint ", error.constraint);
  if (!error.table.empty()) absl::StrAppend(&message, " table ", error.table);
  if (!error.column.empty()) absl::StrAppend(&message, " column ", error.column);
  if (Quotable(error.sqlstate)) absl::StrAppend(&message, ": ", error.message);
  absl::Status status(CodeOf(error.sqlstate), message);
  status.SetPayload(kSqlStatePayload, absl::Cord(error.sqlstate));
  if (!error.constraint.empty()) {
    status.SetPayload(kConstraintPayload, absl::Cord(error.constraint));
  }
  return status;
}

bool IsStalePlan(std::string_view sqlstate) {
  // 0A000 with "cached plan must not change result type"; the text may be in any language.
  return sqlstate == "0A000" || sqlstate == "26000";
}

bool WorthAnotherTry(const absl::Status& status) {
  const std::string sqlstate = SqlState(status);
  return sqlstate == "40001" || sqlstate == "40P01" || IsStalePlan(sqlstate);
}

std::string SqlState(const absl::Status& status) { return Payload(status, kSqlStatePayload); }

std::string ConstraintName(const absl::Status& status) {
  return Payload(status, kConstraintPayload);
}

}  // namespace selfology::postgres
