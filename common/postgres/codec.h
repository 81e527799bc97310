// The binary formats behind types.h's table. Included by transaction.h; kernel code that drives a
// Connection itself encodes with EncodeAll and reads with ReadRows.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "boost/pfr/core.hpp"
#include "common/postgres/result.h"
#include "common/postgres/types.h"
#include "common/uuid/uuid.h"

namespace selfology::postgres::internal {

// Statement parameters in wire format.
class Parameters {
 public:
  int size() const { return static_cast<int>(oids_.size()); }
  absl::Span<const Oid> oids() const { return oids_; }
  // nullopt: NULL. Valid while this object lives unchanged.
  std::optional<std::string_view> value(int index) const;

  template <typename T>
  void Add(const T& value);

 private:
  struct Slice {
    size_t start;
    size_t size;
    bool null;
  };
  std::string buffer_;
  absl::InlinedVector<Oid, 8> oids_;
  absl::InlinedVector<Slice, 8> slices_;
};

// Network byte order.
template <std::unsigned_integral U>
void AppendBigEndian(U value, std::string& out) {
  for (int shift = 8 * (sizeof(U) - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift));
}
template <std::unsigned_integral U>
U ReadBigEndian(const char* from) {
  U value = 0;
  for (size_t i = 0; i < sizeof(U); ++i)
    value = static_cast<U>(value << 8) | static_cast<uint8_t>(from[i]);
  return value;
}

// Type OIDs, from pg_type.dat.
inline constexpr Oid kBool = 16, kBytea = 17, kName = 19, kInt8 = 20, kInt2 = 21, kInt4 = 23,
                     kText = 25, kJson = 114, kFloat4 = 700, kFloat8 = 701, kUnknown = 705,
                     kBpchar = 1042, kVarchar = 1043, kDate = 1082, kTimestamptz = 1184,
                     kUuid = 2950, kJsonb = 3802;
inline constexpr Oid kFirstUserOid = 16384;  // Enums and other types that users made.

// A codec for T has: kOid and kArrayOid (how parameters are sent); Write(value, out);
// Reads(oid): whether columns of that type can be read; Read(cell, oid, value): false when
// malformed.
template <typename T>
struct Codec;

bool ReadInteger(std::string_view cell, int64_t& value);
bool ReadDouble(std::string_view cell, double& value);
void WriteDouble(double value, std::string& out);
bool ReadJson(std::string_view cell, Oid oid, std::string& value);
void WriteTime(absl::Time value, std::string& out);
bool ReadTime(std::string_view cell, absl::Time& value);
void WriteDate(absl::CivilDay value, std::string& out);
bool ReadDate(std::string_view cell, absl::CivilDay& value);

template <>
struct Codec<bool> {
  static constexpr Oid kOid = kBool, kArrayOid = 1000;
  static void Write(bool value, std::string& out) { out.push_back(value ? 1 : 0); }
  static bool Reads(Oid oid) { return oid == kBool; }
  static bool Read(std::string_view cell, Oid, bool& value) {
    value = cell == std::string_view("\1", 1);
    return cell.size() == 1;
  }
};

template <std::signed_integral T>
  requires(sizeof(T) == 4 || sizeof(T) == 8)
struct Codec<T> {
  static constexpr bool kWide = sizeof(T) == 8;
  static constexpr Oid kOid = kWide ? kInt8 : kInt4, kArrayOid = kWide ? 1016 : 1007;
  static void Write(T value, std::string& out) {
    AppendBigEndian(static_cast<std::make_unsigned_t<T>>(value), out);
  }
  static bool Reads(Oid oid) { return oid == kInt2 || oid == kInt4 || (kWide && oid == kInt8); }
  static bool Read(std::string_view cell, Oid, T& value) {
    int64_t wide = 0;
    if (!ReadInteger(cell, wide)) return false;
    value = static_cast<T>(wide);
    return true;
  }
};

template <>
struct Codec<double> {
  static constexpr Oid kOid = kFloat8, kArrayOid = 1022;
  static void Write(double value, std::string& out) { WriteDouble(value, out); }
  static bool Reads(Oid oid) { return oid == kFloat8 || oid == kFloat4; }
  static bool Read(std::string_view cell, Oid, double& value) { return ReadDouble(cell, value); }
};

template <>
struct Codec<std::string_view> {
  static constexpr Oid kOid = kText, kArrayOid = 1009;
  static void Write(std::string_view value, std::string& out) { out.append(value); }
};
template <>
struct Codec<std::string> : Codec<std::string_view> {
  static bool Reads(Oid oid) {
    return oid == kText || oid == kVarchar || oid == kBpchar || oid == kName || oid == kUnknown ||
           oid >= kFirstUserOid;
  }
  static bool Read(std::string_view cell, Oid, std::string& value) {
    value.assign(cell);
    return true;
  }
};
template <>
struct Codec<const char*> : Codec<std::string_view> {};
template <size_t N>
struct Codec<char[N]> : Codec<std::string_view> {};

template <>
struct Codec<BytesView> {
  static constexpr Oid kOid = kBytea, kArrayOid = 1001;
  static void Write(BytesView bytes, std::string& out) { out.append(bytes.value); }
};
template <>
struct Codec<Bytes> {
  static constexpr Oid kOid = kBytea, kArrayOid = 1001;
  static void Write(const Bytes& bytes, std::string& out) { out.append(bytes.value); }
  static bool Reads(Oid oid) { return oid == kBytea; }
  static bool Read(std::string_view cell, Oid, Bytes& bytes) {
    bytes.value.assign(cell);
    return true;
  }
};

template <>
struct Codec<JsonView> {
  static constexpr Oid kOid = kJsonb, kArrayOid = 3807;
  static void Write(JsonView json, std::string& out) { out.append(1, '\1').append(json.value); }
};
template <>
struct Codec<Json> {
  static constexpr Oid kOid = kJsonb, kArrayOid = 3807;
  static void Write(const Json& json, std::string& out) { out.append(1, '\1').append(json.value); }
  static bool Reads(Oid oid) { return oid == kJsonb || oid == kJson; }
  static bool Read(std::string_view cell, Oid oid, Json& json) {
    return ReadJson(cell, oid, json.value);
  }
};

template <>
struct Codec<uuid::Uuid> {
  static constexpr Oid kOid = kUuid, kArrayOid = 2951;
  static void Write(const uuid::Uuid& id, std::string& out) {
    out.append(id.bytes().begin(), id.bytes().end());
  }
  static bool Reads(Oid oid) { return oid == kUuid; }
  static bool Read(std::string_view cell, Oid, uuid::Uuid& id) {
    uuid::Uuid::Bytes bytes;
    if (cell.size() != bytes.size()) return false;
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(cell[i]);
    id = uuid::Uuid(bytes);
    return true;
  }
};

template <>
struct Codec<absl::Time> {
  static constexpr Oid kOid = kTimestamptz, kArrayOid = 1185;
  static void Write(absl::Time value, std::string& out) { WriteTime(value, out); }
  static bool Reads(Oid oid) { return oid == kTimestamptz; }
  static bool Read(std::string_view cell, Oid, absl::Time& value) { return ReadTime(cell, value); }
};

template <>
struct Codec<absl::CivilDay> {
  static constexpr Oid kOid = kDate, kArrayOid = 1182;
  static void Write(absl::CivilDay value, std::string& out) { WriteDate(value, out); }
  static bool Reads(Oid oid) { return oid == kDate; }
  static bool Read(std::string_view cell, Oid, absl::CivilDay& value) {
    return ReadDate(cell, value);
  }
};

template <typename T>
struct IsOptional : std::false_type {
  using Inner = T;
};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {
  using Inner = T;
};

// Arrays: https://github.com/postgres/postgres array_send: dimensions, has-null flag, element type,
// then for each dimension its size and lower bound, then each element with its length (-1: NULL).
struct ArrayHeader {
  uint32_t size = 0;
  Oid element = 0;
};
void WriteArrayHeader(uint32_t size, bool has_null, Oid element, std::string& out);
// Takes the header off the front of cell; false when it is no one-dimensional array.
bool ReadArrayHeader(std::string_view& cell, ArrayHeader& header);
// Takes one element off the front; false when malformed.
bool ReadArrayElement(std::string_view& cell, std::optional<std::string_view>& element);
Oid ElementOfArray(Oid array);  // 0 when it is no array this library knows.

template <typename Range, typename T>
void WriteArray(const Range& values, std::string& out) {
  using Inner = typename IsOptional<T>::Inner;
  bool has_null = false;
  if constexpr (IsOptional<T>::value) {
    for (const auto& value : values) has_null |= !value.has_value();
  }
  WriteArrayHeader(static_cast<uint32_t>(values.size()), has_null, Codec<Inner>::kOid, out);
  for (const auto& value : values) {
    const size_t length_at = out.size();
    out.append(4, '\0');
    uint32_t length;
    if constexpr (IsOptional<T>::value) {
      if (value.has_value()) Codec<Inner>::Write(*value, out);
      length = value.has_value() ? static_cast<uint32_t>(out.size() - length_at - 4) : ~uint32_t{0};
    } else {
      Codec<Inner>::Write(value, out);
      length = static_cast<uint32_t>(out.size() - length_at - 4);
    }
    std::string prefix;
    AppendBigEndian(length, prefix);
    out.replace(length_at, 4, prefix);
  }
}

template <typename T>
struct Codec<absl::Span<const T>> {
  static constexpr Oid kOid = Codec<typename IsOptional<T>::Inner>::kArrayOid;
  static void Write(absl::Span<const T> values, std::string& out) {
    WriteArray<absl::Span<const T>, T>(values, out);
  }
};

template <typename T>
struct Codec<std::vector<T>> {
  using Inner = typename IsOptional<T>::Inner;
  static constexpr Oid kOid = Codec<Inner>::kArrayOid;
  static void Write(const std::vector<T>& values, std::string& out) {
    WriteArray<std::vector<T>, T>(values, out);
  }
  static bool Reads(Oid oid) {
    const Oid element = ElementOfArray(oid);
    return element != 0 && Codec<Inner>::Reads(element);
  }
  static bool Read(std::string_view cell, Oid, std::vector<T>& values) {
    ArrayHeader header;
    if (!ReadArrayHeader(cell, header) || (header.size > 0 && !Codec<Inner>::Reads(header.element)))
      return false;
    values.clear();
    values.reserve(header.size);
    for (uint32_t i = 0; i < header.size; ++i) {
      std::optional<std::string_view> element;
      if (!ReadArrayElement(cell, element)) return false;
      Inner value{};
      if (element.has_value()) {
        if (!Codec<Inner>::Read(*element, header.element, value)) return false;
        values.push_back(std::move(value));
      } else if constexpr (IsOptional<T>::value) {
        values.emplace_back(std::nullopt);
      } else {
        return false;
      }
    }
    return cell.empty();
  }
};

template <typename T>
void Parameters::Add(const T& value) {
  const size_t start = buffer_.size();
  if constexpr (std::is_same_v<T, std::nullopt_t>) {
    oids_.push_back(0);  // The server infers the type.
    slices_.push_back({start, 0, true});
  } else if constexpr (IsOptional<T>::value) {
    using Inner = typename IsOptional<T>::Inner;
    oids_.push_back(Codec<Inner>::kOid);
    if (value.has_value()) Codec<Inner>::Write(*value, buffer_);
    slices_.push_back({start, buffer_.size() - start, !value.has_value()});
  } else {
    oids_.push_back(Codec<T>::kOid);
    Codec<T>::Write(value, buffer_);
    slices_.push_back({start, buffer_.size() - start, false});
  }
}

template <typename... Ts>
Parameters EncodeAll(const Ts&... values) {
  Parameters parameters;
  (parameters.Add(values), ...);
  return parameters;
}

absl::Status ColumnCountMismatch(const Result& result, int wanted);
absl::Status ColumnTypeMismatch(const Result& result, int column);
absl::Status UnreadableCell(const Result& result, int row, int column);
absl::Status SeveralRows(const Result& result);

template <typename T>
bool ReadCell(const Result& result, int row, int column, T& value) {
  const std::optional<std::string_view> cell = result.cell(row, column);
  if constexpr (IsOptional<T>::value) {
    if (!cell.has_value()) return true;  // Stays nullopt.
    return Codec<typename IsOptional<T>::Inner>::Read(*cell, result.type(column), value.emplace());
  } else {
    return cell.has_value() && Codec<T>::Read(*cell, result.type(column), value);
  }
}

// What a query for these columns gives for a row: a tuple of them, or for one aggregate that is no
// column itself the aggregate, whose members are the columns.
template <typename T>
concept RowStruct = std::is_aggregate_v<T> && std::is_class_v<T> && !requires { Codec<T>::kOid; };
template <typename... Columns>
struct RowOf {
  using Type = std::tuple<Columns...>;
};
template <RowStruct Row>
struct RowOf<Row> {
  using Type = Row;
};

// Calls visit(column, its index) for each column of a row.
template <typename Visit, typename... Columns>
void ForEachColumn(std::tuple<Columns...>& row, const Visit& visit) {
  [&]<size_t... I>(std::index_sequence<I...>) {
    (visit(std::get<I>(row), I), ...);
  }(std::index_sequence_for<Columns...>());
}
template <typename Visit, RowStruct Row>
void ForEachColumn(Row& row, const Visit& visit) {
  boost::pfr::for_each_field(row, visit);
}

template <typename Row>
absl::Status CheckColumns(const Result& result) {
  int columns = 0, wrong = -1;
  Row row = {};
  ForEachColumn(row, [&]<typename T>(const T&, size_t column) {
    if (wrong < 0 && columns < result.columns() &&
        !Codec<typename IsOptional<T>::Inner>::Reads(result.type(static_cast<int>(column)))) {
      wrong = static_cast<int>(column);
    }
    ++columns;
  });
  if (result.columns() != columns) return ColumnCountMismatch(result, columns);
  return wrong < 0 ? absl::OkStatus() : ColumnTypeMismatch(result, wrong);
}

template <typename Row>
absl::Status ReadRow(const Result& result, int row, Row& values) {
  int wrong = -1;
  ForEachColumn(values, [&](auto& value, size_t column) {
    if (wrong < 0 && !ReadCell(result, row, static_cast<int>(column), value)) {
      wrong = static_cast<int>(column);
    }
  });
  return wrong < 0 ? absl::OkStatus() : UnreadableCell(result, row, wrong);
}

template <typename... Columns>
absl::StatusOr<std::vector<typename RowOf<Columns...>::Type>> ReadRows(const Result& result) {
  using Row = typename RowOf<Columns...>::Type;
  if (absl::Status status = CheckColumns<Row>(result); !status.ok()) return status;
  std::vector<Row> rows(result.rows());
  for (int row = 0; row < result.rows(); ++row) {
    if (absl::Status status = ReadRow(result, row, rows[row]); !status.ok()) return status;
  }
  return rows;
}

template <typename... Columns>
absl::StatusOr<std::optional<typename RowOf<Columns...>::Type>> ReadOneRow(const Result& result) {
  using Row = typename RowOf<Columns...>::Type;
  if (absl::Status status = CheckColumns<Row>(result); !status.ok()) return status;
  if (result.rows() > 1) return SeveralRows(result);
  std::optional<Row> only;
  if (result.rows() == 1) {
    if (absl::Status status = ReadRow(result, 0, only.emplace()); !status.ok()) return status;
  }
  return only;
}

}  // namespace selfology::postgres::internal
