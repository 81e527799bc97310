// What ffprobe and ffmpeg are asked about a video, and what their answers mean.
//
//   ASSIGN_OR_RETURN(const Probe probe, ReadProbe(answer_to_ProbeWords));
//   RETURN_IF_ERROR(CheckProbe(probe));                        // FAILED_PRECONDITION says why not
//   const std::vector<std::string> words = TranscodeWords(720);
//
// The programs have the video at descriptor kVideoInput, and write to kVideoOutput. Whatever the
// bytes claim to be, they are read as MP4, QuickTime, Matroska or WebM, and nothing that they name is
// opened: no playlists, no other files, no network.
// Threads: pure functions. Source: the manuals of ffmpeg 5.1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::file {

inline constexpr int kVideoInput = 3;
inline constexpr int kVideoOutput = 4;

inline constexpr int64_t kMaxVideoBytes = int64_t{500} * 1024 * 1024;
inline constexpr absl::Duration kMaxVideoLength = absl::Minutes(10);
inline constexpr int64_t kMaxVideoPixels = int64_t{4096} * 2304;  // Of a frame.
inline constexpr int kMinVideoSide = 16;                          // Pixels.
inline constexpr int kUsualLines = 720;
inline constexpr int kMinLines = 144;
inline constexpr int kMaxLines = 1080;

// FAILED_PRECONDITION, with a reason for the owner, above kMaxVideoBytes.
absl::Status CheckVideoSize(int64_t bytes);

// What ffprobe says.
struct Probe {
  std::string codec = {};  // Empty: it has no moving picture, perhaps sound.
  int width = 0;           // Pixels, as it is to be seen.
  int height = 0;
  bool has_sound = false;
  absl::Duration claimed = absl::ZeroDuration();  // Its length by its header; 0: none is said.
};
std::vector<std::string> ProbeWords();
// FAILED_PRECONDITION when it says nothing of use.
absl::StatusOr<Probe> ReadProbe(std::string_view answer);
// FAILED_PRECONDITION, with a reason for the owner, for what takes too much to decode.
absl::Status CheckProbe(const Probe& probe);

// Reads all packets, as headers may lie about the length.
std::vector<std::string> MeasureWords();
// Where the last one of them begins; 0: there was none.
absl::Duration ReadProgress(std::string_view answer);
// The header's length if it is as good as the measured one, which leaves out the last frame.
absl::Duration LengthOf(const Probe& probe, absl::Duration measured);
// FAILED_PRECONDITION, with a reason for the owner.
absl::Status CheckLength(absl::Duration length);

// One frame as PNG, at most kUsualLines lines.
std::vector<std::string> PosterWords(absl::Duration at);

// MP4 with H.264 and AAC that begins to play before it is all there; its shorter side at most `lines`
// pixels, never enlarged; without metadata.
std::vector<std::string> TranscodeWords(int lines);

// Of CPU: one second for each of the video, and some to begin with.
absl::Duration TranscodeCpu(absl::Duration length);

// The variant's name: "720p.mp4".
std::string TranscodedName(int lines);

}  // namespace selfology::file
