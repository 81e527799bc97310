#include "services/platform/file/picture_jobs.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/queue/v1/job_types.pb.h"
#include "services/platform/file/job_files.h"
#include "services/platform/file/pictures/variant_spec.h"

namespace selfology::file {
namespace {

constexpr int kMostSizes = 20;

absl::StatusOr<v1::PictureFormat> FormatOf(std::string_view word) {
  v1::PictureFormat format = v1::PICTURE_FORMAT_UNSPECIFIED;
  if (word.empty()) return format;
  if (word == "unspecified" || word != absl::AsciiStrToLower(word) ||
      !v1::PictureFormat_Parse(absl::StrCat("PICTURE_FORMAT_", absl::AsciiStrToUpper(word)),
                               &format)) {
    return status::InvalidField("format", "must be \"jpeg\", \"png\" or \"webp\"");
  }
  return format;
}

}  // namespace

void PictureJobs::AddTo(jobs::Worker& worker) {
  worker.On("image_optimization",
            [this](const Call& call, jobs::Job& job) { return Optimize(call, job); });
  worker.On("thumbnail_generation",
            [this](const Call& call, jobs::Job& job) { return MakeThumbnails(call, job); });
}

absl::StatusOr<jobs::Result> PictureJobs::Optimize(const Call& call, const jobs::Job& job) {
  queue::v1::ImageOptimization wanted;
  RETURN_IF_ERROR(job.ReadPayload(wanted));
  v1::ProcessFileRequest request;
  ASSIGN_OR_RETURN(const v1::PictureFormat format, FormatOf(wanted.format()));
  request.set_format(format);
  request.set_width(wanted.max_width());
  request.set_height(wanted.max_height());
  request.set_quality(wanted.quality());
  ASSIGN_OR_RETURN(const store::FileRow row, FileOfJob(call, files_, job, wanted.file_id()));
  ASSIGN_OR_RETURN(const VariantSpec spec, ReadSpec(request, row.media_type));
  ASSIGN_OR_RETURN(store::ObjectRow made, files_.MakeVariant(call, row, spec, spec.Name()));
  return ResultOf({std::move(made)});
}

absl::StatusOr<jobs::Result> PictureJobs::MakeThumbnails(const Call& call, const jobs::Job& job) {
  queue::v1::ThumbnailGeneration wanted;
  RETURN_IF_ERROR(job.ReadPayload(wanted));
  if (wanted.sizes_size() > kMostSizes) return status::InvalidField("sizes", "must be at most 20");
  for (const int size : wanted.sizes()) {
    if (size < 1 || size > kMaxSide) {
      return status::InvalidField("sizes", absl::StrCat("must be 1 to ", kMaxSide));
    }
  }
  ASSIGN_OR_RETURN(const store::FileRow row, FileOfJob(call, files_, job, wanted.file_id()));
  std::vector<store::ObjectRow> made;
  const auto make = [&](const VariantSpec& spec, std::string_view name) -> absl::Status {
    ASSIGN_OR_RETURN(store::ObjectRow object, files_.MakeVariant(call, row, spec, name));
    made.push_back(std::move(object));
    return absl::OkStatus();
  };
  if (wanted.sizes().empty()) RETURN_IF_ERROR(make(ThumbnailSpec(), kThumbnail));
  for (const int size : wanted.sizes()) {
    const VariantSpec spec{.width = size, .height = size};
    RETURN_IF_ERROR(make(spec, spec.Name()));
  }
  return ResultOf(made);
}

}  // namespace selfology::file
