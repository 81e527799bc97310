#include "services/platform/file/videos/videos.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/file/child_process.h"
#include "services/platform/file/videos/video_commands.h"
#include "services/platform/file/videos/video_process.h"
#include "services/platform/file/videos/video_samples_test.h"
#include "testing/servers/binaries.h"

namespace selfology::file {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class VideosTest : public ::testing::Test {
 protected:
  static Call Deadline() { return Call::Background(absl::Minutes(2)); }

  WorkFile Input(std::string_view bytes) {
    absl::StatusOr<WorkFile> input = videos_->NewFile();
    EXPECT_TRUE(input.ok() && input->Add(bytes).ok());
    return *std::move(input);
  }

  std::string WhyNot(std::string_view bytes) {
    const auto look = videos_->LookAt(Deadline(), Input(bytes));
    EXPECT_EQ(look.status().code(), absl::StatusCode::kFailedPrecondition) << look.status();
    return std::string(look.status().message());
  }

  // Our processes, those too that nobody has waited for. Of other tests' there may be servers.
  static std::set<std::string> Children() {
    std::set<std::string> children;
    const std::string ours = absl::StrCat(getpid());
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
      std::string line;
      // "17 (name) S <parent> ..."; the name may have anything in it.
      if (!std::getline(std::ifstream(entry.path() / "stat"), line)) continue;
      const std::vector<std::string> rest =
          absl::StrSplit(line.substr(line.rfind(')') + 1), ' ', absl::SkipEmpty());
      if (rest.size() > 1 && rest[1] == ours) children.insert(entry.path().filename());
    }
    return children;
  }
  bool AllAreGone() const { return Children() == before_; }

  const std::set<std::string> before_ = Children();

  const servers::ScratchFolder scratch_ = *servers::ScratchFolder::Make();
  std::optional<Videos> videos_{
      std::in_place, Videos::Options{.ffmpeg = samples::Ffmpeg(), .folder = scratch_.path()}};
};

TEST_F(VideosTest, LooksAtEachKind) {
  const std::string size = "-f lavfi -i testsrc2=size=320x180:rate=25 -t 2 ";
  for (const auto& [arguments, name] :
       {std::pair("-c:v libx264 -preset ultrafast", "a.mp4"), std::pair("-c:v mjpeg", "a.mov"),
        std::pair("-c:v libvpx -deadline realtime", "a.webm"),
        // As browsers record: nobody knows the length when the header is written.
        std::pair("-c:v libvpx -deadline realtime -live 1", "b.webm")}) {
    const auto look = videos_->LookAt(
        Deadline(), Input(samples::FromFfmpeg(absl::StrCat(size, arguments), name)));
    ASSERT_TRUE(look.ok()) << name << arguments << look.status();
    EXPECT_EQ(look->width, 320) << name;
    EXPECT_EQ(look->height, 180) << name;
    EXPECT_NEAR(absl::ToDoubleSeconds(look->length), 2, 0.1) << name << arguments;
  }
  const auto heard = videos_->LookAt(
      Deadline(), Input(samples::FromFfmpeg("-f lavfi -i sine -t 1 -c:a aac", "a.mp4")));
  ASSERT_TRUE(heard.ok()) << heard.status();
  EXPECT_EQ(heard->width, 0);
}

TEST_F(VideosTest, MakesAVideoThatPlaysEverywhereAndTellsNothing) {
  const std::string video = samples::Video(1920, 1080, 3);
  ASSERT_THAT(samples::Probed(video), HasSubstr("+52.5200"));
  ASSERT_THAT(samples::Probed(video), HasSubstr("Kitchen"));
  const WorkFile input = Input(video);
  const auto look = videos_->LookAt(Deadline(), input);
  ASSERT_TRUE(look.ok()) << look.status();
  const auto made = videos_->Transcode(Deadline(), input, *look, 720);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->look.width, 1280);
  EXPECT_EQ(made->look.height, 720);
  EXPECT_NEAR(absl::ToDoubleSeconds(made->look.length), 3, 0.1);
  const std::string bytes = *made->bytes.Read(0, kMaxVideoBytes);
  const std::string probed = samples::Probed(bytes);
  EXPECT_THAT(probed, HasSubstr("codec_name=h264"));
  EXPECT_THAT(probed, HasSubstr("codec_name=aac"));
  EXPECT_THAT(probed, HasSubstr("pix_fmt=yuv420p"));
  for (const char* telling : {"52.52", "Kitchen", "TAG:location", "TAG:title", "creation_time"}) {
    EXPECT_THAT(probed, Not(HasSubstr(telling)));
    EXPECT_THAT(bytes, Not(HasSubstr(telling)));
  }
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat")) << "it begins to play before it is all there";
}

