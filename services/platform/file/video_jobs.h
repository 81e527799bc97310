// Jobs of the queue that make videos of videos: video_transcoding.
//
//   VideoJobs videos(files, mesh.Peer("queue"));
//   videos.AddTo(*worker);                                    // of its own: one takes minutes
//   ASSIGN_OR_RETURN(int64_t job, videos.Enqueue(call, file, 720));
//
// The result names what was made. A job that comes again makes nothing anew. Errors: INVALID_ARGUMENT
// and NOT_FOUND, FAILED_PRECONDITION with the reason for a file that is refused, no video, or that
// takes too much: dead letters; a file that is still being checked, the store and the database away:
// tried again. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/jobs/worker.h"
#include "common/rpc/channel.h"
#include "selfology/queue/v1/queue_service_client.h"
#include "services/platform/file/files.h"

namespace selfology::file {

class VideoJobs {
 public:
  // files: outlives it.
  VideoJobs(Files& files, std::shared_ptr<rpc::Channel> queue)
      : files_(files), queue_(std::move(queue)) {}

  void AddTo(jobs::Worker& worker);
  absl::StatusOr<jobs::Result> Transcode(const Call& call, const jobs::Job& job);

  // Its number; of the same file and lines the same.
  absl::StatusOr<int64_t> Enqueue(const Call& call, const store::FileRow& file, int lines);

 private:
  Files& files_;
  queue::v1::QueueServiceClient queue_;
};

// 0 means the usual. INVALID_ARGUMENT naming "height".
absl::StatusOr<int> ReadLines(int height);

}  // namespace selfology::file
