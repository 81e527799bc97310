#include "common/postgres/codec.h"

#include <bit>
#include <limits>

#include "absl/strings/str_cat.h"

namespace selfology::postgres::internal {
namespace {

// PostgreSQL counts from the year 2000; its extreme values mean the infinities.
constexpr absl::Time kEpoch = absl::FromUnixSeconds(946'684'800);
constexpr absl::CivilDay kEpochDay(2000, 1, 1);
constexpr int64_t kForever = std::numeric_limits<int64_t>::max();
constexpr int64_t kEver = std::numeric_limits<int64_t>::min();

}  // namespace

std::optional<std::string_view> Parameters::value(int index) const {
  const Slice& slice = slices_[index];
  if (slice.null) return std::nullopt;
  return std::string_view(buffer_).substr(slice.start, slice.size);
}

bool ReadInteger(std::string_view cell, int64_t& value) {
  switch (cell.size()) {
    case 2:
      value = static_cast<int16_t>(ReadBigEndian<uint16_t>(cell.data()));
      return true;
    case 4:
      value = static_cast<int32_t>(ReadBigEndian<uint32_t>(cell.data()));
      return true;
    case 8:
      value = static_cast<int64_t>(ReadBigEndian<uint64_t>(cell.data()));
      return true;
    default:
      return false;
  }
}

bool ReadDouble(std::string_view cell, double& value) {
  switch (cell.size()) {
    case 4:
      value = std::bit_cast<float>(ReadBigEndian<uint32_t>(cell.data()));
      return true;
    case 8:
      value = std::bit_cast<double>(ReadBigEndian<uint64_t>(cell.data()));
      return true;
    default:
      return false;
  }
}

void WriteDouble(double value, std::string& out) {
  AppendBigEndian(std::bit_cast<uint64_t>(value), out);
}

bool ReadJson(std::string_view cell, Oid oid, std::string& value) {
  if (oid == kJsonb) {
    // One byte of format version, then text.
    if (cell.empty() || cell.front() != '\1') return false;
    cell.remove_prefix(1);
  }
  value.assign(cell);
  return true;
}

void WriteTime(absl::Time value, std::string& out) {
  int64_t microseconds;
  if (value == absl::InfiniteFuture()) {
    microseconds = kForever;
  } else if (value == absl::InfinitePast()) {
    microseconds = kEver;
  } else {
    absl::Duration rest;
    microseconds = absl::IDivDuration(value - kEpoch, absl::Microseconds(1), &rest);
    // Towards the past; and a time too far away must reach the server as such, not as an infinity.
    if (rest < absl::ZeroDuration() && microseconds > kEver) --microseconds;
    if (microseconds == kForever) microseconds = kForever - 1;
    if (microseconds == kEver) microseconds = kEver + 1;
  }
  AppendBigEndian(static_cast<uint64_t>(microseconds), out);
}

bool ReadTime(std::string_view cell, absl::Time& value) {
  if (cell.size() != 8) return false;
  const auto microseconds = static_cast<int64_t>(ReadBigEndian<uint64_t>(cell.data()));
  if (microseconds == kForever) {
    value = absl::InfiniteFuture();
  } else if (microseconds == kEver) {
    value = absl::InfinitePast();
  } else {
    value = kEpoch + absl::Microseconds(microseconds);
  }
  return true;
}

void WriteDate(absl::CivilDay value, std::string& out) {
  AppendBigEndian(static_cast<uint32_t>(static_cast<int32_t>(value - kEpochDay)), out);
}

bool ReadDate(std::string_view cell, absl::CivilDay& value) {
  if (cell.size() != 4) return false;
  value = kEpochDay + static_cast<int32_t>(ReadBigEndian<uint32_t>(cell.data()));
  return true;
}

void WriteArrayHeader(uint32_t size, bool has_null, Oid element, std::string& out) {
  AppendBigEndian(uint32_t{size > 0 ? 1u : 0u}, out);  // Dimensions: an empty array has none.
  AppendBigEndian(uint32_t{has_null ? 1u : 0u}, out);
  AppendBigEndian(element, out);
  if (size == 0) return;
  AppendBigEndian(size, out);
  AppendBigEndian(uint32_t{1}, out);  // The lower bound.
}

bool ReadArrayHeader(std::string_view& cell, ArrayHeader& header) {
  if (cell.size() < 12) return false;
  const uint32_t dimensions = ReadBigEndian<uint32_t>(cell.data());
  header.element = ReadBigEndian<uint32_t>(cell.data() + 8);
  header.size = 0;
  cell.remove_prefix(12);
  if (dimensions == 0) return true;
  if (dimensions != 1 || cell.size() < 8) return false;
  header.size = ReadBigEndian<uint32_t>(cell.data());
  cell.remove_prefix(8);
  return header.size <= cell.size() / 4;  // Each element takes four bytes at least.
}

bool ReadArrayElement(std::string_view& cell, std::optional<std::string_view>& element) {
  if (cell.size() < 4) return false;
  const uint32_t size = ReadBigEndian<uint32_t>(cell.data());
  cell.remove_prefix(4);
  if (size == ~uint32_t{0}) {
    element.reset();
    return true;
  }
  if (cell.size() < size) return false;
  element = cell.substr(0, size);
  cell.remove_prefix(size);
  return true;
}

Oid ElementOfArray(Oid array) {
  switch (array) {
    case 199:
      return kJson;
    case 1000:
      return kBool;
    case 1001:
      return kBytea;
    case 1003:
      return kName;
    case 1005:
      return kInt2;
    case 1007:
      return kInt4;
    case 1009:
      return kText;
    case 1014:
      return kBpchar;
    case 1015:
      return kVarchar;
    case 1016:
      return kInt8;
    case 1021:
      return kFloat4;
    case 1022:
      return kFloat8;
    case 1182:
      return kDate;
    case 1185:
      return kTimestamptz;
    case 2951:
      return kUuid;
    case 3807:
      return kJsonb;
    default:
      return array >= kFirstUserOid ? array : 0;  // An array of enums, say.
  }
}

absl::Status ColumnCountMismatch(const Result& result, int wanted) {
  return absl::InternalError(absl::StrCat("the statement gives ", result.columns(),
                                          " columns where the program reads ", wanted));
}

absl::Status ColumnTypeMismatch(const Result& result, int column) {
  return absl::InternalError(absl::StrCat("column ", column + 1, " \"", result.name(column),
                                          "\" has type ", result.type(column),
                                          ", which the program's type does not read"));
}

absl::Status UnreadableCell(const Result& result, int row, int column) {
  const bool null = !result.cell(row, column).has_value();
  return absl::InternalError(
      absl::StrCat("column ", column + 1, " \"", result.name(column),
                   null ? "\" is NULL where the program expects a value" : "\" cannot be read"));
}

absl::Status SeveralRows(const Result& result) {
  return absl::InternalError(
      absl::StrCat("the statement gives ", result.rows(), " rows where the program expects one"));
}

}  // namespace selfology::postgres::internal
