// The part of Files that reads, and makes pictures of what is there.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/platform/file/digest.h"
#include "services/platform/file/files.h"
#include "services/platform/file/media_types.h"

namespace selfology::file {
namespace {

using postgres::Transaction;
using store::FileRow;

absl::Status NotReady(const FileRow& file) {
  return absl::FailedPreconditionError(file.state == store::kRejected
                                           ? absl::StrCat("the file was refused: ", file.reason)
                                           : "the file is not ready yet");
}

}  // namespace

absl::StatusOr<Files::Readable> Files::Open(const Call& call, const FileRow& file,
                                            std::string_view variant) {
  if (file.state != store::kReady) return NotReady(file);
  Readable readable{.size = file.length, .media_type = file.media_type};
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    if (!variant.empty()) {
      ASSIGN_OR_RETURN(const std::optional<store::ObjectRow> row,
                       store::FindVariant(tx, *file.content_id, variant));
      if (!row.has_value()) return absl::NotFoundError("no such variant");
      readable.pieces = {{.key = row->key, .begins = 0, .size = row->size}};
      readable.size = row->size;
      readable.media_type = row->media_type;
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(readable.pieces, store::ReadPieces(tx, *file.content_id, ""));
    return absl::OkStatus();
  }));
  return readable;
}

absl::StatusOr<std::string> Files::Read(const Call& call, const Readable& readable, int64_t offset,
                                        int64_t limit) {
  std::string bytes;
  for (const Slice& slice : SlicesOf(readable.pieces, offset, limit)) {
    ASSIGN_OR_RETURN(const std::string some,
                     around_.objects.Get(call, slice.key, slice.offset, slice.size));
    if (static_cast<int64_t>(some.size()) != slice.size) {
      return absl::UnavailableError("an object is shorter than it was");
    }
    bytes += some;
  }
  return bytes;
}

absl::StatusOr<PictureBytes> Files::Load(const Call& call, const Readable& readable) {
  ASSIGN_OR_RETURN(PictureBytes picture, PictureBytes::Make());
  for (int64_t offset = 0; offset < readable.size; offset += kStep) {
    ASSIGN_OR_RETURN(const std::string bytes, Read(call, readable, offset, kStep));
    RETURN_IF_ERROR(picture.Add(bytes));
  }
  return picture;
}

absl::StatusOr<store::ObjectRow> Files::MakeVariant(const Call& call, const FileRow& file,
                                                    const VariantSpec& spec,
                                                    std::string_view name) {
  if (file.state != store::kReady) return NotReady(file);
  if (!IsPicture(file.media_type) || file.width == 0) {
    return absl::FailedPreconditionError("the file is no picture that can be resized");
  }
  ASSIGN_OR_RETURN(std::optional<store::ObjectRow> before,
                   around_.database.Write(call, [&](Transaction& tx) {
                     return store::FindVariant(tx, *file.content_id, name);
                   }));
  if (before.has_value()) return *std::move(before);
  ASSIGN_OR_RETURN(const Readable readable, Open(call, file, ""));
  ASSIGN_OR_RETURN(const PictureBytes picture, Load(call, readable));
  ASSIGN_OR_RETURN(const Made made, around_.pictures.Make(call, picture, spec));
  return KeepVariant(call, file, name, spec, made);
}

absl::StatusOr<store::ObjectRow> Files::KeepVariant(const Call& call, const FileRow& file,
                                                    std::string_view name, const VariantSpec& spec,
                                                    const Made& made) {
  const store::ObjectRow object = {
      .key = NewKey(),
      .user_id = file.user_id,
      .content_id = *file.content_id,
      .variant = std::string(name),
      .size = static_cast<int64_t>(made.bytes.size()),
      .sha256 = {Sha256::Of(made.bytes)},
      .media_type = std::string(MediaTypeOf(spec.format)),
      .width = made.width,
      .height = made.height,
      // As PostgreSQL keeps it.
      .made_at = absl::FromUnixMicros(absl::ToUnixMicros(around_.clock()))};
  const auto still_there = [&](Transaction& tx) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(const int64_t used, store::LockPerson(tx, file.user_id));
    ASSIGN_OR_RETURN(const std::optional<FileRow> current,
                     store::FindFile(tx, file.user_id, file.id));
    if (!current.has_value() || current->content_id != file.content_id) return NoSuchFile();
    return used;
  };
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t used, still_there(tx));
    if (object.size > around_.limits.quota_bytes - used) {
      return absl::ResourceExhaustedError("the quota is used up");
    }
    store::AddPending(tx, object);
    return absl::OkStatus();
  }));
  RETURN_IF_ERROR(around_.objects.Put(call, object.key, made.bytes));
  return around_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<store::ObjectRow> {
    RETURN_IF_ERROR(still_there(tx).status());
    ASSIGN_OR_RETURN(std::optional<store::ObjectRow> other,
                     store::FindVariant(tx, *file.content_id, name));
    if (other.has_value()) {  // Made by somebody else meanwhile.
      store::DoomObject(tx, object.key, around_.clock());
      return *std::move(other);
    }
    ASSIGN_OR_RETURN(const bool there, store::MarkStored(tx, object.key));
    if (!there) return NoSuchFile();
    store::AddUsage(tx, file.user_id, object.size);
    return object;
  });
}

}  // namespace selfology::file
