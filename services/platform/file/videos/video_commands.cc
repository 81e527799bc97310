#include "services/platform/file/videos/video_commands.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace selfology::file {
namespace {

constexpr absl::Duration kBegin = absl::Seconds(10);

using Words = std::vector<std::string>;

// Of each program, what may be read and how.
Words Reading(Words words, const Words& before_input) {
  words.insert(words.end(), {"-v", "error", "-protocol_whitelist", "file", "-format_whitelist",
                             "mov,mp4,matroska,webm"});
  words.insert(words.end(), before_input.begin(), before_input.end());
  words.insert(words.end(), {"-i", absl::StrCat("file:/proc/self/fd/", kVideoInput)});
  return words;
}

// Frames may become larger on the way than the first ones were.
Words Ffmpeg(const Words& before_input) {
  return Reading({"-nostdin", "-y", "-threads", "2", "-max_pixels", absl::StrCat(kMaxVideoPixels)},
                 before_input);
}

std::string Output() { return absl::StrCat("file:/proc/self/fd/", kVideoOutput); }

// A little more than is permitted, so that what is too long shows.
std::string Longest() { return absl::StrCat(absl::ToInt64Seconds(kMaxVideoLength) + 5); }

// Both sides even, as H.264 wants them.
std::string ScaledTo(int lines) {
  return absl::StrCat("scale=w='if(gte(iw,ih),-2,trunc(min(iw,", lines,
                      ")/2)*2)':h='if(gte(iw,ih),trunc(min(ih,", lines, ")/2)*2,-2)'");
}

}  // namespace

absl::Status CheckVideoSize(int64_t bytes) {
  if (bytes <= kMaxVideoBytes) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the video has ", bytes, " bytes, more than ", kMaxVideoBytes));
}

std::vector<std::string> ProbeWords() {
  return Reading({},
                 {"-of", "default=noprint_wrappers=1", "-show_entries",
                  "stream=codec_type,codec_name,width,height"
                  ":stream_disposition=attached_pic:stream_side_data=rotation:format=duration"});
}

absl::StatusOr<Probe> ReadProbe(std::string_view answer) {
  Probe probe;
  struct Stream {
    std::string codec = {};
    std::string type = {};
    int width = 0;
    int height = 0;
    bool is_cover = false;
    int rotation = 0;
  };
  std::vector<Stream> streams;
  for (const std::string_view line : absl::StrSplit(answer, '\n')) {
    const std::pair<std::string_view, std::string_view> entry =
        absl::StrSplit(line, absl::MaxSplits('=', 1));
    const auto& [name, value] = entry;
    if (name == "codec_name" ||
        (name == "codec_type" && (streams.empty() || !streams.back().type.empty()))) {
      streams.emplace_back();
    }
    if (double seconds = 0; name == "duration" && absl::SimpleAtod(value, &seconds)) {
      probe.claimed = absl::Seconds(seconds);
    }
    if (streams.empty()) continue;
    Stream& stream = streams.back();
    if (name == "codec_name") stream.codec = value;
    if (name == "codec_type") stream.type = value;
    // What is no number stays 0, and is refused.
    if (name == "width") (void)absl::SimpleAtoi(value, &stream.width);
    if (name == "height") (void)absl::SimpleAtoi(value, &stream.height);
    if (name == "DISPOSITION:attached_pic") stream.is_cover = value == "1";
    if (name == "rotation") (void)absl::SimpleAtoi(value, &stream.rotation);
  }
  if (streams.empty()) return absl::FailedPreconditionError("the video is damaged");
  for (const Stream& stream : streams) {
    if (stream.type == "audio") probe.has_sound = true;
    if (stream.type != "video" || stream.is_cover || !probe.codec.empty()) continue;
    probe.codec = stream.codec.empty() ? "unknown" : stream.codec;
    probe.width = stream.width;
    probe.height = stream.height;
    if (std::abs(stream.rotation) % 180 == 90) std::swap(probe.width, probe.height);
  }
  return probe;
}

