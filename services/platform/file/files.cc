#include "services/platform/file/files.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/events/outbox.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/file.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/file/digest.h"

namespace selfology::file {
namespace {

using postgres::Transaction;
using store::FileRow;

// Up to here a file is checked while its sender waits.
constexpr int64_t kCheckedAtOnce = kMaxPiece;

absl::Status OtherOffset(int64_t offset) {
  return status::Error(mesh::v1::ERROR_CODE_VERSION_CONFLICT,
                       "the piece does not begin where the upload is",
                       {{"offset", absl::StrCat(offset)}});
}

absl::Status OverQuota(int64_t quota) {
  return absl::ResourceExhaustedError(absl::StrCat("the quota of ", quota, " bytes is used up"));
}

}  // namespace

std::string NewKey() {
  uuid::Uuid::Bytes bytes;
  const std::string random = crypto::RandomBytes(bytes.size());
  std::copy(random.begin(), random.end(), bytes.begin());
  return KeyOf(uuid::Uuid(bytes));
}

absl::Status NoSuchFile() { return absl::NotFoundError("no such file"); }

Files::Files(Around around)
    : around_(std::move(around)),
      received_(around_.metrics.Counter("file_received_bytes_total", "Bytes of files received")),
      sent_(around_.metrics.Counter("file_sent_bytes_total", "Bytes of files sent")) {}

absl::StatusOr<FileRow> Files::Begin(const Call& call, const Beginning& beginning) {
  if (beginning.length > around_.limits.max_file_bytes) {
    return status::InvalidField("length_bytes",
                                absl::StrCat("must be at most ", around_.limits.max_file_bytes));
  }
  absl::BitGen random;
  const absl::Time now = around_.clock();
  return around_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<FileRow> {
    ASSIGN_OR_RETURN(const int64_t used, store::LockNewPerson(tx, beginning.user_id));
    ASSIGN_OR_RETURN(std::optional<FileRow> before,
                     store::FindByKey(tx, beginning.user_id, beginning.key));
    if (before.has_value()) return *std::move(before);
    // No sum, which could overflow.
    if (beginning.length > around_.limits.quota_bytes - used) {
      return OverQuota(around_.limits.quota_bytes);
    }
    ASSIGN_OR_RETURN(const int64_t uploads, store::CountUploads(tx, beginning.user_id));
    if (uploads >= kMaxUploads) {
      return absl::ResourceExhaustedError(
          absl::StrCat("there are ", kMaxUploads, " unfinished uploads"));
    }
    store::AddUsage(tx, beginning.user_id, beginning.length);
    ASSIGN_OR_RETURN(FileRow row,
                     store::AddFile(tx, {.id = uuid::V7(now, random),
                                         .user_id = beginning.user_id,
                                         .key = beginning.key,
                                         .name = beginning.name,
                                         .purpose = beginning.purpose,
                                         .length = beginning.length,
                                         .now = now,
                                         .expires_at = now + around_.limits.upload_life,
                                         .part = beginning.part}));
    if (row.length == 0 && !row.part) {
      store::SetChecking(tx, row.id, now);
      row.state = store::kChecking;
    }
    return row;
  });
}

absl::StatusOr<FileRow> Files::Append(const Call& call, int64_t user_id, const uuid::Uuid& id,
                                      int64_t offset, std::string_view bytes) {
  ASSIGN_OR_RETURN(FileRow row, Find(call, user_id, id));
  if (row.state == store::kUploading && row.expires_at <= around_.clock()) return NoSuchFile();
  const auto size = static_cast<int64_t>(bytes.size());
  if (offset < 0 || offset > row.length || size > row.length - offset) {
    return status::InvalidField("content", "must end where the announced length ends, or before");
  }
  // A piece that came before, whose answer was lost.
  const bool again = offset < row.received && offset + size <= row.received;
  if (row.state == store::kUploading && !again && size > 0) {
    if (offset != row.received) return OtherOffset(row.received);
    RETURN_IF_ERROR(KeepPiece(call, row, offset, bytes));
    ASSIGN_OR_RETURN(row, Find(call, user_id, id));
  }
  if (row.state == store::kChecking && row.length <= kCheckedAtOnce) {
    // If it cannot be checked now, it is later.
    const absl::StatusOr<bool> checked = CheckNext(call, id);
    if (checked.value_or(false)) return Find(call, user_id, id);
  }
  return row;
}

