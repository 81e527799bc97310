// Videos are looked at and made by ffmpeg, in processes that are locked up (video_child.h): whatever a
// stranger's bytes do to a decoder, the process that serves, and what it keeps, stay as they were.
//
//   ASSIGN_OR_RETURN(WorkFile input, videos.NewFile());
//   RETURN_IF_ERROR(input.Add(bytes)); ...
//   ASSIGN_OR_RETURN(VideoLook look, videos.LookAt(call, input));
//   ASSIGN_OR_RETURN(std::string png, videos.Poster(call, input, look));
//   ASSIGN_OR_RETURN(MadeVideo made, videos.Transcode(call, input, look, 720));
//
// Errors: FAILED_PRECONDITION with a reason for the owner: the video is refused, damaged, or took too
// much memory or time. UNAVAILABLE: there is no ffmpeg that works, or all slots stay taken.
// RESOURCE_EXHAUSTED: the disk is full. CANCELLED: the caller is gone. Threads: thread-safe; a WorkFile
// is one thread's at a time.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "services/platform/file/videos/work_file.h"

namespace selfology::file {

struct VideoLook {
  int width = 0;  // Pixels, as it is to be seen; 0: it is only heard.
  int height = 0;
  absl::Duration length = absl::ZeroDuration();
};

struct MadeVideo {
  WorkFile bytes;
  VideoLook look = {};
};

class Videos {
 public:
  struct Options {
    std::string ffmpeg = {};  // The program, beside which ffprobe lies; empty: there is none.
    std::string folder = {};  // For what is worked on, up to 1 GB of each.
    int at_once = 2;          // Processes.
    absl::Duration patience = absl::Minutes(5);  // With each, beside what a long video takes.
  };
  explicit Videos(Options options) : free_(options.at_once), options_(std::move(options)) {}

  // Whether there is an ffmpeg, and a kernel that can lock it up.
  bool available() const;
  // Whether it works: UNAVAILABLE says why not. Once it did it is not tried again.
  absl::Status Try(const Call& call);

  absl::StatusOr<WorkFile> NewFile() const { return WorkFile::Make(options_.folder); }

  absl::StatusOr<VideoLook> LookAt(const Call& call, const WorkFile& input);
  // A frame from near its beginning, as PNG.
  absl::StatusOr<std::string> Poster(const Call& call, const WorkFile& input,
                                     const VideoLook& look);
  absl::StatusOr<MadeVideo> Transcode(const Call& call, const WorkFile& input,
                                      const VideoLook& look, int lines);

 private:
  struct Task {
    const char* program;
    std::vector<std::string> words;
    absl::Duration cpu;
    absl::Duration patience;
    int64_t output_bytes = 0;
  };
  // What it said on standard output. `input` may be empty.
  absl::StatusOr<std::string> Run(const Call& call, const Task& task, const WorkFile& input,
                                  const WorkFile& output);

  absl::Mutex mutex_;
  int free_ ABSL_GUARDED_BY(mutex_);
  bool works_ ABSL_GUARDED_BY(mutex_) = false;
  const Options options_;
};

}  // namespace selfology::file
