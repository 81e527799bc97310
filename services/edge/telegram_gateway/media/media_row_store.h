// The table of media: what files there are, and how much of each is in the folder (media_files.h).
// Functions that return nothing are queued: they cost no round trip of their own. Errors: the
// transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/telegram/v1/dialog.pb.h"

namespace selfology::telegram_gateway {

namespace v1 = ::selfology::telegram::v1;

struct MediaRow {
  std::string media_id = {};
  int64_t user_id = 0;
  std::string kind = {};  // As a word: "photo".
  std::string file_name = {};
  std::string mime_type = {};
  int64_t size = 0;
  int64_t stored = 0;
  int32_t width = 0;
  int32_t height = 0;
  int64_t duration_ms = 0;
  std::string emoji = {};
  int64_t bot_id = 0;
  std::string telegram_file_id = {};
};

v1::ContentKind KindOf(const MediaRow& row);
v1::Media ToProto(const MediaRow& row);

namespace store {

// One that came with a message. Is it there already, it is as new, with Telegram's latest name of
// it.
void RememberMedia(postgres::Transaction& tx, const MediaRow& row, absl::Time now);
// One that is being made: the row, or that of the same user and key, which then is as new if it was
// made before `forget_before`.
absl::StatusOr<MediaRow> CreateMedia(postgres::Transaction& tx, const MediaRow& row,
                                     std::string_view idempotency_key, absl::Time now,
                                     absl::Time forget_before);
absl::StatusOr<std::optional<MediaRow>> ReadMedia(postgres::Transaction& tx,
                                                  std::string_view media_id);
// Those of them that there are, in any order.
absl::StatusOr<std::vector<MediaRow>> ReadMedia(postgres::Transaction& tx,
                                                const std::vector<std::string>& media_ids);
// So many bytes are safe on disk. How many were noted then, at least these; nullopt: it is gone.
absl::StatusOr<std::optional<int64_t>> NoteStored(postgres::Transaction& tx,
                                                  std::string_view media_id, int64_t stored);
// The folder has fewer bytes than was noted.
void NoteLost(postgres::Transaction& tx, std::string_view media_id, int64_t stored);
// All of it is safe on disk. False: it is gone.
absl::StatusOr<bool> NoteFetched(postgres::Transaction& tx, std::string_view media_id,
                                 int64_t size);
// Of all together.
absl::StatusOr<int64_t> StoredMedia(postgres::Transaction& tx);
// So many bytes, or all there are, of what this bot can fetch from Telegram again are no longer
// noted as stored, the oldest first; the rows as they were.
absl::StatusOr<std::vector<MediaRow>> DropFetched(postgres::Transaction& tx, int64_t bytes);
// Telegram has it under this name.
void NoteFileId(postgres::Transaction& tx, std::string_view media_id, int64_t bot_id,
                std::string_view telegram_file_id);
// Those that were made before `before` and that no waiting message needs; how many.
absl::StatusOr<int64_t> ForgetMedia(postgres::Transaction& tx, absl::Time before);

}  // namespace store
}  // namespace selfology::telegram_gateway
