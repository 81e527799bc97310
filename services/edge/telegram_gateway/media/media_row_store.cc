#include "services/edge/telegram_gateway/media/media_row_store.h"

#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_gateway {

v1::ContentKind KindOf(const MediaRow& row) { return enums::FromWord<v1::ContentKind>(row.kind); }

v1::Media ToProto(const MediaRow& row) {
  v1::Media media;
  media.set_media_id(row.media_id);
  media.set_kind(KindOf(row));
  media.set_file_name(row.file_name);
  media.set_mime_type(row.mime_type);
  media.set_size(row.size);
  media.set_width(row.width);
  media.set_height(row.height);
  if (row.duration_ms > 0) {
    constexpr int64_t kMillis = 1000;
    constexpr int64_t kNanosOfMilli = 1'000'000;
    media.mutable_duration()->set_seconds(row.duration_ms / kMillis);
    media.mutable_duration()->set_nanos(
        static_cast<int32_t>(row.duration_ms % kMillis * kNanosOfMilli));
  }
  media.set_emoji(row.emoji);
  return media;
}

namespace store {
namespace {

using postgres::Transaction;

// In the order of MediaRow.
constexpr std::string_view kColumns =
    "media_id, user_id, kind, file_name, mime_type, size, stored, width, height, duration_ms, "
    "emoji,"
    " bot_id, telegram_file_id";

}  // namespace

void RememberMedia(Transaction& tx, const MediaRow& row, absl::Time now) {
  static const std::string sql = absl::StrCat(
      "INSERT INTO media (", kColumns,
      ", created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
      " ON CONFLICT (media_id) DO UPDATE SET bot_id = EXCLUDED.bot_id,"
      " telegram_file_id = EXCLUDED.telegram_file_id, created_at = EXCLUDED.created_at");
  tx.Queue(sql, row.media_id, row.user_id, row.kind, row.file_name, row.mime_type, row.size,
           row.stored, row.width, row.height, row.duration_ms, row.emoji, row.bot_id,
           row.telegram_file_id, now);
}

absl::StatusOr<MediaRow> CreateMedia(Transaction& tx, const MediaRow& row,
                                     std::string_view idempotency_key, absl::Time now,
                                     absl::Time forget_before) {
  static const std::string sql = absl::StrCat(
      "INSERT INTO media (", kColumns,
      ", created_at, idempotency_key)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
      " ON CONFLICT ON CONSTRAINT media_once DO UPDATE SET created_at ="
      " CASE WHEN media.created_at < $16 THEN $14 ELSE media.created_at END RETURNING ",
      kColumns);
  ASSIGN_OR_RETURN(
      std::optional<MediaRow> made,
      tx.QueryOne<MediaRow>(sql, row.media_id, row.user_id, row.kind, row.file_name, row.mime_type,
                            row.size, row.stored, row.width, row.height, row.duration_ms, row.emoji,
                            row.bot_id, row.telegram_file_id, now, idempotency_key, forget_before));
  return *std::move(made);
}

absl::StatusOr<std::optional<MediaRow>> ReadMedia(Transaction& tx, std::string_view media_id) {
  static const std::string sql =
      absl::StrCat("SELECT ", kColumns, " FROM media WHERE media_id = $1");
  return tx.QueryOne<MediaRow>(sql, media_id);
}

absl::StatusOr<std::vector<MediaRow>> ReadMedia(Transaction& tx,
                                                const std::vector<std::string>& media_ids) {
  static const std::string sql =
      absl::StrCat("SELECT ", kColumns, " FROM media WHERE media_id = ANY($1)");
  return tx.Query<MediaRow>(sql, media_ids);
}

absl::StatusOr<std::optional<int64_t>> NoteStored(Transaction& tx, std::string_view media_id,
                                                  int64_t stored) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("UPDATE media SET stored = GREATEST(stored, $2)"
                                        " WHERE media_id = $1 RETURNING stored",
                                        media_id, stored));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*row);
}

void NoteLost(Transaction& tx, std::string_view media_id, int64_t stored) {
  tx.Queue("UPDATE media SET stored = LEAST(stored, $2) WHERE media_id = $1", media_id, stored);
}

absl::StatusOr<bool> NoteFetched(Transaction& tx, std::string_view media_id, int64_t size) {
  ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute("UPDATE media SET size = $2, stored = $2 WHERE media_id = $1", media_id, size));
  return rows > 0;
}

absl::StatusOr<int64_t> StoredMedia(Transaction& tx) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT COALESCE(sum(stored), 0)::bigint FROM media"));
  return std::get<0>(row.value());
}

absl::StatusOr<std::vector<MediaRow>> DropFetched(Transaction& tx, int64_t bytes) {
  // What was made here has a key, and is nowhere else.
  static const std::string sql =
      absl::StrCat("SELECT ", kColumns,
                   " FROM media JOIN (SELECT media_id AS id,"
                   " (sum(stored) OVER (ORDER BY created_at, media_id))::bigint - stored AS older"
                   " FROM media WHERE idempotency_key IS NULL AND bot_id <> 0"
                   " AND telegram_file_id <> '' AND stored > 0) AS fetched ON media_id = id"
                   " WHERE older < $1 ORDER BY created_at, media_id FOR UPDATE OF media");
  ASSIGN_OR_RETURN(std::vector<MediaRow> rows, tx.Query<MediaRow>(sql, bytes));
  std::vector<std::string> ids;
  for (const MediaRow& row : rows) ids.push_back(row.media_id);
  tx.Queue("UPDATE media SET stored = 0 WHERE media_id = ANY($1)", ids);
  return rows;
}

void NoteFileId(Transaction& tx, std::string_view media_id, int64_t bot_id,
                std::string_view telegram_file_id) {
  tx.Queue("UPDATE media SET bot_id = $2, telegram_file_id = $3 WHERE media_id = $1", media_id,
           bot_id, telegram_file_id);
}

absl::StatusOr<int64_t> ForgetMedia(Transaction& tx, absl::Time before) {
  return tx.Execute(
      "DELETE FROM media WHERE created_at < $1 AND media_id NOT IN"
      " (SELECT unnest(media_ids) FROM outgoing_messages"
      " WHERE status IN ('waiting', 'sending') AND media_ids <> '{}')",
      before);
}

}  // namespace store
}  // namespace selfology::telegram_gateway
