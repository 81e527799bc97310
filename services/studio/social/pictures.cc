#include "services/studio/social/pictures.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/studio/social/limits.h"

namespace selfology::social {
namespace {

constexpr int kLongestSide = 2048;  // Pixels; platforms show no more.
constexpr size_t kMostBytes = 20'000'000;

bool Takes(const v1::PlatformLimits& limits, const std::string& media_type) {
  return std::find(limits.image_types().begin(), limits.image_types().end(), media_type) !=
         limits.image_types().end();
}

std::string Change(const file::v1::File& file, const file::v1::Variant& variant) {
  return absl::StrCat(file.name().empty() ? "the picture" : file.name(), ": ", variant.width(), "x",
                      variant.height(), " ", variant.media_type(), ", ", variant.size_bytes(),
                      " bytes; it was ", file.width(), "x", file.height(), " ", file.media_type(),
                      ", ", file.size_bytes(), " bytes");
}

// What the file service refuses for what it is has words for the person.
absl::Status Away(const absl::Status& failure) {
  if (absl::IsFailedPrecondition(failure)) return failure;
  observe::Warning("picture not handed out", {{"status", failure}});
  return absl::UnavailableError("the file service does not hand them out");
}

}  // namespace

absl::StatusOr<Pictures::Made> Pictures::Make(
    const Call& call, int64_t user_id, const google::protobuf::RepeatedPtrField<v1::Media>& media,
    v1::Platform platform) const {
  const v1::PlatformLimits& limits = LimitsOf(platform);
  Made made;
  for (const v1::Media& one : media) {
    file::v1::GetFileRequest request;
    request.set_user_id(user_id);
    request.set_file_id(one.file_id());
    const absl::StatusOr<file::v1::GetFileResponse> found = file_.GetFile(call, request);
    if (absl::IsNotFound(found.status())) {
      return absl::FailedPreconditionError("a picture is not there any more: choose another one");
    }
    if (!found.ok()) return Away(found.status());
    const file::v1::File& file = found->file();
    if (file.state() == file::v1::FILE_STATE_CHECKING) {
      return absl::UnavailableError("a picture is still being checked");
    }
    if (file.state() != file::v1::FILE_STATE_READY ||
        !absl::StartsWith(file.media_type(), "image/")) {
      return absl::FailedPreconditionError(absl::StrCat(
          file.name().empty() ? "a file" : file.name(), " is no picture: leave it out"));
    }
    file::v1::ProcessFileRequest process;
    process.set_user_id(user_id);
    process.set_file_id(one.file_id());
    process.set_width(kLongestSide);
    process.set_height(kLongestSide);
    process.set_fit(file::v1::FIT_INSIDE);
    process.set_quality(90);
    process.set_max_bytes(limits.max_image_bytes());
    // What is drawn stays sharp as PNG where it fits.
    process.set_format(
        file.media_type() == "image/png" && Takes(limits, "image/png") &&
                (limits.max_image_bytes() == 0 || file.size_bytes() <= limits.max_image_bytes())
            ? file::v1::PICTURE_FORMAT_PNG
            : file::v1::PICTURE_FORMAT_JPEG);
    const absl::StatusOr<file::v1::ProcessFileResponse> processed =
        file_.ProcessFile(call, process);
    if (!processed.ok()) return Away(processed.status());
    const file::v1::Variant& variant = processed->variant();
    Picture& picture = made.pictures.emplace_back();
    ASSIGN_OR_RETURN(picture.bytes, Read(call, user_id, one.file_id(), variant.variant()));
    picture.media_type = variant.media_type();
    picture.alt = one.alt();
    picture.width = variant.width();
    picture.height = variant.height();
    made.changes.push_back(Change(file, variant));
  }
  return made;
}

absl::StatusOr<std::string> Pictures::Read(const Call& call, int64_t user_id,
                                           const std::string& file_id,
                                           const std::string& variant) const {
  std::string bytes;
  for (;;) {
    file::v1::ReadFileRequest request;
    request.set_user_id(user_id);
    request.set_file_id(file_id);
    request.set_variant(variant);
    request.set_offset_bytes(static_cast<int64_t>(bytes.size()));
    const absl::StatusOr<file::v1::ReadFileResponse> piece = file_.ReadFile(call, request);
    if (!piece.ok()) return Away(piece.status());
    bytes += piece->content();
    if (static_cast<int64_t>(bytes.size()) >= piece->size_bytes()) return bytes;
    if (piece->content().empty() || bytes.size() > kMostBytes) {
      return absl::UnavailableError("a picture ends early");
    }
  }
}

}  // namespace selfology::social
