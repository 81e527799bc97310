// SQL of files, their contents and how much a person has; see migrations/. object_rows.h has
// the rest. Functions that return nothing are queued. Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "common/uuid/uuid.h"
#include "selfology/file/v1/file.pb.h"

namespace selfology::file::store {

inline constexpr std::string_view kUploading = "uploading";
inline constexpr std::string_view kChecking = "checking";
inline constexpr std::string_view kReady = "ready";
inline constexpr std::string_view kRejected = "rejected";

struct FileRow {
  uuid::Uuid id = {};
  int64_t seq = 0;
  int64_t user_id = 0;
  std::optional<int64_t> content_id = std::nullopt;
  std::string name = {};
  std::string purpose = {};
  std::string state = {};
  int64_t length = 0;
  int64_t received = 0;
  std::string media_type = {};
  std::optional<postgres::Bytes> sha256 = std::nullopt;
  std::string reason = {};
  std::string verdict = {};
  int32_t width = 0;
  int32_t height = 0;
  absl::Time created_at = absl::InfinitePast();
  std::optional<absl::Time> expires_at = std::nullopt;
  int32_t checks = 0;
  bool part = false;
  int32_t duration_ms = 0;
};

v1::File ToProto(const FileRow& row);
v1::Upload ToUpload(const FileRow& row);

// Whoever changes a person's files takes this first. Gives the bytes that count against the quota; 0
// for somebody without files, of whom it leaves nothing behind.
absl::StatusOr<int64_t> LockPerson(postgres::Transaction& tx, int64_t user_id);
// The same for somebody who may have had none until now.
absl::StatusOr<int64_t> LockNewPerson(postgres::Transaction& tx, int64_t user_id);
// Up or down.
void AddUsage(postgres::Transaction& tx, int64_t user_id, int64_t bytes);

struct Totals {
  int64_t used_bytes = 0;
  int64_t uploads = 0;
};
absl::StatusOr<Totals> ReadTotals(postgres::Transaction& tx, int64_t user_id);
struct KindTotal {
  std::string kind = {};
  int64_t files = 0;
  int64_t bytes = 0;
};
absl::StatusOr<std::vector<KindTotal>> ReadKinds(postgres::Transaction& tx, int64_t user_id);
absl::StatusOr<int64_t> CountUploads(postgres::Transaction& tx, int64_t user_id);

struct NewFile {
  uuid::Uuid id = {};
  int64_t user_id = 0;
  std::string key = {};
  std::string name = {};
  std::string purpose = {};
  int64_t length = 0;
  absl::Time now = absl::InfinitePast();
  absl::Time expires_at = absl::InfinitePast();
  bool part = false;
};
absl::StatusOr<FileRow> AddFile(postgres::Transaction& tx, const NewFile& file);

absl::StatusOr<std::optional<FileRow>> FindByKey(postgres::Transaction& tx, int64_t user_id,
                                                 std::string_view key);
absl::StatusOr<std::optional<FileRow>> FindFile(postgres::Transaction& tx, int64_t user_id,
                                                const uuid::Uuid& id);
// Of whomever: for links and checks.
absl::StatusOr<std::optional<FileRow>> FindAnyFile(postgres::Transaction& tx, const uuid::Uuid& id);

// Newest first, of lower seq than `before`, those without a whole content left out.
absl::StatusOr<std::vector<FileRow>> ListFiles(postgres::Transaction& tx, int64_t user_id,
                                               std::string_view type_prefix,
                                               std::string_view purpose, int64_t before,
                                               int64_t limit);

void SetReceived(postgres::Transaction& tx, const uuid::Uuid& id, int64_t received);
void SetChecking(postgres::Transaction& tx, const uuid::Uuid& id, absl::Time now);

// One that is due and that nobody checks, until `until`; with an id: that one. nullopt: none.
absl::StatusOr<std::optional<FileRow>> ClaimCheck(postgres::Transaction& tx,
                                                  std::optional<uuid::Uuid> id, absl::Time now,
                                                  absl::Time until);
void SetCheckAt(postgres::Transaction& tx, const uuid::Uuid& id, absl::Time at);

struct Checked {
  std::string media_type = {};
  std::string verdict = {};
  int32_t width = 0;
  int32_t height = 0;
  int32_t duration_ms = 0;
};
void SetReady(postgres::Transaction& tx, const uuid::Uuid& id, const Checked& checked);
// Of one that is ready, width, height and length.
void SetMeasures(postgres::Transaction& tx, const uuid::Uuid& id, const Checked& checked);
void SetRejected(postgres::Transaction& tx, const uuid::Uuid& id, std::string_view reason,
                 std::string_view verdict);

// The person's content with these bytes, if there is one.
absl::StatusOr<std::optional<int64_t>> FindContent(postgres::Transaction& tx, int64_t user_id,
                                                   std::string_view sha256);
void SetDigest(postgres::Transaction& tx, int64_t content_id, std::string_view sha256);
void SetContent(postgres::Transaction& tx, const uuid::Uuid& id, std::optional<int64_t> content_id);
absl::StatusOr<bool> IsUsed(postgres::Transaction& tx, int64_t content_id);

void DeleteFileRow(postgres::Transaction& tx, const uuid::Uuid& id);
struct Expired {
  uuid::Uuid id = {};
  int64_t user_id = 0;
};
absl::StatusOr<std::vector<Expired>> ListExpired(postgres::Transaction& tx, absl::Time now,
                                                 int64_t limit);

// The secret of that name; made of `fresh` where there is none yet.
absl::StatusOr<std::string> Secret(postgres::Transaction& tx, std::string_view name,
                                   std::string_view fresh);

}  // namespace selfology::file::store