absl::Status CheckProbe(const Probe& probe) {
  if (probe.codec.empty()) {
    if (probe.has_sound) return absl::OkStatus();
    return absl::FailedPreconditionError("the video has neither pictures nor sound");
  }
  if (probe.codec == "unknown") {
    return absl::FailedPreconditionError("the video is coded in a way that is not known");
  }
  if (probe.width <= 0 || probe.height <= 0) {
    return absl::FailedPreconditionError(
        "the video's pictures have no size, or one that cannot be");
  }
  const std::string size =
      absl::StrCat("the video has ", probe.width, " x ", probe.height, " pixels");
  if (probe.width < kMinVideoSide || probe.height < kMinVideoSide) {
    return absl::FailedPreconditionError(
        absl::StrCat(size, ", fewer than ", kMinVideoSide, " each way"));
  }
  if (int64_t{probe.width} * probe.height > kMaxVideoPixels) {
    return absl::FailedPreconditionError(absl::StrCat(size, ", more than ", kMaxVideoPixels));
  }
  return absl::OkStatus();
}

std::vector<std::string> MeasureWords() {
  Words words = Ffmpeg({});
  words.insert(words.end(), {"-map", "0:V:0", "-map", "0:a:0?", "-c", "copy", "-t", Longest(),
                             "-progress", "pipe:1", "-stats_period", "10", "-f", "null", "-"});
  return words;
}

absl::Duration ReadProgress(std::string_view answer) {
  int64_t end = 0;
  for (const std::string_view line : absl::StrSplit(answer, '\n')) {
    int64_t microseconds = 0;
    if (absl::StartsWith(line, "out_time_us=") &&
        absl::SimpleAtoi(line.substr(line.find('=') + 1), &microseconds)) {
      end = std::max(end, microseconds);
    }
  }
  return absl::Microseconds(end);
}

absl::Duration LengthOf(const Probe& probe, absl::Duration measured) {
  constexpr absl::Duration kAsGood = absl::Seconds(1);
  return absl::AbsDuration(probe.claimed - measured) < kAsGood ? probe.claimed : measured;
}

absl::Status CheckLength(absl::Duration length) {
  if (length <= kMaxVideoLength) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the video is longer than ", absl::ToInt64Seconds(kMaxVideoLength), " seconds"));
}

std::vector<std::string> PosterWords(absl::Duration at) {
  Words words = Ffmpeg({"-ss", absl::StrCat(absl::ToDoubleSeconds(at))});
  words.insert(words.end(), {"-map", "0:V:0", "-frames:v", "1", "-vf", ScaledTo(kUsualLines),
                             "-map_metadata", "-1", "-c:v", "png", "-f", "image2pipe", Output()});
  return words;
}

std::vector<std::string> TranscodeWords(int lines) {
  Words words = Ffmpeg({});
  words.insert(words.end(), {"-map",
                             "0:V:0",
                             "-map",
                             "0:a:0?",
                             "-map_metadata",
                             "-1",
                             "-map_metadata:s",
                             "-1",
                             "-map_chapters",
                             "-1",
                             "-vf",
                             ScaledTo(lines),
                             "-c:v",
                             "libx264",
                             "-preset",
                             "veryfast",
                             "-crf",
                             "23",
                             "-maxrate",
                             "3M",
                             "-bufsize",
                             "6M",
                             "-pix_fmt",
                             "yuv420p",
                             "-fpsmax",
                             "30",
                             "-threads",
                             "2",
                             "-a53cc",
                             "0",
                             "-c:a",
                             "aac",
                             "-b:a",
                             "128k",
                             "-ac",
                             "2",
                             "-fflags",
                             "+bitexact",
                             "-flags:v",
                             "+bitexact",
                             "-flags:a",
                             "+bitexact",
                             "-t",
                             Longest(),
                             "-movflags",
                             "+faststart",
                             "-f",
                             "mp4",
                             Output()});
  return words;
}

absl::Duration TranscodeCpu(absl::Duration length) {
  return absl::Ceil(length, absl::Seconds(1)) + kBegin;
}

std::string TranscodedName(int lines) { return absl::StrCat(lines, "p.mp4"); }

}  // namespace selfology::file
