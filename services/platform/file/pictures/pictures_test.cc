#include "services/platform/file/pictures/pictures.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/file/pictures/picture_child.h"
#include "services/platform/file/samples_test.h"

namespace selfology::file {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PicturesTest : public ::testing::Test {
 protected:
  static Call Deadline() { return Call::Background(absl::Seconds(30)); }

  static PictureBytes Input(const std::string& bytes) {
    absl::StatusOr<PictureBytes> input = PictureBytes::Make();
    EXPECT_TRUE(input.ok() && input->Add(bytes).ok());
    return *std::move(input);
  }

  std::string WhyNot(const std::string& bytes) {
    const PictureBytes input = Input(bytes);
    const absl::StatusOr<Made> made = pictures_->Make(Deadline(), input, ThumbnailSpec());
    EXPECT_EQ(made.status().code(), absl::StatusCode::kFailedPrecondition) << made.status();
    return std::string(made.status().message());
  }

  std::optional<Pictures> pictures_{std::in_place, Pictures::Options()};
};

TEST_F(PicturesTest, LooksAtEachFormat) {
  for (const char* format : {"jpeg", "png", "webp"}) {
    const auto look = pictures_->LookAt(Deadline(), Input(samples::Picture(format, 300, 200)));
    ASSERT_TRUE(look.ok()) << format << look.status();
    EXPECT_EQ(look->media_type, std::string("image/") + format);
    EXPECT_EQ(look->width, 300);
    EXPECT_EQ(look->height, 200);
  }
  const auto gif = pictures_->LookAt(Deadline(), Input(samples::Gif(3)));
  ASSERT_TRUE(gif.ok()) << gif.status();
  EXPECT_EQ(gif->frames, 3);
}

TEST_F(PicturesTest, MakesAThumbnailWithoutThePlaceAndUpright) {
  const std::string jpeg = samples::WithPlace(samples::Picture("jpeg", 1600, 800));
  ASSERT_THAT(jpeg, HasSubstr("Exif"));
  const PictureBytes input = Input(jpeg);
  const auto look = pictures_->LookAt(Deadline(), input);
  ASSERT_TRUE(look.ok()) << look.status();
  EXPECT_EQ(look->width, 800);  // It lies on its side.
  EXPECT_EQ(look->height, 1600);
  const auto made = pictures_->Make(Deadline(), input, ThumbnailSpec());
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->width, 160);
  EXPECT_EQ(made->height, 320);
  EXPECT_THAT(made->bytes.substr(8, 4), "WEBP");
  // This libvips writes an EXIF block of its own into WebP, with sizes: no place is in it.
  const std::string gps_directory("\x25\x88\x04\0", 4);
  ASSERT_THAT(jpeg, HasSubstr(gps_directory));
  EXPECT_THAT(made->bytes, Not(HasSubstr(gps_directory)));
  VariantSpec as_it_is = {.format = v1::PICTURE_FORMAT_JPEG};
  const auto whole = pictures_->Make(Deadline(), input, as_it_is);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(whole->width, 800);
  EXPECT_EQ(whole->height, 1600);
  EXPECT_THAT(whole->bytes, Not(HasSubstr(gps_directory)));
}

// Colours are those of sRGB, whatever the picture gives them in.
TEST_F(PicturesTest, ColoursStayAsTheyAreSeen) {
  constexpr samples::Colour kColour = {200, 80, 60};
  for (const bool wide : {false, true}) {
    const std::string bytes = samples::Plain(kColour, wide);
    EXPECT_EQ(absl::StrContains(bytes, "acsp"), wide);  // The mark of a profile.
    const auto made = pictures_->Make(Deadline(), Input(bytes),
                                      {.width = 8, .format = v1::PICTURE_FORMAT_PNG, .quality = 0});
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_THAT(made->bytes, Not(HasSubstr("iCCP")));
    const samples::Colour seen = samples::FirstPixel(made->bytes);
    for (size_t i = 0; i < seen.size(); ++i) EXPECT_NEAR(seen[i], kColour[i], 4) << wide << i;
  }
}

TEST_F(PicturesTest, FitsAsAsked) {
  const PictureBytes input = Input(samples::Picture("png", 400, 200));
  const struct {
    VariantSpec spec;
    int width, height;
  } cases[] = {
      {{.width = 100}, 100, 50},
      {{.height = 100}, 200, 100},
      {{.width = 100, .height = 100}, 100, 50},
      {{.width = 100, .height = 100, .cover = true}, 100, 100},
      {{.width = 1000, .height = 1000}, 400, 200},               // Never enlarged,
      {{.width = 800, .height = 800, .cover = true}, 800, 800},  // unless it has to.
      {{.format = v1::PICTURE_FORMAT_PNG, .quality = 0}, 400, 200},
  };
  for (const auto& one : cases) {
    const auto made = pictures_->Make(Deadline(), input, one.spec);
    ASSERT_TRUE(made.ok()) << one.spec.Name() << made.status();
    EXPECT_EQ(made->width, one.width) << one.spec.Name();
    EXPECT_EQ(made->height, one.height) << one.spec.Name();
  }
}

