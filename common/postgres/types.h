// How C++ values travel to PostgreSQL and back: always binary, always with the type's OID, so that
// neither side guesses. Used through Transaction::Query and its kin (transaction.h).
//
//   C++                                   PostgreSQL
//   bool                                  boolean
//   int32_t, int64_t                      integer, bigint
//   double                                double precision
//   std::string, std::string_view, ""     text: valid UTF-8 without NUL
//   Bytes, BytesView                      bytea
//   Json, JsonView                        jsonb
//   uuid::Uuid                            uuid
//   absl::Time                            timestamptz: microseconds, cut off towards the past;
//                                         InfiniteFuture, InfinitePast: 'infinity', '-infinity'
//   absl::CivilDay                        date
//   std::optional<T>, std::nullopt        T or NULL
//   std::vector<T>, absl::Span<const T>   array of one dimension; of std::optional<T> if with NULLs
//
// Views are for parameters only. Columns of narrower types are read as well: smallint and integer
// as int64_t, real as double, json as Json, and varchar, char(n), name and enums as std::string.
// Write an enum with a cast ($1::text::mood). numeric and interval have no C++ type here: cast them
// in SQL.
//
// Errors: reading gives INTERNAL and names the column when a NULL meets a type that cannot hold it,
// or a column's type is not one the C++ type reads: both are mistakes in the SQL.
//
// Sources: pg_type.dat (OIDs), the server's binary send and receive functions.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace selfology::postgres {

// A type's number in PostgreSQL's catalogue.
using Oid = uint32_t;

// Binary data, as opposed to text.
struct Bytes {
  std::string value;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};
struct BytesView {
  std::string_view value;
};

// A JSON document. What is read back is equal as JSON, not letter for letter.
struct Json {
  std::string value;
  friend bool operator==(const Json&, const Json&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Json& json) { return out << json.value; }
};
struct JsonView {
  std::string_view value;
};

}  // namespace selfology::postgres
