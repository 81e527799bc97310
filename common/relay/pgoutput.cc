#include "common/relay/pgoutput.h"

#include <algorithm>
#include <concepts>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::relay {
namespace {

constexpr int64_t kPostgresEpochSeconds = 946'684'800;  // 2000-01-01 in Unix time.

enum Column {
  kId,
  kXid,
  kType,
  kKey,
  kOccurredAt,
  kTraceparent,
  kTraceId,
  kProducer,
  kPayload,
  kSubject
};
constexpr std::string_view kColumnNames[] = {
    "id",          "xid",      "type",     "partition_key", "occurred_at",
    "traceparent", "trace_id", "producer", "payload",       "subject"};

absl::Status Malformed(std::string_view what) {
  return absl::DataLossError(absl::StrCat("logical decoding: malformed ", what));
}

// Takes values off the front of a message; after the first failure everything is zero.
class Reader {
 public:
  explicit Reader(std::string_view& message) : left_(message) {}

  template <std::unsigned_integral U>
  U Number() {
    const std::string_view bytes = Bytes(sizeof(U));
    U value = 0;
    for (const char byte : bytes) value = static_cast<U>(value << 8) | static_cast<uint8_t>(byte);
    return value;
  }
  std::string_view Bytes(size_t size) {
    if (left_.size() < size) {
      ok_ = false;
      return {};
    }
    const std::string_view bytes = left_.substr(0, size);
    left_.remove_prefix(size);
    return bytes;
  }
  std::string_view ZeroEnded() {
    const size_t end = left_.find('\0');
    if (end == std::string_view::npos) {
      ok_ = false;
      return {};
    }
    const std::string_view text = Bytes(end);
    Bytes(1);
    return text;
  }
  bool ok() const { return ok_; }

 private:
  std::string_view& left_;
  bool ok_ = true;
};

std::optional<uint64_t> Wide(std::string_view cell) {
  if (cell.size() != 8) return std::nullopt;
  return Reader(cell).Number<uint64_t>();
}

}  // namespace

absl::Time FromPostgresMicros(int64_t micros) {
  return absl::FromUnixSeconds(kPostgresEpochSeconds) + absl::Microseconds(micros);
}

int64_t ToPostgresMicros(absl::Time time) {
  return absl::ToInt64Microseconds(time - absl::FromUnixSeconds(kPostgresEpochSeconds));
}

absl::StatusOr<Change> PgOutputDecoder::Decode(std::string_view message) {
  if (message.empty()) return Malformed("message");
  const char kind = message.front();
  message.remove_prefix(1);
  Reader reader(message);
  switch (kind) {
    case 'B': {
      Begin begin{.commit = reader.Number<uint64_t>(), .committed_at = {}};
      begin.committed_at = FromPostgresMicros(static_cast<int64_t>(reader.Number<uint64_t>()));
      if (!reader.ok()) return Malformed("begin");
      return begin;
    }
    case 'C': {
      reader.Bytes(1);            // Flags.
      reader.Number<uint64_t>();  // Where the record begins, as in Begin.
      Commit commit{.end = reader.Number<uint64_t>()};
      if (!reader.ok()) return Malformed("commit");
      return commit;
    }
    case 'R': {
      const uint32_t id = reader.Number<uint32_t>();
      if (!reader.ok()) return Malformed("relation");
      ASSIGN_OR_RETURN(relations_[id], DecodeRelation(message));
      return Change();
    }
    case 'I': {
      ASSIGN_OR_RETURN(Insert insert, DecodeInsert(message));
      return insert;
    }
    default:
      return Change();  // Types, origins, truncations: nothing that the outbox knows.
  }
}

absl::StatusOr<PgOutputDecoder::Relation> PgOutputDecoder::DecodeRelation(
    std::string_view& message) {
  Reader reader(message);
  reader.ZeroEnded();        // Schema.
  reader.ZeroEnded();        // Name.
  reader.Number<uint8_t>();  // Replica identity.
  const int columns = reader.Number<uint16_t>();
  Relation relation;
  relation.positions.fill(-1);
  for (int column = 0; column < columns && reader.ok(); ++column) {
    reader.Number<uint8_t>();  // Flags.
    const std::string_view name = reader.ZeroEnded();
    reader.Number<uint32_t>();  // Type.
    reader.Number<uint32_t>();  // Type modifier.
    const auto known = std::find(std::begin(kColumnNames), std::end(kColumnNames), name);
    if (known != std::end(kColumnNames)) {
      relation.positions[known - std::begin(kColumnNames)] = column;
    }
  }
  if (!reader.ok()) return Malformed("relation");
  return relation;
}

absl::StatusOr<Insert> PgOutputDecoder::DecodeInsert(std::string_view& message) {
  Reader reader(message);
  const auto relation = relations_.find(reader.Number<uint32_t>());
  if (relation == relations_.end()) return Malformed("insert: a table never described");
  if (reader.Number<uint8_t>() != 'N') return Malformed("insert");
  const int columns = reader.Number<uint16_t>();

  std::array<std::string_view, kColumns> cells;
  std::array<bool, kColumns> found = {};
  for (int column = 0; column < columns && reader.ok(); ++column) {
    const char kind = static_cast<char>(reader.Number<uint8_t>());
    if (kind == 'n' || kind == 'u') continue;
    if (kind != 'b') return Malformed("insert: a column that is not binary");
    const std::string_view cell = reader.Bytes(reader.Number<uint32_t>());
    const auto& positions = relation->second.positions;
    const auto position = std::find(positions.begin(), positions.end(), column);
    if (position == positions.end()) continue;
    cells[position - positions.begin()] = cell;
    found[position - positions.begin()] = true;
  }
  if (!reader.ok()) return Malformed("insert");
  for (int column = 0; column < kColumns; ++column) {
    // A slot may still tell of rows from before there was a subject.
    if (!found[column] && column != kSubject) {
      return Malformed(absl::StrCat("insert: no column ", kColumnNames[column]));
    }
  }

  Insert insert;
  uuid::Uuid::Bytes id;
  const std::optional<uint64_t> xid = Wide(cells[kXid]), key = Wide(cells[kKey]),
                                time = Wide(cells[kOccurredAt]);
  if (cells[kId].size() != id.size() || !xid || !key || !time) return Malformed("insert: a column");
  std::copy(cells[kId].begin(), cells[kId].end(), id.begin());
  insert.xid = *xid;
  insert.event.id = uuid::Uuid(id);
  insert.event.type = cells[kType];
  insert.event.partition_key = static_cast<int64_t>(*key);
  insert.event.occurred_at = FromPostgresMicros(static_cast<int64_t>(*time));
  insert.event.traceparent = cells[kTraceparent];
  insert.event.trace_id = cells[kTraceId];
  insert.event.producer = cells[kProducer];
  insert.event.payload = cells[kPayload];
  if (found[kSubject]) {
    const std::optional<uint64_t> subject = Wide(cells[kSubject]);
    if (!subject.has_value()) return Malformed("insert: a column");
    insert.event.subject = static_cast<int64_t>(*subject);
  }
  return insert;
}

}  // namespace selfology::relay
