#include "services/platform/file/object_row_store.h"

#include <tuple>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::file::store {
namespace {

using postgres::BytesView;

#define OBJECT_COLUMNS                                                                           \
  "key, user_id, content_id, variant, begins, size, sha256, media_type, width, height, made_at," \
  " duration_ms"
#define VARIANT_COLUMNS                                                                        \
  "o.key, o.user_id, o.content_id, o.variant, o.begins, (SELECT sum(p.size) FROM file_objects" \
  " p WHERE p.content_id = o.content_id AND p.variant = o.variant AND p.stored)::bigint,"      \
  " o.sha256, o.media_type, o.width, o.height, o.made_at, o.duration_ms"

}  // namespace

void AddPending(postgres::Transaction& tx, const ObjectRow& object) {
  tx.Queue("INSERT INTO file_objects (" OBJECT_COLUMNS
           ", stored)"
           " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, false)",
           object.key, object.user_id, object.content_id, object.variant, object.begins,
           object.size, object.sha256, object.media_type, object.width, object.height,
           object.made_at, object.duration_ms);
}

absl::StatusOr<bool> MarkStored(postgres::Transaction& tx, std::string_view key) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   tx.Execute("UPDATE file_objects SET stored = true WHERE key = $1", key));
  return rows == 1;
}

absl::StatusOr<std::vector<Piece>> ReadPieces(postgres::Transaction& tx, int64_t content_id,
                                              std::string_view variant) {
  return tx.Query<Piece>(
      "SELECT key, begins, size FROM file_objects WHERE content_id = $1 AND variant = $2"
      " AND stored ORDER BY begins",
      content_id, variant);
}

absl::StatusOr<std::optional<ObjectRow>> FindVariant(postgres::Transaction& tx, int64_t content_id,
                                                     std::string_view variant) {
  return tx.QueryOne<ObjectRow>("SELECT " VARIANT_COLUMNS
                                " FROM file_objects o WHERE o.content_id = $1"
                                " AND o.variant = $2 AND o.begins = 0 AND o.stored",
                                content_id, variant);
}

absl::StatusOr<std::vector<ObjectRow>> ListVariants(postgres::Transaction& tx,
                                                    const std::vector<int64_t>& contents) {
  if (contents.empty()) return std::vector<ObjectRow>();
  return tx.Query<ObjectRow>("SELECT " VARIANT_COLUMNS
                             " FROM file_objects o WHERE o.content_id = ANY($1)"
                             " AND o.variant <> '' AND o.begins = 0 AND o.stored"
                             " ORDER BY o.made_at, o.key",
                             contents);
}

v1::Variant ToVariant(const ObjectRow& row) {
  v1::Variant variant;
  variant.set_variant(row.variant);
  variant.set_media_type(row.media_type);
  variant.set_size_bytes(row.size);
  variant.set_width(row.width);
  variant.set_height(row.height);
  variant.set_duration_ms(row.duration_ms);
  *variant.mutable_created_at() = timestamps::ToProto(row.made_at);
  return variant;
}

absl::StatusOr<int64_t> DoomContent(postgres::Transaction& tx, int64_t content_id, absl::Time now) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          "WITH gone AS (DELETE FROM file_objects WHERE content_id = $1"
          " RETURNING key, variant, size, stored),"
          " doomed AS (INSERT INTO file_doomed (key, delete_at, again)"
          " SELECT key, $2, NOT stored FROM gone)"
          " SELECT ((SELECT size FROM file_contents WHERE id = $1) + coalesce((SELECT sum(size)"
          " FROM gone WHERE stored AND variant <> ''), 0))::bigint",
          content_id, now));
  tx.Queue("DELETE FROM file_contents WHERE id = $1", content_id);
  return std::get<0>(*row);
}

void MovePieces(postgres::Transaction& tx, int64_t from, int64_t to, int64_t begin) {
  tx.Queue(
      "UPDATE file_objects SET content_id = $2, begins = begins + $3 WHERE content_id = $1"
      " AND variant = '' AND stored",
      from, to, begin);
}

