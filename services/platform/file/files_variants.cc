// The part of Files that keeps what was made of them.
#include <algorithm>
#include <utility>

#include "common/status/status_macros.h"
#include "services/platform/file/digest.h"
#include "services/platform/file/files.h"

namespace selfology::file {
namespace {

using postgres::Transaction;
using store::FileRow;

}  // namespace

absl::StatusOr<store::ObjectRow> Files::KeepPicture(const Call& call, const FileRow& file,
                                                    std::string_view name, const VariantSpec& spec,
                                                    const Made& made) {
  return KeepVariant(call, file,
                     {.variant = std::string(name),
                      .size = static_cast<int64_t>(made.bytes.size()),
                      .media_type = std::string(MediaTypeOf(spec.format)),
                      .width = made.width,
                      .height = made.height},
                     [&made](int64_t offset, int64_t size) -> absl::StatusOr<std::string> {
                       return made.bytes.substr(offset, size);
                     });
}

absl::StatusOr<store::ObjectRow> Files::KeepVariant(const Call& call, const FileRow& file,
                                                    store::ObjectRow whole, const Source& source) {
  whole.user_id = file.user_id;
  whole.content_id = *file.content_id;
  // As PostgreSQL keeps it.
  whole.made_at = absl::FromUnixMicros(absl::ToUnixMicros(around_.clock()));
  std::vector<store::ObjectRow> pieces;
  for (int64_t begins = 0; begins < whole.size; begins += around_.limits.object_bytes) {
    store::ObjectRow& piece = pieces.emplace_back(whole);
    piece.key = NewKey();
    piece.begins = begins;
    piece.size = std::min(around_.limits.object_bytes, whole.size - begins);
    ASSIGN_OR_RETURN(const std::string bytes, source(begins, piece.size));
    piece.sha256 = {Sha256::Of(bytes)};
  }
  const auto still_there = [&](Transaction& tx) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(const int64_t used, store::LockPerson(tx, file.user_id));
    ASSIGN_OR_RETURN(const std::optional<FileRow> current,
                     store::FindFile(tx, file.user_id, file.id));
    if (!current.has_value() || current->content_id != file.content_id) return NoSuchFile();
    return used;
  };
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t used, still_there(tx));
    if (whole.size > around_.limits.quota_bytes - used) {
      return absl::ResourceExhaustedError("the quota is used up");
    }
    for (const store::ObjectRow& piece : pieces) store::AddPending(tx, piece);
    return absl::OkStatus();
  }));
  for (const store::ObjectRow& piece : pieces) {
    ASSIGN_OR_RETURN(const std::string bytes, source(piece.begins, piece.size));
    RETURN_IF_ERROR(around_.objects.Put(call, piece.key, bytes));
  }
  return around_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<store::ObjectRow> {
    RETURN_IF_ERROR(still_there(tx).status());
    ASSIGN_OR_RETURN(std::optional<store::ObjectRow> other,
                     store::FindVariant(tx, *file.content_id, whole.variant));
    for (const store::ObjectRow& piece : pieces) {
      if (other.has_value()) {  // Made by somebody else meanwhile.
        store::DoomObject(tx, piece.key, around_.clock());
        continue;
      }
      ASSIGN_OR_RETURN(const bool there, store::MarkStored(tx, piece.key));
      if (!there) return NoSuchFile();
    }
    if (other.has_value()) return *std::move(other);
    store::AddUsage(tx, file.user_id, whole.size);
    return whole;
  });
}

}  // namespace selfology::file
