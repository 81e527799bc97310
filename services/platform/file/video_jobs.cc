#include "services/platform/file/video_jobs.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/queue/v1/job_types.pb.h"
#include "services/platform/file/job_files.h"
#include "services/platform/file/videos/video_commands.h"

namespace selfology::file {
namespace {

constexpr char kKind[] = "video_transcoding";

}  // namespace

absl::StatusOr<int> ReadLines(int height) {
  if (height == 0) return kUsualLines;
  if (height < kMinLines || height > kMaxLines) {
    return status::InvalidField("height",
                                absl::StrCat("must be 0, or ", kMinLines, " to ", kMaxLines));
  }
  return height;
}

void VideoJobs::AddTo(jobs::Worker& worker) {
  worker.On(kKind, [this](const Call& call, jobs::Job& job) { return Transcode(call, job); });
}

absl::StatusOr<jobs::Result> VideoJobs::Transcode(const Call& call, const jobs::Job& job) {
  queue::v1::VideoTranscoding wanted;
  RETURN_IF_ERROR(job.ReadPayload(wanted));
  ASSIGN_OR_RETURN(const int lines, ReadLines(wanted.height()));
  ASSIGN_OR_RETURN(const store::FileRow row, FileOfJob(call, files_, job, wanted.file_id()));
  ASSIGN_OR_RETURN(store::ObjectRow made, files_.MakeVideo(call, row, lines));
  return ResultOf({std::move(made)});
}

absl::StatusOr<int64_t> VideoJobs::Enqueue(const Call& call, const store::FileRow& file,
                                           int lines) {
  const std::string reference = absl::StrCat("video:", file.id.ToString(), ":", lines);
  queue::v1::EnqueueJobRequest request;
  request.set_idempotency_key(absl::StrCat("file:", reference));
  queue::v1::NewJob& job = *request.mutable_job();
  job.set_kind(kKind);
  job.set_user_id(file.user_id);
  job.set_reference(reference);
  job.set_announce(true);
  auto& payload = *job.mutable_payload()->mutable_fields();
  payload["file_id"].set_string_value(file.id.ToString());
  payload["height"].set_number_value(lines);
  ASSIGN_OR_RETURN(const queue::v1::EnqueueJobResponse response, queue_.EnqueueJob(call, request));
  return response.job().job_id();
}

}  // namespace selfology::file