TEST_F(VideosTest, KeepsWhatIsSmallerAndUpright) {
  const WorkFile small = Input(samples::Video(320, 180, 1));
  const auto made = videos_->Transcode(Deadline(), small, *videos_->LookAt(Deadline(), small), 720);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->look.width, 320);
  // As a telephone writes it that is held upright: the frames lie, and a note says so.
  const std::string lying = absl::StrCat(scratch_.path(), "/lying.mp4");
  std::ofstream(lying, std::ios::binary) << samples::Video(1280, 720, 1);
  const WorkFile upright = Input(samples::FromFfmpeg(
      absl::StrCat("-i ", lying, " -c copy -metadata:s:v:0 rotate=90"), "a.mp4"));
  const auto look = videos_->LookAt(Deadline(), upright);
  ASSERT_TRUE(look.ok()) << look.status();
  EXPECT_EQ(look->width, 720);
  EXPECT_EQ(look->height, 1280);
  const auto halved = videos_->Transcode(Deadline(), upright, *look, 360);
  ASSERT_TRUE(halved.ok()) << halved.status();
  EXPECT_EQ(halved->look.width, 360);
  EXPECT_EQ(halved->look.height, 640);
}

TEST_F(VideosTest, APosterIsAFrame) {
  const WorkFile input = Input(samples::Video(1920, 1080, 2));
  const auto png = videos_->Poster(Deadline(), input, *videos_->LookAt(Deadline(), input));
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_THAT(*png, StartsWith("\x89PNG"));
  const auto one = Input(samples::FromFfmpeg(
      "-f lavfi -i testsrc2=size=64x48:rate=1 -frames:v 1 -c:v libx264", "a.mp4"));
  const auto only = videos_->Poster(Deadline(), one, *videos_->LookAt(Deadline(), one));
  ASSERT_TRUE(only.ok()) << only.status();
  EXPECT_THAT(*only, StartsWith("\x89PNG"));
}

TEST_F(VideosTest, HostileVideosAreRefusedWithTheReasonAndCostLittle) {
  const std::string secret = absl::StrCat(scratch_.path(), "/secret");
  std::ofstream(secret) << "of somebody else";
  const std::string begins_as_mp4(
      "\0\0\0\x18"
      "ftypisom\0\0\0\0isommp41",
      24);
  const std::string list = absl::StrCat("#EXTM3U\n#EXTINF:10,\nfile://", secret, "\n");
  for (const std::string& no_video :
       {std::string(), std::string("hello"), list, absl::StrCat(begins_as_mp4, list),
        absl::StrCat("ffconcat version 1.0\nfile ", secret, "\n"),
        absl::StrCat("v=0\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"), begins_as_mp4}) {
    EXPECT_THAT(WhyNot(no_video), HasSubstr("damaged")) << no_video;
  }
  EXPECT_THAT(WhyNot(samples::HugeVideo(64'000, 64'000)), HasSubstr("no size, or one that cannot"));
  EXPECT_THAT(WhyNot(samples::HugeVideo(16'000, 16'000)), HasSubstr("16000 x 16000 pixels, more"));
  EXPECT_THAT(WhyNot(samples::HugeVideo(4, 4)), HasSubstr("4 x 4 pixels, fewer"));
  const std::string video = samples::Video(320, 180, 2);
  EXPECT_THAT(WhyNot(video.substr(0, video.size() / 2)), HasSubstr("damaged")) << "without its end";
  EXPECT_TRUE(AllAreGone());
  rusage children;
  ASSERT_EQ(getrusage(RUSAGE_CHILDREN, &children), 0);
  EXPECT_LT(children.ru_utime.tv_sec, 60);
}

