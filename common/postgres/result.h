// What a statement gave: an owned, read-only table of binary cells. Kernel code only; services read
// typed rows. Threads: may be read from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "common/postgres/types.h"

struct pg_result;  // libpq's PGresult.

namespace selfology::postgres {

class Result {
 public:
  Result() = default;  // No rows, no columns.
  explicit Result(pg_result* result) : result_(result) {}

  int rows() const;
  int columns() const;
  Oid type(int column) const;
  std::string_view name(int column) const;
  std::optional<std::string_view> cell(int row, int column) const;  // nullopt: NULL.
  int64_t affected() const;  // Rows inserted, updated, deleted or selected.

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

}  // namespace selfology::postgres
