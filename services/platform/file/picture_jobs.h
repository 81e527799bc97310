// Jobs of the queue that make pictures of pictures: image_optimization and thumbnail_generation.
//
//   PictureJobs pictures(files);
//   pictures.AddTo(*worker);
//
// The result names what was made. A job that comes again makes nothing anew. Errors: INVALID_ARGUMENT
// and NOT_FOUND, FAILED_PRECONDITION with the reason for a file that is refused or no picture: dead
// letters; a file that is still being checked, the store and the database away: tried again. Threads:
// thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/jobs/worker.h"
#include "services/platform/file/files.h"

namespace selfology::file {

class PictureJobs {
 public:
  explicit PictureJobs(Files& files) : files_(files) {}  // Outlives it.

  void AddTo(jobs::Worker& worker);

  absl::StatusOr<jobs::Result> Optimize(const Call& call, const jobs::Job& job);
  absl::StatusOr<jobs::Result> MakeThumbnails(const Call& call, const jobs::Job& job);

 private:
  Files& files_;
};

}  // namespace selfology::file