TEST_F(VideosTest, TheLengthIsMeasuredWhateverHeadersClaim) {
  const std::string video = samples::Video(160, 120, 3);
  for (const uint32_t claimed : {1u, 3'600'000u, 0xFFFFFFFEu}) {
    const auto look =
        videos_->LookAt(Deadline(), Input(samples::WithClaimedLength(video, claimed)));
    ASSERT_TRUE(look.ok()) << claimed << look.status();
    EXPECT_NEAR(absl::ToDoubleSeconds(look->length), 3, 0.2) << claimed;
  }
  const std::string too_long = samples::FromFfmpeg(
      "-f lavfi -i testsrc2=size=64x48:rate=1 -t 700 -c:v libx264 -preset ultrafast", "a.mp4");
  EXPECT_THAT(WhyNot(too_long), HasSubstr("longer than 600 seconds"));
  EXPECT_THAT(WhyNot(samples::WithClaimedLength(too_long, 1000)), HasSubstr("longer than 600"));
}

TEST_F(VideosTest, WhatTakesTooLongIsKilled) {
  const WorkFile input = Input(samples::Video(1920, 1080, 2));
  const auto look = videos_->LookAt(Deadline(), input);
  ASSERT_TRUE(look.ok()) << look.status();
  // A caller without time, and a service without patience.
  const auto late = videos_->Transcode(Call::Background(absl::Milliseconds(20)), input, *look, 720);
  EXPECT_EQ(late.status().code(), absl::StatusCode::kDeadlineExceeded) << late.status();
  EXPECT_TRUE(AllAreGone());
  Videos hasty(
      {.ffmpeg = samples::Ffmpeg(), .folder = scratch_.path(), .patience = absl::Milliseconds(10)});
  const auto killed = hasty.Poster(Deadline(), input, *look);
  EXPECT_THAT(killed.status().message(), HasSubstr("too much memory or time"));
  EXPECT_TRUE(AllAreGone());
  EXPECT_TRUE(videos_->LookAt(Deadline(), input).ok()) << "the slots are free again";
}

// What a program that the jail holds writes to its standard output; `file` is its input.
class JailTest : public VideosTest {
 protected:
  struct Said {
    std::string text;
    int status = -1;
  };
  // Starts it; what it writes can be read from answer_.
  pid_t Start(std::vector<std::string> words, const WorkFile& file,
              absl::Duration cpu = absl::Seconds(10), int64_t bytes = 1 << 20) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    answer_.emplace(ends[0]);
    const Descriptor say(ends[1]);
    const auto input = file.OpenForReading();
    const auto child = StartVideoProcess({.ffmpeg = samples::Ffmpeg(),
                                          .program = "ffmpeg",
                                          .words = std::move(words),
                                          .cpu = cpu,
                                          .output_bytes = bytes,
                                          .answer = say.get(),
                                          .input = input->get(),
                                          .output = output_.descriptor()});
    EXPECT_TRUE(child.ok()) << child.status();
    return child.value_or(-1);
  }
  Said Told(std::vector<std::string> words, const WorkFile& file,
            absl::Duration cpu = absl::Seconds(10), int64_t bytes = 1 << 20) {
    const pid_t child = Start(std::move(words), file, cpu, bytes);
    Said said;
    char buffer[4096];
    for (ssize_t got = 0; (got = read(answer_->get(), buffer, sizeof(buffer))) > 0;) {
      said.text.append(buffer, got);
    }
    EXPECT_EQ(waitpid(child, &said.status, 0), child);
    return said;
  }
  // The words that make ffmpeg copy bytes.
  static std::vector<std::string> Copy(const std::string& from, const std::string& to) {
    return {"-nostdin", "-y", "-f", "u8", "-i", from, "-f", "u8", "-c", "copy", to};
  }

  WorkFile output_ = *videos_->NewFile();
  std::optional<Descriptor> answer_;
};

