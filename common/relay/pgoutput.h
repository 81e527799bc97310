// What PostgreSQL's logical decoding says about the outbox: the messages of the plugin pgoutput,
// protocol version 1, with binary columns.
//
//   PgOutputDecoder decoder;
//   ASSIGN_OR_RETURN(Change change, decoder.Decode(message));
//   if (auto* insert = std::get_if<Insert>(&change)) ...
//
// Transactions come whole and in the order of their commits: Begin, its Inserts, Commit. Errors:
// DATA_LOSS for a message that is malformed, or an insert into a table without the outbox's
// columns. Threads: one at a time. Source: PostgreSQL documentation, "Logical Replication Message
// Formats".
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/events/envelope.h"
#include "common/relay/lsn.h"

namespace selfology::relay {

struct Begin {
  Lsn commit = 0;  // Where the commit's record begins.
  absl::Time committed_at;
};
struct Insert {
  events::Envelope event;
  uint64_t xid = 0;  // Of the transaction, 64 bits.
};
struct Commit {
  Lsn end = 0;  // Where the commit's record ends.
};
// monostate: a message that tells the relay nothing.
using Change = std::variant<std::monostate, Begin, Insert, Commit>;

class PgOutputDecoder {
 public:
  absl::StatusOr<Change> Decode(std::string_view message);

 private:
  // The outbox's columns, in the order of kColumnNames.
  static constexpr int kColumns = 10;
  // Which column of a table's rows each of them is; -1: none.
  struct Relation {
    std::array<int, kColumns> positions;
  };

  absl::StatusOr<Relation> DecodeRelation(std::string_view& message);
  absl::StatusOr<Insert> DecodeInsert(std::string_view& message);

  absl::flat_hash_map<uint32_t, Relation> relations_;
};

// Microseconds since 2000-01-01, as PostgreSQL counts time on the wire.
absl::Time FromPostgresMicros(int64_t micros);
int64_t ToPostgresMicros(absl::Time time);

}  // namespace selfology::relay
