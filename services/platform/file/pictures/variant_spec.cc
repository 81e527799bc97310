#include "services/platform/file/pictures/variant_spec.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::file {
namespace {

constexpr int kQuality = 80;

v1::PictureFormat FormatFor(v1::PictureFormat asked, std::string_view media_type) {
  if (asked != v1::PICTURE_FORMAT_UNSPECIFIED) return asked;
  if (media_type == "image/jpeg") return v1::PICTURE_FORMAT_JPEG;
  if (media_type == "image/png") return v1::PICTURE_FORMAT_PNG;
  return v1::PICTURE_FORMAT_WEBP;
}

}  // namespace

std::string_view MediaTypeOf(v1::PictureFormat format) {
  switch (format) {
    case v1::PICTURE_FORMAT_JPEG:
      return "image/jpeg";
    case v1::PICTURE_FORMAT_PNG:
      return "image/png";
    default:
      return "image/webp";
  }
}

std::string VariantSpec::Name() const {
  std::string name = absl::StrCat(width, "x", height, cover ? ".cover." : ".inside.",
                                  MediaTypeOf(format).substr(6));
  if (quality > 0) absl::StrAppend(&name, ".q", quality);
  if (max_bytes > 0) absl::StrAppend(&name, ".max", max_bytes);
  return name;
}

VariantSpec ThumbnailSpec() { return {.width = kThumbnailSide, .height = kThumbnailSide}; }

VariantSpec PosterSpec() { return {}; }

absl::StatusOr<VariantSpec> ReadSpec(const v1::ProcessFileRequest& request,
                                     std::string_view media_type) {
  status::FieldViolations bad;
  for (const auto& [field, side] :
       {std::pair("width", request.width()), std::pair("height", request.height())}) {
    if (side < 0 || side > kMaxSide) bad.Add(field, absl::StrCat("must be 0 to ", kMaxSide));
  }
  if (request.fit() == v1::FIT_COVER && (request.width() == 0 || request.height() == 0)) {
    bad.Add("fit", "FIT_COVER needs width and height");
  } else if (!v1::Fit_IsValid(request.fit())) {
    bad.Add("fit", "must be a Fit");
  }
  if (!v1::PictureFormat_IsValid(request.format())) bad.Add("format", "must be a PictureFormat");
  if (request.quality() < 0 || request.quality() > 100) bad.Add("quality", "must be 0 to 100");
  if (request.max_bytes() < 0 || (request.max_bytes() > 0 && request.max_bytes() < 1024)) {
    bad.Add("max_bytes", "must be 0, or 1024 or more");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const v1::PictureFormat format = FormatFor(request.format(), media_type);
  return VariantSpec{.width = request.width(),
                     .height = request.height(),
                     .cover = request.fit() == v1::FIT_COVER,
                     .format = format,
                     .quality = format == v1::PICTURE_FORMAT_PNG ? 0
                                : request.quality() == 0         ? kQuality
                                                                 : request.quality(),
                     .max_bytes = request.max_bytes()};
}

}  // namespace selfology::file
