#include "common/postgres/result.h"

#include <libpq-fe.h>

#include "absl/strings/numbers.h"

namespace selfology::postgres {

int Result::rows() const { return result_ ? PQntuples(result_.get()) : 0; }

int Result::columns() const { return result_ ? PQnfields(result_.get()) : 0; }

Oid Result::type(int column) const { return PQftype(result_.get(), column); }

std::string_view Result::name(int column) const { return PQfname(result_.get(), column); }

std::optional<std::string_view> Result::cell(int row, int column) const {
  if (PQgetisnull(result_.get(), row, column)) return std::nullopt;
  return std::string_view(PQgetvalue(result_.get(), row, column),
                          PQgetlength(result_.get(), row, column));
}

int64_t Result::affected() const {
  int64_t count = 0;  // Statements that touch no rows, such as SET, have no count.
  if (result_ && !absl::SimpleAtoi(PQcmdTuples(result_.get()), &count)) return 0;
  return count;
}

void Result::Clear::operator()(pg_result* result) const { PQclear(result); }

}  // namespace selfology::postgres
