#include "services/platform/file/file_store.h"

#include <tuple>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/file/digest.h"

namespace selfology::file::store {
namespace {

using postgres::BytesView;

// FileRow's members, of "f" and "c".
#define FILE_COLUMNS                                                                        \
  "f.id, f.seq, f.user_id, f.content_id, f.name, f.purpose, f.state, f.length, f.received," \
  " f.media_type, c.sha256, f.reason, f.verdict, f.width, f.height, f.created_at,"          \
  " f.expires_at, f.checks, f.part, f.duration_ms"
#define FILES " FROM file_files f LEFT JOIN file_contents c ON c.id = f.content_id "

v1::FileState StateOf(std::string_view state) {
  if (state == kReady) return v1::FILE_STATE_READY;
  if (state == kRejected) return v1::FILE_STATE_REJECTED;
  return v1::FILE_STATE_CHECKING;
}

v1::ScanVerdict VerdictOf(std::string_view verdict) {
  if (verdict == "clean") return v1::SCAN_VERDICT_CLEAN;
  if (verdict == "infected") return v1::SCAN_VERDICT_INFECTED;
  if (verdict == "not_scanned") return v1::SCAN_VERDICT_NOT_SCANNED;
  return v1::SCAN_VERDICT_UNSPECIFIED;
}

}  // namespace

v1::File ToProto(const FileRow& row) {
  v1::File file;
  file.set_file_id(row.id.ToString());
  file.set_user_id(row.user_id);
  file.set_name(row.name);
  file.set_media_type(row.media_type);
  file.set_size_bytes(row.length);
  if (row.sha256.has_value()) file.set_sha256(ToHex(row.sha256->value));
  file.set_state(StateOf(row.state));
  file.set_reason(row.reason);
  file.set_verdict(VerdictOf(row.verdict));
  file.set_purpose(row.purpose);
  file.set_width(row.width);
  file.set_height(row.height);
  file.set_duration_ms(row.duration_ms);
  *file.mutable_created_at() = timestamps::ToProto(row.created_at);
  return file;
}

v1::Upload ToUpload(const FileRow& row) {
  v1::Upload upload;
  upload.set_upload_id(row.id.ToString());
  upload.set_user_id(row.user_id);
  upload.set_length_bytes(row.length);
  upload.set_offset_bytes(row.received);
  if (row.expires_at.has_value()) {
    *upload.mutable_expires_at() = timestamps::ToProto(*row.expires_at);
  }
  return upload;
}

absl::StatusOr<int64_t> LockNewPerson(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("INSERT INTO file_usage (user_id, bytes) VALUES ($1, 0)"
                                        " ON CONFLICT (user_id) DO UPDATE SET bytes ="
                                        " file_usage.bytes RETURNING bytes",
                                        user_id));
  return std::get<0>(*row);
}

absl::StatusOr<int64_t> LockPerson(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT bytes FROM file_usage WHERE user_id = $1 FOR UPDATE", user_id));
  return row.has_value() ? std::get<0>(*row) : 0;
}

void AddUsage(postgres::Transaction& tx, int64_t user_id, int64_t bytes) {
  tx.Queue("UPDATE file_usage SET bytes = bytes + $2 WHERE user_id = $1", user_id, bytes);
}

absl::StatusOr<Totals> ReadTotals(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<Totals>("SELECT coalesce((SELECT bytes FROM file_usage WHERE user_id = $1), 0),"
                          " (SELECT count(*) FROM file_files WHERE user_id = $1 AND"
                          " state = 'uploading')",
                          user_id));
  return *row;
}

absl::StatusOr<std::vector<KindTotal>> ReadKinds(postgres::Transaction& tx, int64_t user_id) {
  return tx.Query<KindTotal>(
      "SELECT split_part(media_type, '/', 1), count(*), sum(length)::bigint FROM file_files"
      " WHERE user_id = $1 AND state = 'ready' GROUP BY 1 ORDER BY 3 DESC, 1",
      user_id);
}

absl::StatusOr<int64_t> CountUploads(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT count(*) FROM file_files WHERE user_id = $1 AND"
                                        " state = 'uploading'",
                                        user_id));
  return std::get<0>(*row);
}

absl::StatusOr<FileRow> AddFile(postgres::Transaction& tx, const NewFile& file) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<FileRow>(
          "WITH c AS (INSERT INTO file_contents (user_id, size) VALUES ($2, $6)"
          " RETURNING id, sha256),"
          " f AS (INSERT INTO file_files (id, user_id, content_id, key, name, purpose, state,"
          " length, received, created_at, expires_at, part)"
          " SELECT $1, $2, c.id, $3, $4, $5, 'uploading', $6, 0, $7, $8, $9 FROM c RETURNING *)"
          " SELECT " FILE_COLUMNS " FROM f, c",
          file.id, file.user_id, file.key, file.name, file.purpose, file.length, file.now,
          file.expires_at, file.part));
  return *row;
}

absl::StatusOr<std::optional<FileRow>> FindByKey(postgres::Transaction& tx, int64_t user_id,
                                                 std::string_view key) {
  return tx.QueryOne<FileRow>("SELECT " FILE_COLUMNS FILES "WHERE f.user_id = $1 AND f.key = $2",
                              user_id, key);
}

absl::StatusOr<std::optional<FileRow>> FindFile(postgres::Transaction& tx, int64_t user_id,
                                                const uuid::Uuid& id) {
  return tx.QueryOne<FileRow>("SELECT " FILE_COLUMNS FILES "WHERE f.id = $2 AND f.user_id = $1",
                              user_id, id);
}

