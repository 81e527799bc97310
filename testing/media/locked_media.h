// The locked ffmpeg and ffprobe, for tests that need videos: made while they run, so that none lies
// among the sources.
//
//   ASSIGN_OR_RETURN(std::string mp4, media::FromFfmpeg("-f lavfi -i testsrc2 -t 1", "a.mp4"));
//
// A target that depends on this library has the programs among its runfiles. Errors: NOT_FOUND when
// it does not; INVALID_ARGUMENT with what the program said. Threads: thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace selfology::media {

// What --file_ffmpeg takes.
absl::StatusOr<std::string> FfmpegPath();

// What it writes to a file of that name, when it is told so; arguments are quoted as for a shell.
absl::StatusOr<std::string> FromFfmpeg(std::string_view arguments, std::string_view name);

// What ffprobe says of all streams, of the format and of all tags, a line each: "codec_name=h264".
absl::StatusOr<std::string> Probed(std::string_view bytes);

}  // namespace selfology::media