TEST_F(JailTest, ItReadsAndWritesWhatItWasGivenAndNothingElse) {
  const WorkFile input = Input("my own bytes");
  const std::string own = absl::StrCat("file:/proc/self/fd/", kVideoInput);
  EXPECT_EQ(Told(Copy(own, "pipe:1"), input).text, "my own bytes");
  EXPECT_EQ(Told(Copy(own, absl::StrCat("file:/proc/self/fd/", kVideoOutput)), input).status, 0);
  EXPECT_EQ(*output_.Read(0, 100), "my own bytes");

  const std::string other = absl::StrCat(scratch_.path(), "/other");
  std::ofstream(other) << "of somebody else";
  for (const std::string& forbidden :
       {other, std::string("/etc/passwd"), std::string("/proc/self/environ"),
        absl::StrCat("/proc/", getpid(), "/environ")}) {
    const Said said = Told(Copy("file:" + forbidden, "pipe:1"), input);
    EXPECT_THAT(said.text, IsEmpty()) << forbidden;
    EXPECT_NE(said.status, 0) << forbidden;
  }
  EXPECT_NE(Told(Copy(own, "file:" + other), input).status, 0);
  EXPECT_NE(Told(Copy(own, absl::StrCat("file:", scratch_.path(), "/new")), input).status, 0);
  EXPECT_FALSE(std::filesystem::exists(scratch_.path() + "/new"));
  EXPECT_EQ(std::filesystem::file_size(other), 16u);
  EXPECT_NE(Told(Copy(own, own), input).status, 0) << "its input stays as it is";
  for (const char* outside : {"tcp://127.0.0.1:9", "udp://127.0.0.1:9", "unix:/tmp/x"}) {
    EXPECT_NE(Told(Copy(own, outside), input).status, 0) << outside;
  }
}

TEST_F(JailTest, LimitsHold) {
  const WorkFile nothing = Input("");
  const Said busy =
      Told({"-nostdin", "-f", "lavfi", "-i", "testsrc2=size=1280x720", "-f", "null", "-"}, nothing,
           absl::Seconds(1));
  EXPECT_TRUE(WIFSIGNALED(busy.status)) << "an endless picture costs one second";
  const Said large =
      Told({"-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=size=640x360", "-t", "9", "-f",
            "rawvideo", absl::StrCat("file:/proc/self/fd/", kVideoOutput)},
           nothing, absl::Seconds(20), 100'000);
  EXPECT_NE(large.status, 0);
  EXPECT_LE(*output_.Size(), 100'000);

  const pid_t endless =
      Start({"-nostdin", "-f", "lavfi", "-i", "testsrc2=size=64x48", "-f", "rawvideo", "pipe:1"},
            nothing);
  char byte = 0;
  ASSERT_EQ(read(answer_->get(), &byte, 1), 1);
  std::string about;
  for (const char* file : {"limits", "status"}) {
    std::ifstream of_process(absl::StrCat("/proc/", endless, "/", file));
    about += std::string{std::istreambuf_iterator<char>(of_process), {}};
  }
  EXPECT_THAT(about, ContainsRegex("Max data size +1073741824 +1073741824"));
  EXPECT_THAT(about, ContainsRegex("Max open files +64 +64"));
  EXPECT_THAT(about, ContainsRegex("Max core file size +0 +0"));
  EXPECT_THAT(about, HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(about, HasSubstr("Seccomp:\t2"));
  kill(endless, SIGKILL);
  EXPECT_EQ(waitpid(endless, nullptr, 0), endless);
}

TEST(VideosWithoutFfmpegTest, SayWhatIsMissing) {
  const auto scratch = servers::ScratchFolder::Make();
  const Call call = Call::Background(absl::Seconds(30));
  Videos none({.folder = scratch->path()});
  EXPECT_FALSE(none.available());
  EXPECT_THAT(none.Try(call).message(), HasSubstr("there is no ffmpeg"));
  Videos wrong({.ffmpeg = "/nowhere/ffmpeg", .folder = scratch->path()});
  EXPECT_THAT(wrong.Try(call).message(), HasSubstr("no ffprobe where file_ffmpeg says"));
  Videos good({.ffmpeg = samples::Ffmpeg(), .folder = scratch->path()});
  EXPECT_TRUE(good.Try(call).ok()) << good.Try(call);
  EXPECT_TRUE(good.Try(call).ok());
}

}  // namespace
}  // namespace selfology::file
