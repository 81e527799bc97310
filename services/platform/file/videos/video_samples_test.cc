#include "services/platform/file/videos/video_samples_test.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "testing/media/locked_media.h"

namespace selfology::file::samples {
namespace {

std::string Checked(const absl::StatusOr<std::string>& made) {
  EXPECT_TRUE(made.ok()) << made.status();
  return made.value_or("");
}

void Put(std::string& bytes, size_t at, uint32_t number, int size) {
  for (int i = 0; i < size; ++i) {
    bytes[at + i] = static_cast<char>(number >> (8 * (size - 1 - i)));
  }
}

}  // namespace

std::string Ffmpeg() { return Checked(media::FfmpegPath()); }

std::string FromFfmpeg(const std::string& arguments, const std::string& name) {
  return Checked(media::FromFfmpeg(arguments, name));
}

std::string Video(int width, int height, int seconds) {
  return FromFfmpeg(
      absl::StrCat("-f lavfi -i testsrc2=size=", width, "x", height,
                   ":rate=25 -f lavfi -i sine=frequency=440 -t ", seconds,
                   " -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -movflags"
                   " use_metadata_tags -metadata title=Kitchen -metadata"
                   " location=+52.5200+013.4050/ -metadata"
                   " com.apple.quicktime.location.ISO6709=+52.5200+013.4050/"),
      "a.mp4");
}

std::string Probed(std::string_view video) { return Checked(media::Probed(video)); }

std::string HugeVideo(uint16_t width, uint16_t height) {
  std::string video = FromFfmpeg(
      "-f lavfi -i testsrc2=size=64x48:rate=1 -t 1 -c:v rawvideo -pix_fmt rgb24", "a.mov");
  // The description of the frames: its kind, then 24 bytes, then width and height.
  const size_t at = video.find("raw ");
  EXPECT_NE(at, std::string::npos);
  Put(video, at + 28, width, 2);
  Put(video, at + 30, height, 2);
  return video;
}

std::string WithClaimedLength(std::string video, uint32_t units) {
  // Version and flags, two times, then the scale that a track has no copy of, then the length.
  for (const auto& [box, offset] :
       {std::pair("mvhd", 20), std::pair("mdhd", 20), std::pair("tkhd", 24)}) {
    for (size_t at = video.find(box); at != std::string::npos; at = video.find(box, at + 4)) {
      Put(video, at + offset, units, 4);
    }
  }
  return video;
}

}  // namespace selfology::file::samples