void DoomObject(postgres::Transaction& tx, std::string_view key, absl::Time now) {
  tx.Queue(
      "WITH gone AS (DELETE FROM file_objects WHERE key = $1 RETURNING key, stored)"
      " INSERT INTO file_doomed (key, delete_at, again) SELECT key, $2, NOT stored FROM gone",
      key, now);
}

absl::StatusOr<int64_t> DoomPending(postgres::Transaction& tx, absl::Time since, absl::Time now) {
  return tx.Execute(
      "WITH gone AS (DELETE FROM file_objects WHERE NOT stored AND made_at < $1 RETURNING key)"
      " INSERT INTO file_doomed (key, delete_at, again) SELECT key, $2, true FROM gone",
      since, now);
}

absl::StatusOr<std::vector<Doomed>> ListDoomed(postgres::Transaction& tx, absl::Time now,
                                               int64_t limit) {
  return tx.Query<Doomed>(
      "SELECT key, again FROM file_doomed WHERE delete_at <= $1 ORDER BY delete_at LIMIT $2", now,
      limit);
}

void ForgetDoomed(postgres::Transaction& tx, std::string_view key) {
  tx.Queue("DELETE FROM file_doomed WHERE key = $1", key);
}

void DeleteAgain(postgres::Transaction& tx, std::string_view key, absl::Time at) {
  tx.Queue("UPDATE file_doomed SET delete_at = $2, again = false WHERE key = $1", key, at);
}

absl::StatusOr<std::vector<std::string>> ListUnknown(postgres::Transaction& tx,
                                                     const std::vector<std::string>& keys) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<std::string>("SELECT k FROM unnest($1::text[]) k WHERE NOT EXISTS"
                                         " (SELECT FROM file_objects WHERE key = k) AND NOT EXISTS"
                                         " (SELECT FROM file_doomed WHERE key = k)",
                                         keys));
  std::vector<std::string> unknown;
  for (const auto& [key] : rows) unknown.push_back(key);
  return unknown;
}

absl::StatusOr<int64_t> ErasePerson(postgres::Transaction& tx, int64_t user_id,
                                    std::string_view person, absl::Time now) {
  // What is being uploaded at this moment comes before, and goes with the rest.
  tx.Queue("SELECT FROM file_usage WHERE user_id = $1 FOR UPDATE", user_id);
  ASSIGN_OR_RETURN(
      const int64_t objects,
      tx.Execute("WITH erasure AS (INSERT INTO file_erasures (person, erased_at)"
                 " SELECT $2, $3 WHERE EXISTS (SELECT FROM file_objects WHERE user_id = $1)"
                 " RETURNING id),"
                 " gone AS (DELETE FROM file_objects WHERE user_id = $1"
                 " RETURNING key, sha256, stored),"
                 " proof AS (INSERT INTO file_erased_objects (erasure_id, key, sha256)"
                 " SELECT erasure.id, key, sha256 FROM gone, erasure)"
                 " INSERT INTO file_doomed (key, delete_at, again)"
                 " SELECT key, $3, NOT stored FROM gone",
                 user_id, person, now));
  ASSIGN_OR_RETURN(const int64_t files,
                   tx.Execute("DELETE FROM file_files WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t contents,
                   tx.Execute("DELETE FROM file_contents WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t usage,
                   tx.Execute("DELETE FROM file_usage WHERE user_id = $1", user_id));
  return objects + files + contents + usage;
}

absl::StatusOr<std::vector<ErasureRow>> ListErasures(postgres::Transaction& tx, int64_t before,
                                                     int64_t limit) {
  return tx.Query<ErasureRow>(
      "SELECT id, person, erased_at FROM file_erasures WHERE id < $1 ORDER BY id DESC LIMIT $2",
      before, limit);
}

absl::StatusOr<std::vector<ErasedObject>> ListErased(postgres::Transaction& tx,
                                                     int64_t erasure_id) {
  return tx.Query<ErasedObject>(
      "SELECT key, sha256 FROM file_erased_objects WHERE erasure_id = $1 ORDER BY key", erasure_id);
}

}  // namespace selfology::file::store
