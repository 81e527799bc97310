// How a picture is to be made of a picture, and the name that says so.
//
//   ASSIGN_OR_RETURN(VariantSpec spec, ReadSpec(request, "image/jpeg"));
//   spec.Name();                             // "800x600.inside.jpeg.q80"
//
// Two requests that ask for the same have the same name, so it is made once.
// Errors: INVALID_ARGUMENT naming the field. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "selfology/file/v1/file_service.pb.h"

namespace selfology::file {

inline constexpr int kMaxSide = 8192;       // Pixels, of what is made.
inline constexpr int kThumbnailSide = 320;  // Pixels.
inline constexpr std::string_view kThumbnail = "thumbnail";
inline constexpr std::string_view kPoster = "poster";

struct VariantSpec {
  int width = 0;   // 0: as the height asks, or as it is.
  int height = 0;  // 0: as the width asks, or as it is.
  bool cover = false;
  v1::PictureFormat format = v1::PICTURE_FORMAT_WEBP;
  int quality = 80;       // 0 for PNG, which has none.
  int64_t max_bytes = 0;  // 0: any.

  std::string Name() const;
  friend bool operator==(const VariantSpec&, const VariantSpec&) = default;
};

// What every picture gets: at most kThumbnailSide each way, WebP.
VariantSpec ThumbnailSpec();

// What every video gets besides: a frame as large as it is, WebP.
VariantSpec PosterSpec();

// media_type: the picture's own.
absl::StatusOr<VariantSpec> ReadSpec(const v1::ProcessFileRequest& request,
                                     std::string_view media_type);

std::string_view MediaTypeOf(v1::PictureFormat format);

}  // namespace selfology::file
