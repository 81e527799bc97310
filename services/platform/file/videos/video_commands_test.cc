#include "services/platform/file/videos/video_commands.h"

#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::file {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

TEST(ReadProbeTest, TakesTheFirstMovingPicture) {
  const auto probe = ReadProbe(
      "codec_name=aac\ncodec_type=audio\nDISPOSITION:attached_pic=0\n"
      "codec_name=png\ncodec_type=video\nwidth=10\nheight=10\nDISPOSITION:attached_pic=1\n"
      "codec_name=h264\ncodec_type=video\nwidth=1920\nheight=1080\nDISPOSITION:attached_pic=0\n"
      "rotation=-90\ncodec_name=vp9\ncodec_type=video\nwidth=1\nheight=1\nduration=12.500000\n");
  ASSERT_TRUE(probe.ok()) << probe.status();
  EXPECT_EQ(probe->codec, "h264");
  EXPECT_EQ(probe->width, 1080) << "it stands";
  EXPECT_EQ(probe->height, 1920);
  EXPECT_TRUE(probe->has_sound);
  EXPECT_EQ(probe->claimed, absl::Milliseconds(12'500));
}

TEST(ReadProbeTest, WhatSaysNothingIsDamaged) {
  for (const char* answer : {"", "\n\n", "duration=N/A\n", "=\n===\n"}) {
    EXPECT_EQ(ReadProbe(answer).status().code(), absl::StatusCode::kFailedPrecondition) << answer;
  }
  const auto odd = ReadProbe("codec_name=h264\ncodec_type=video\nwidth=N/A\nheight=\nduration=-\n");
  ASSERT_TRUE(odd.ok()) << odd.status();
  EXPECT_THAT(CheckProbe(*odd).message(), HasSubstr("no size, or one that cannot be"));
}

TEST(CheckProbeTest, NamesWhatIsTooMuch) {
  EXPECT_TRUE(CheckProbe({.codec = "h264", .width = 3840, .height = 2160}).ok());
  EXPECT_TRUE(CheckProbe({.has_sound = true}).ok());
  EXPECT_THAT(CheckProbe({}).message(), HasSubstr("neither"));
  EXPECT_THAT(CheckProbe({.codec = "unknown", .width = 64, .height = 64}).message(),
              HasSubstr("not known"));
  EXPECT_THAT(CheckProbe({.codec = "h264", .width = 64'000, .height = 64'000}).message(),
              HasSubstr("64000 x 64000 pixels, more than 9437184"));
  EXPECT_THAT(CheckProbe({.codec = "h264", .width = 4096, .height = 8}).message(),
              HasSubstr("fewer than 16"));
}

TEST(CheckVideoSizeTest, FiveHundredMegabytes) {
  EXPECT_TRUE(CheckVideoSize(kMaxVideoBytes).ok());
  EXPECT_THAT(CheckVideoSize(kMaxVideoBytes + 1).message(), HasSubstr("524288001 bytes, more"));
}

TEST(LengthTest, TheMeasuredOneCountsWhereTheHeaderIsFarOff) {
  const absl::Duration measured = ReadProgress(
      "frame=1\nout_time_us=1000000\nprogress=continue\nout_time_us=N/A\nout_time_us=2960000\n");
  EXPECT_EQ(measured, absl::Milliseconds(2960));
  EXPECT_EQ(LengthOf({.claimed = absl::Seconds(3)}, measured), absl::Seconds(3));
  EXPECT_EQ(LengthOf({.claimed = absl::Seconds(300)}, measured), measured);
  EXPECT_EQ(LengthOf({}, measured), measured);
  EXPECT_EQ(ReadProgress("nothing"), absl::ZeroDuration());
  EXPECT_TRUE(CheckLength(absl::Minutes(10)).ok());
  EXPECT_FALSE(CheckLength(absl::Minutes(10) + absl::Milliseconds(1)).ok());
}

TEST(WordsTest, EveryProgramIsKeptToFilesOfAFewKinds) {
  for (const auto& words :
       {ProbeWords(), MeasureWords(), PosterWords(absl::Seconds(1)), TranscodeWords(720)}) {
    const std::string all = absl::StrJoin(words, " ");
    EXPECT_THAT(all, HasSubstr("-protocol_whitelist file -format_whitelist mov,mp4,matroska,webm"));
    EXPECT_THAT(words, Contains("file:/proc/self/fd/3"));
  }
  for (const auto& words : {MeasureWords(), PosterWords(absl::Seconds(1)), TranscodeWords(720)}) {
    EXPECT_THAT(absl::StrJoin(words, " "), HasSubstr("-max_pixels 9437184"));
  }
  EXPECT_THAT(absl::StrJoin(TranscodeWords(480), " "), HasSubstr("min(iw,480)"));
  EXPECT_EQ(TranscodedName(480), "480p.mp4");
  EXPECT_EQ(TranscodeCpu(absl::Milliseconds(4'200)), absl::Seconds(15));
}

}  // namespace
}  // namespace selfology::file