absl::Status Files::KeepPiece(const Call& call, const FileRow& row, int64_t offset,
                              std::string_view bytes) {
  const absl::Time now = around_.clock();
  const store::ObjectRow object = {.key = NewKey(),
                                   .user_id = row.user_id,
                                   .content_id = *row.content_id,
                                   .begins = offset,
                                   .size = static_cast<int64_t>(bytes.size()),
                                   .sha256 = {Sha256::Of(bytes)},
                                   .made_at = now};
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(store::LockPerson(tx, row.user_id).status());
    ASSIGN_OR_RETURN(const std::optional<FileRow> current,
                     store::FindFile(tx, row.user_id, row.id));
    if (!current.has_value() || current->state != store::kUploading) return NoSuchFile();
    if (current->received != offset) return OtherOffset(current->received);
    ASSIGN_OR_RETURN(const std::vector<Piece> pieces,
                     store::ReadPieces(tx, *current->content_id, ""));
    if (static_cast<int64_t>(pieces.size()) >= kMaxPieces) {
      return absl::FailedPreconditionError(
          absl::StrCat("an upload has at most ", kMaxPieces, " pieces"));
    }
    store::AddPending(tx, object);
    return absl::OkStatus();
  }));
  RETURN_IF_ERROR(around_.objects.Put(call, object.key, bytes));
  // Of two that came at once one counts.
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(store::LockPerson(tx, row.user_id).status());
    ASSIGN_OR_RETURN(const std::optional<FileRow> current,
                     store::FindFile(tx, row.user_id, row.id));
    if (!current.has_value() || current->state != store::kUploading) return NoSuchFile();
    if (current->received != offset) return OtherOffset(current->received);
    ASSIGN_OR_RETURN(const bool there, store::MarkStored(tx, object.key));
    if (!there) return NoSuchFile();
    const int64_t received = offset + object.size;
    store::SetReceived(tx, row.id, received);
    if (received == row.length && !row.part) store::SetChecking(tx, row.id, around_.clock());
    return absl::OkStatus();
  }));
  received_.Increment(static_cast<double>(bytes.size()));
  return absl::OkStatus();
}

