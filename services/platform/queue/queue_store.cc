#include "services/platform/queue/queue_store.h"

#include <optional>
#include <string>
#include <tuple>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::queue::store {
namespace {

// A row: its members are the query's columns, in their order.
struct EntryRow {
  int64_t id = 0;
  std::string text;
  absl::Time added_at;
  bool is_new = false;
};

v1::QueueEntry ToProto(int64_t user_id, const EntryRow& row) {
  v1::QueueEntry entry;
  entry.set_entry_id(row.id);
  entry.set_user_id(user_id);
  entry.set_text(row.text);
  *entry.mutable_added_at() = timestamps::ToProto(row.added_at);
  return entry;
}

}  // namespace

absl::StatusOr<Added> AddEntry(postgres::Transaction& tx, int64_t user_id, std::string_view text,
                               std::string_view key, absl::Time now) {
  // A key that is taken leaves the entry as it is; xmax tells an inserted row from an updated one.
  ASSIGN_OR_RETURN(
      const std::optional<EntryRow> row,
      tx.QueryOne<EntryRow>(
          "INSERT INTO queue_entries (user_id, key, text, added_at) VALUES ($1, $2, $3, $4)"
          " ON CONFLICT (user_id, key) DO UPDATE SET key = EXCLUDED.key"
          " RETURNING id, text, added_at, xmax = 0",
          user_id, key, text, now));
  return Added{ToProto(user_id, *row), row->is_new};
}

absl::StatusOr<std::vector<v1::QueueEntry>> ListEntries(postgres::Transaction& tx,
                                                         int64_t user_id, int64_t before_id,
                                                         int64_t limit) {
  ASSIGN_OR_RETURN(const std::vector<EntryRow> rows,
                   tx.Query<EntryRow>(
                       "SELECT id, text, added_at, false FROM queue_entries"
                       " WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                       user_id, before_id, limit));
  std::vector<v1::QueueEntry> entries;
  for (const EntryRow& row : rows) entries.push_back(ToProto(user_id, row));
  return entries;
}

void AddToCount(postgres::Transaction& tx, int64_t user_id, int64_t entries) {
  tx.Queue(
      "INSERT INTO queue_counts (user_id, entries) VALUES ($1, $2)"
      " ON CONFLICT (user_id) DO UPDATE SET entries = queue_counts.entries + EXCLUDED.entries",
      user_id, entries);
}

absl::StatusOr<int64_t> ReadCount(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT entries FROM queue_counts WHERE user_id = $1",
                                        user_id));
  return row.has_value() ? std::get<0>(*row) : 0;
}

absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const int64_t entries,
                   tx.Execute("DELETE FROM queue_entries WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t counts,
                   tx.Execute("DELETE FROM queue_counts WHERE user_id = $1", user_id));
  return entries + counts;
}

}  // namespace selfology::queue::store
