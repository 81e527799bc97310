// Starts ffmpeg or ffprobe locked up: see video_child.h for what it cannot do.
//
//   ASSIGN_OR_RETURN(const pid_t child, StartVideoProcess({.ffmpeg = "/usr/bin/ffmpeg",
//                                                          .program = "ffprobe", ...}));
//
// Errors: UNAVAILABLE, with "videos cannot be processed here: ..." when there is no such program, or
// the kernel cannot keep it from files: no fault of the video's. Threads: the process ends with the
// thread that started it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::file {

struct VideoProcess {
  std::string ffmpeg = {};   // Beside which all programs lie.
  std::string program = {};  // "ffmpeg" or "ffprobe".
  std::vector<std::string> words = {};
  absl::Duration cpu = absl::ZeroDuration();
  int64_t output_bytes = 0;
  int answer = -1;  // Descriptors: its standard output,
  int input = -1;   // what it has as kVideoInput,
  int output = -1;  // and as kVideoOutput.
};
absl::StatusOr<pid_t> StartVideoProcess(const VideoProcess& process);

absl::Status NoFfmpeg(std::string_view why);

}  // namespace selfology::file