absl::StatusOr<FileRow> Files::Concatenate(const Call& call, const Beginning& beginning,
                                           const std::vector<uuid::Uuid>& parts) {
  absl::BitGen random;
  const absl::Time now = around_.clock();
  ASSIGN_OR_RETURN(
      FileRow whole, around_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<FileRow> {
        RETURN_IF_ERROR(store::LockPerson(tx, beginning.user_id).status());
        std::vector<FileRow> rows;
        int64_t length = 0;
        int64_t pieces = 0;
        for (const uuid::Uuid& id : parts) {
          ASSIGN_OR_RETURN(std::optional<FileRow> row, store::FindFile(tx, beginning.user_id, id));
          const bool is_part =
              row.has_value() && row->part && row->state == store::kUploading &&
              std::none_of(rows.begin(), rows.end(), [&](const FileRow& r) { return r.id == id; });
          if (!is_part) return NoSuchFile();
          if (row->received != row->length) {
            return absl::FailedPreconditionError("a part is not complete yet");
          }
          ASSIGN_OR_RETURN(const std::vector<Piece> of_part,
                           store::ReadPieces(tx, *row->content_id, ""));
          pieces += static_cast<int64_t>(of_part.size());
          length += row->length;
          rows.push_back(*std::move(row));
        }
        if (length > around_.limits.max_file_bytes) {
          return status::InvalidField(
              "length_bytes", absl::StrCat("must be at most ", around_.limits.max_file_bytes));
        }
        if (pieces > kMaxPieces) {
          return absl::FailedPreconditionError(
              absl::StrCat("an upload has at most ", kMaxPieces, " pieces"));
        }
        ASSIGN_OR_RETURN(FileRow row,
                         store::AddFile(tx, {.id = uuid::V7(now, random),
                                             .user_id = beginning.user_id,
                                             .key = beginning.key,
                                             .name = beginning.name,
                                             .purpose = beginning.purpose,
                                             .length = length,
                                             .now = now,
                                             .expires_at = now + around_.limits.upload_life}));
        // What the parts took of the quota is now the whole's.
        int64_t begin = 0;
        for (const FileRow& part : rows) {
          store::MovePieces(tx, *part.content_id, *row.content_id, begin);
          store::DeleteFileRow(tx, part.id);
          RETURN_IF_ERROR(store::DoomContent(tx, *part.content_id, now).status());
          begin += part.length;
        }
        store::SetReceived(tx, row.id, length);
        store::SetChecking(tx, row.id, now);
        row.received = length;
        row.state = store::kChecking;
        return row;
      }));
  if (whole.length <= kCheckedAtOnce) {
    const absl::StatusOr<bool> checked = CheckNext(call, whole.id);
    if (checked.value_or(false)) return Find(call, beginning.user_id, whole.id);
  }
  return whole;
}

absl::StatusOr<FileRow> Files::Find(const Call& call, int64_t user_id, const uuid::Uuid& id) {
  ASSIGN_OR_RETURN(std::optional<FileRow> row, around_.database.Write(call, [&](Transaction& tx) {
    return store::FindFile(tx, user_id, id);
  }));
  if (!row.has_value()) return NoSuchFile();
  return *std::move(row);
}

absl::StatusOr<FileRow> Files::FindAny(const Call& call, const uuid::Uuid& id) {
  ASSIGN_OR_RETURN(std::optional<FileRow> row, around_.database.Read(call, [&](Transaction& tx) {
    return store::FindAnyFile(tx, id);
  }));
  if (!row.has_value()) return NoSuchFile();
  return *std::move(row);
}

absl::StatusOr<bool> Files::Delete(const Call& call, int64_t user_id, const uuid::Uuid& id) {
  return around_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<bool> {
    RETURN_IF_ERROR(store::LockPerson(tx, user_id).status());
    ASSIGN_OR_RETURN(const std::optional<FileRow> row, store::FindFile(tx, user_id, id));
    if (!row.has_value()) return false;
    store::DeleteFileRow(tx, id);
    if (row->content_id.has_value()) {
      ASSIGN_OR_RETURN(const bool used, store::IsUsed(tx, *row->content_id));
      if (!used) {
        ASSIGN_OR_RETURN(const int64_t freed,
                         store::DoomContent(tx, *row->content_id, around_.clock()));
        store::AddUsage(tx, user_id, -freed);
      }
    }
    if (row->state != store::kReady) return true;
    events::v1::FileDeleted event;
    event.set_user_id(user_id);
    event.set_file_id(id.ToString());
    event.set_size_bytes(row->length);
    event.set_purpose(row->purpose);
    RETURN_IF_ERROR(events::Publish(tx, event));
    return true;
  });
}

absl::StatusOr<std::string> Files::SecretOf(const Call& call, const std::string& name) {
  {
    absl::MutexLock lock(&mutex_);
    if (const auto at = secrets_.find(name); at != secrets_.end()) return at->second;
  }
  const std::string fresh = crypto::RandomBytes(32);
  ASSIGN_OR_RETURN(const std::string secret, around_.database.Write(call, [&](Transaction& tx) {
    return store::Secret(tx, name, fresh);
  }));
  absl::MutexLock lock(&mutex_);
  secrets_[name] = secret;
  return secret;
}

}  // namespace selfology::file
