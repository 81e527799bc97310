// The part of Files that reads, and makes pictures and videos of what is there.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/platform/file/files.h"
#include "services/platform/file/media_types.h"
#include "services/platform/file/videos/video_commands.h"

namespace selfology::file {
namespace {

using postgres::Transaction;
using store::FileRow;

absl::Status NotReady(const FileRow& file) {
  return absl::FailedPreconditionError(file.state == store::kRejected
                                           ? absl::StrCat("the file was refused: ", file.reason)
                                           : "the file is not ready yet");
}

absl::Status NoVideo() {
  return absl::FailedPreconditionError("the file is no video that can be processed");
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
      ASSIGN_OR_RETURN(readable.pieces, store::ReadPieces(tx, *file.content_id, variant));
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
  const bool is_video = IsVideo(file.media_type);
  if ((!IsPicture(file.media_type) && !is_video) || file.width == 0) {
    return absl::FailedPreconditionError("the file is no picture that can be resized");
  }
  ASSIGN_OR_RETURN(std::optional<store::ObjectRow> before, FindVariant(call, file, name));
  if (before.has_value()) return *std::move(before);
  const absl::StatusOr<Readable> readable = Open(call, file, is_video ? kPoster : "");
  if (is_video && absl::IsNotFound(readable.status())) {
    return absl::FailedPreconditionError("the video has no poster");
  }
  RETURN_IF_ERROR(readable.status());
  ASSIGN_OR_RETURN(const PictureBytes picture, Load(call, *readable));
  ASSIGN_OR_RETURN(const Made made, around_.pictures.Make(call, picture, spec));
  return KeepPicture(call, file, name, spec, made);
}

absl::StatusOr<std::optional<store::ObjectRow>> Files::FindVariant(const Call& call,
                                                                   const FileRow& file,
                                                                   std::string_view name) {
  return around_.database.Write(
      call, [&](Transaction& tx) { return store::FindVariant(tx, *file.content_id, name); });
}

absl::Status Files::CheckVideo(const FileRow& file) const {
  if (file.state != store::kReady) return NotReady(file);
  if (!around_.videos.available()) {
    return absl::FailedPreconditionError(
        "videos are kept as they are here: the service has no ffmpeg that it can run confined");
  }
  return IsVideo(file.media_type) ? absl::OkStatus() : NoVideo();
}

absl::StatusOr<store::ObjectRow> Files::MakeVideo(const Call& call, const FileRow& file,
                                                  int lines) {
  RETURN_IF_ERROR(CheckVideo(file));
  const std::string name = TranscodedName(lines);
  ASSIGN_OR_RETURN(std::optional<store::ObjectRow> before, FindVariant(call, file, name));
  if (before.has_value()) return *std::move(before);
  ASSIGN_OR_RETURN(const Readable readable, Open(call, file, ""));
  ASSIGN_OR_RETURN(WorkFile video, around_.videos.NewFile());
  for (int64_t offset = 0; offset < readable.size; offset += kStep) {
    ASSIGN_OR_RETURN(const std::string bytes, Read(call, readable, offset, kStep));
    RETURN_IF_ERROR(video.Add(bytes));
  }
  ASSIGN_OR_RETURN(const VideoLook look, around_.videos.LookAt(call, video));
  if (look.width == 0) return NoVideo();
  if (file.width == 0) RETURN_IF_ERROR(CatchUp(call, file, video));
  const absl::StatusOr<MadeVideo> made = around_.videos.Transcode(call, video, look, lines);
  around_.metrics
      .Counter("file_videos_total", "Videos transcoded, by outcome",
               {{"outcome", made.ok()                                   ? "made"
                            : absl::IsFailedPrecondition(made.status()) ? "refused"
                                                                        : "failed"}})
      .Increment();
  RETURN_IF_ERROR(made.status());
  around_.metrics.Counter("file_video_seconds_total", "Length of videos transcoded, in seconds")
      .Increment(absl::ToDoubleSeconds(made->look.length));
  ASSIGN_OR_RETURN(const int64_t size, made->bytes.Size());
  const WorkFile& bytes = made->bytes;
  return KeepVariant(
      call, file,
      {.variant = name,
       .size = size,
       .media_type = "video/mp4",
       .width = made->look.width,
       .height = made->look.height,
       .duration_ms = static_cast<int32_t>(absl::ToInt64Milliseconds(made->look.length))},
      [&bytes](int64_t offset, int64_t limit) { return bytes.Read(offset, limit); });
}

}  // namespace selfology::file