TEST_F(PicturesTest, BecomesAsSmallAsAsked) {
  const PictureBytes input = Input(samples::Picture("png", 1200, 900));
  for (const v1::PictureFormat format : {v1::PICTURE_FORMAT_JPEG, v1::PICTURE_FORMAT_WEBP}) {
    const auto made =
        pictures_->Make(Deadline(), input, {.format = format, .quality = 95, .max_bytes = 20'000});
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_LE(made->bytes.size(), 20'000u);
    EXPECT_GT(made->width, 100);
  }
}

TEST_F(PicturesTest, HostilePicturesAreRefusedWithTheReasonAndCostLittle) {
  EXPECT_THAT(WhyNot(samples::HugePng(64'000, 64'000)), HasSubstr("64000 x 64000 pixels"));
  EXPECT_THAT(WhyNot(samples::HugePng(0x7FFFFFFF, 0x7FFFFFFF)), Not(HasSubstr("takes too")));
  EXPECT_THAT(WhyNot(samples::Gif(10'000)), HasSubstr("frames, more than 1000"));
  EXPECT_THAT(WhyNot(samples::Picture("jpeg", 400, 400).substr(0, 900)), HasSubstr("damaged"));
  EXPECT_THAT(WhyNot(samples::HugePng(4000, 4000)), HasSubstr("damaged"));  // No such pixels.
  for (const char* no_picture :
       {"", "hello", "<svg xmlns='http://www.w3.org/2000/svg'><circle r='1'/></svg>", "%PDF-1.7",
        "P6\n1 1\n255\nabc", "II*\0\x08\0\0\0"}) {
    EXPECT_THAT(WhyNot(no_picture), HasSubstr("no picture that can be read")) << no_picture;
  }
  // What the processes took is known once the one that started them has ended.
  pictures_.reset();
  rusage children;
  ASSERT_EQ(getrusage(RUSAGE_CHILDREN, &children), 0);
  EXPECT_LT(children.ru_utime.tv_sec, 60);
}

TEST_F(PicturesTest, ManyAtOnceFromSeveralThreads) {
  const std::string picture = samples::Picture("jpeg", 300, 200);
  std::vector<std::thread> threads;
  std::atomic<int> made = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const PictureBytes input = Input(picture);
        const int width = 20 + 10 * t + i;
        const auto one = pictures_->Make(
            Deadline(), input,
            {.width = width, .height = 100, .format = v1::PICTURE_FORMAT_PNG, .quality = 0});
        if (one.ok() && one->width == width) ++made;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 20);
}

TEST_F(PicturesTest, AnImpatientCallerKillsTheProcess) {
  const PictureBytes input = Input(samples::Picture("png", 3000, 3000));
  const auto made = pictures_->Make(Call::Background(absl::Milliseconds(1)), input,
                                    {.format = v1::PICTURE_FORMAT_PNG, .quality = 0});
  EXPECT_FALSE(made.ok());
  // The slot is free again.
  EXPECT_TRUE(pictures_->LookAt(Deadline(), input).ok());
}

// The process that starts others; 0: there is none.
pid_t ServerOfPictures() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream status(entry.path() / "status");
    std::ifstream arguments(entry.path() / "cmdline");
    const std::string about{std::istreambuf_iterator<char>(status), {}};
    const std::string line{std::istreambuf_iterator<char>(arguments), {}};
    if (absl::StrContains(about, absl::StrCat("\nPPid:\t", getpid(), "\n")) &&
        absl::StrContains(line, kPictureChild)) {
      return static_cast<pid_t>(std::stoi(entry.path().filename()));
    }
  }
  return 0;
}

TEST_F(PicturesTest, NobodyWaitsLongerThanTheirDeadlineForTheProcessThatStartsOthers) {
  const PictureBytes input = Input(samples::Picture("jpeg", 300, 200));
  ASSERT_TRUE(pictures_->LookAt(Deadline(), input).ok());
  const pid_t server = ServerOfPictures();
  ASSERT_GT(server, 0);
  ASSERT_EQ(kill(server, SIGSTOP), 0);
  const absl::Time begun = absl::Now();
  std::thread patient([&] {
    const PictureBytes own = Input(samples::Picture("png", 40, 30));
    const auto look = pictures_->LookAt(Deadline(), own);
    ASSERT_TRUE(look.ok()) << look.status();
    EXPECT_EQ(look->width, 40) << "the answer is its own";
  });
  // Whether the other one is being served or not.
  for (int i = 0; i < 3; ++i) {
    const auto late = pictures_->LookAt(Call::Background(absl::Milliseconds(100)), input);
    EXPECT_EQ(late.status().code(), absl::StatusCode::kUnavailable) << late.status();
  }
  EXPECT_LT(absl::Now() - begun, absl::Seconds(10));
  ASSERT_EQ(kill(server, SIGCONT), 0);
  patient.join();
  EXPECT_EQ(ServerOfPictures(), server) << "others' pictures would have ended with it";
}

}  // namespace
}  // namespace selfology::file