absl::StatusOr<std::optional<FileRow>> FindAnyFile(postgres::Transaction& tx,
                                                   const uuid::Uuid& id) {
  return tx.QueryOne<FileRow>("SELECT " FILE_COLUMNS FILES "WHERE f.id = $1", id);
}

absl::StatusOr<std::vector<FileRow>> ListFiles(postgres::Transaction& tx, int64_t user_id,
                                               std::string_view type_prefix,
                                               std::string_view purpose, int64_t before,
                                               int64_t limit) {
  return tx.Query<FileRow>(
      "SELECT " FILE_COLUMNS FILES
      "WHERE f.user_id = $1 AND f.seq < $4 AND f.state <> 'uploading'"
      " AND ($2 = '' OR starts_with(f.media_type, $2)) AND ($3 = '' OR f.purpose = $3)"
      " ORDER BY f.seq DESC LIMIT $5",
      user_id, type_prefix, purpose, before, limit);
}

void SetReceived(postgres::Transaction& tx, const uuid::Uuid& id, int64_t received) {
  tx.Queue("UPDATE file_files SET received = $2 WHERE id = $1", id, received);
}

void SetChecking(postgres::Transaction& tx, const uuid::Uuid& id, absl::Time now) {
  tx.Queue(
      "UPDATE file_files SET state = 'checking', created_at = $2, check_at = $2,"
      " expires_at = NULL WHERE id = $1",
      id, now);
}

absl::StatusOr<std::optional<FileRow>> ClaimCheck(postgres::Transaction& tx,
                                                  std::optional<uuid::Uuid> id, absl::Time now,
                                                  absl::Time until) {
  return tx.QueryOne<FileRow>(
      "WITH due AS (SELECT id FROM file_files WHERE state = 'checking' AND check_at <= $2"
      " AND ($1::uuid IS NULL OR id = $1) ORDER BY check_at LIMIT 1 FOR UPDATE SKIP LOCKED),"
      " f AS (UPDATE file_files SET check_at = $3, checks = checks + 1 FROM due"
      " WHERE file_files.id = due.id RETURNING file_files.*)"
      " SELECT " FILE_COLUMNS " FROM f LEFT JOIN file_contents c ON c.id = f.content_id",
      id, now, until);
}

void SetCheckAt(postgres::Transaction& tx, const uuid::Uuid& id, absl::Time at) {
  tx.Queue("UPDATE file_files SET check_at = $2 WHERE id = $1 AND state = 'checking'", id, at);
}

void SetReady(postgres::Transaction& tx, const uuid::Uuid& id, const Checked& checked) {
  tx.Queue(
      "UPDATE file_files SET state = 'ready', check_at = NULL, media_type = $2, verdict = $3,"
      " width = $4, height = $5, duration_ms = $6 WHERE id = $1",
      id, checked.media_type, checked.verdict, checked.width, checked.height, checked.duration_ms);
}

void SetMeasures(postgres::Transaction& tx, const uuid::Uuid& id, const Checked& checked) {
  tx.Queue("UPDATE file_files SET width = $2, height = $3, duration_ms = $4 WHERE id = $1", id,
           checked.width, checked.height, checked.duration_ms);
}

void SetRejected(postgres::Transaction& tx, const uuid::Uuid& id, std::string_view reason,
                 std::string_view verdict) {
  tx.Queue(
      "UPDATE file_files SET state = 'rejected', check_at = NULL, content_id = NULL, reason = $2,"
      " verdict = $3 WHERE id = $1",
      id, reason, verdict);
}

absl::StatusOr<std::optional<int64_t>> FindContent(postgres::Transaction& tx, int64_t user_id,
                                                   std::string_view sha256) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT id FROM file_contents WHERE user_id = $1 AND sha256 = $2",
                           user_id, BytesView{sha256}));
  return row.has_value() ? std::optional(std::get<0>(*row)) : std::nullopt;
}

void SetDigest(postgres::Transaction& tx, int64_t content_id, std::string_view sha256) {
  tx.Queue("UPDATE file_contents SET sha256 = $2 WHERE id = $1", content_id, BytesView{sha256});
}

void SetContent(postgres::Transaction& tx, const uuid::Uuid& id,
                std::optional<int64_t> content_id) {
  tx.Queue("UPDATE file_files SET content_id = $2 WHERE id = $1", id, content_id);
}

absl::StatusOr<bool> IsUsed(postgres::Transaction& tx, int64_t content_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<bool>("SELECT EXISTS (SELECT FROM file_files WHERE content_id = $1)",
                                     content_id));
  return std::get<0>(*row);
}

void DeleteFileRow(postgres::Transaction& tx, const uuid::Uuid& id) {
  tx.Queue("DELETE FROM file_files WHERE id = $1", id);
}

absl::StatusOr<std::vector<Expired>> ListExpired(postgres::Transaction& tx, absl::Time now,
                                                 int64_t limit) {
  return tx.Query<Expired>(
      "SELECT id, user_id FROM file_files WHERE state = 'uploading' AND expires_at <= $1"
      " ORDER BY expires_at LIMIT $2",
      now, limit);
}

absl::StatusOr<std::string> Secret(postgres::Transaction& tx, std::string_view name,
                                   std::string_view fresh) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<postgres::Bytes>("INSERT INTO file_secrets (name, secret) VALUES ($1, $2)"
                                   " ON CONFLICT (name) DO UPDATE SET secret = file_secrets.secret"
                                   " RETURNING secret",
                                   name, BytesView{fresh}));
  return std::get<0>(*row).value;
}

}  // namespace selfology::file::store
