#include "services/platform/file/video_jobs.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/metrics.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/file.pb.h"
#include "services/platform/file/file_fixture_test.h"
#include "services/platform/file/picture_jobs.h"
#include "services/platform/file/samples_test.h"
#include "services/platform/file/storage/folder_store.h"
#include "services/platform/file/videos/video_samples_test.h"

namespace selfology::file {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class VideoJobsTest : public FileFixture {
 protected:
  void SetUp() override {
    Start({.videos = {.ffmpeg = samples::Ffmpeg()}});
    store_.emplace(folder_);
    UseFfmpeg(samples::Ffmpeg());
  }

  // The jobs', in this process.
  void UseFfmpeg(const std::string& ffmpeg, int64_t object_bytes = kMaxPiece) {
    videos_.emplace(Videos::Options{.ffmpeg = ffmpeg, .folder = folder_});
    files_.emplace(Files::Around{.database = DatabaseAs("selfology_file"),
                                 .objects = *store_,
                                 .pictures = pictures_,
                                 .videos = *videos_,
                                 .metrics = metrics_,
                                 .clock = [] { return absl::Now(); },
                                 .limits = {.object_bytes = object_bytes}});
    jobs_.emplace(*files_, Peer("file"));
  }

  absl::StatusOr<jobs::Result> Done(const std::string& payload, int64_t user_id = kUser) {
    queue::v1::LeasedJob leased;
    leased.set_user_id(user_id);
    EXPECT_TRUE(
        google::protobuf::util::JsonStringToMessage(payload, leased.mutable_payload()).ok());
    queue::v1::WorkerServiceClient nobody(Peer("file"));
    return jobs_->Transcode(Call::Background(absl::Minutes(2)), jobs::Job(leased, nobody));
  }
  static std::string About(const v1::File& file, const std::string& more = "") {
    return absl::StrCat(R"({"file_id": ")", file.file_id(), "\"", more, "}");
  }

  absl::StatusOr<v1::ProcessVideoResponse> Process(const std::string& file_id, int height = 0) {
    v1::ProcessVideoRequest request;
    request.set_user_id(kUser);
    request.set_file_id(file_id);
    request.set_height(height);
    return client_->ProcessVideo(Deadline(), request);
  }

  // Once it has been checked, however long that takes.
  v1::File Kept(const std::string& bytes, const std::string& key) {
    const auto stored = Store(bytes, key);
    EXPECT_TRUE(stored.ok()) << stored.status();
    v1::File file = stored.value_or(v1::File());
    Await("the check", [&] {
      const auto got = Get(file.file_id());
      if (got.ok()) file = *got;
      // A video's pictures are kept just after it is ready.
      return got.ok() && got->state() != v1::FILE_STATE_CHECKING &&
             (got->duration_ms() == 0 || got->variants_size() >= 2);
    });
    return file;
  }
  std::string WhyNot(const std::string& bytes, const std::string& key) {
    const auto stored = Store(bytes, key);
    if (stored.ok()) return Kept(bytes, key).reason();
    EXPECT_EQ(stored.status().code(), absl::StatusCode::kFailedPrecondition) << stored.status();
    return std::string(stored.status().message());
  }

  static std::vector<std::string> NamesOf(const v1::File& file) {
    std::vector<std::string> names;
    for (const v1::Variant& variant : file.variants()) names.push_back(variant.variant());
    return names;
  }

  Pictures pictures_{Pictures::Options()};
  observe::Metrics metrics_;
  std::optional<Videos> videos_;
  std::optional<FolderStore> store_;
  std::optional<Files> files_;
  std::optional<VideoJobs> jobs_;
};

TEST_F(VideoJobsTest, AVideoIsMeasuredHasAPosterAndIsMadePlayable) {
  const v1::File file = Kept(samples::Video(1280, 720, 2), "1");
  EXPECT_EQ(file.media_type(), "video/mp4");
  EXPECT_EQ(file.width(), 1280);
  EXPECT_EQ(file.height(), 720);
  EXPECT_NEAR(file.duration_ms(), 2000, 100);
  EXPECT_THAT(NamesOf(file), ElementsAre("poster", "thumbnail"));
  EXPECT_EQ(file.variants(0).width(), 1280);
  EXPECT_EQ(file.variants(1).width(), 320);
  EXPECT_THAT(Read(file.file_id(), "poster")->substr(8), StartsWith("WEBP"));
  const auto ready = Published<events::v1::FileReady>();
  ASSERT_THAT(ready, SizeIs(1));
  EXPECT_EQ(ready[0].duration_ms(), file.duration_ms());

  const int64_t used = Usage().used_bytes();
  const int objects = Objects();
  constexpr int64_t kSmall = 20'000;
  UseFfmpeg(samples::Ffmpeg(), kSmall);
  for (const char* time : {"first", "again"}) {
    const auto done = Done(About(file, R"(, "height": 360)"));
    ASSERT_TRUE(done.ok()) << time << done.status();
    const auto& made =
        (*done)->fields().at("variants").list_value().values(0).struct_value().fields();
    EXPECT_EQ(made.at("variant").string_value(), "360p.mp4");
    EXPECT_EQ(made.at("width").number_value(), 640);
    EXPECT_NEAR(made.at("duration_ms").number_value(), 2000, 100);
  }
  const auto video = Read(file.file_id(), "360p.mp4");
  ASSERT_TRUE(video.ok()) << video.status();
  const auto size = static_cast<int64_t>(video->size());
  ASSERT_GT(size, 2 * kSmall);
  EXPECT_EQ(Objects(), objects + (size + kSmall - 1) / kSmall);
  EXPECT_EQ(Usage().used_bytes(), used + size);
  const std::string probed = samples::Probed(*video);
  EXPECT_THAT(probed, HasSubstr("codec_name=h264"));
  EXPECT_THAT(probed, HasSubstr("height=360"));
  EXPECT_THAT(probed, Not(HasSubstr("52.52")));
  // What is there is given at once.
  const auto processed = Process(file.file_id(), 360);
  ASSERT_TRUE(processed.ok()) << processed.status();
  EXPECT_EQ(processed->job_id(), 0);
  EXPECT_EQ(processed->variant().variant(), "360p.mp4");
  EXPECT_EQ(processed->variant().media_type(), "video/mp4");
  EXPECT_EQ(processed->variant().size_bytes(), size);
  EXPECT_NEAR(processed->variant().duration_ms(), 2000, 100);
}

TEST_F(VideoJobsTest, TheSameVideoIsMadeOncePerPersonAndErasedWithAll) {
  const std::string bytes = samples::Video(320, 180, 1);
  const v1::File one = Kept(bytes, "1");
  ASSERT_TRUE(Done(About(one)).ok());
  EXPECT_EQ(Objects(), 4);
  const v1::File same = Kept(bytes, "2");
  EXPECT_THAT(NamesOf(*Get(same.file_id())), ElementsAre("poster", "thumbnail", "720p.mp4"));
  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  ASSERT_TRUE(client_->DeleteUserData(Deadline(), erase).ok());
  Await("the objects to be gone", [&] { return Objects() == 0; });
  const auto proof = client_->CheckErasures(Deadline(), {});
  ASSERT_TRUE(proof.ok()) << proof.status();
  ASSERT_THAT(proof->erasures(), SizeIs(1));
  EXPECT_EQ(proof->erasures(0).objects(), 4);
  EXPECT_EQ(proof->erasures(0).still_there(), 0);
}

TEST_F(VideoJobsTest, AHostileVideoIsRefusedWithTheReason) {
  EXPECT_THAT(WhyNot(samples::HugeVideo(16'000, 16'000), "1"), HasSubstr("16000 x 16000 pixels"));
  const std::string video = samples::Video(320, 180, 1);
  EXPECT_THAT(WhyNot(video.substr(0, video.size() / 2), "2"), HasSubstr("damaged"));
  EXPECT_EQ(Usage().used_bytes(), 0);
  Restart({.videos = {.ffmpeg = samples::Ffmpeg()}, .clean_period = absl::Milliseconds(50)});
  Await("their bytes to be gone", [&] { return Objects() == 0; });
}

TEST_F(VideoJobsTest, SoundAloneIsKeptAsItIs) {
  const v1::File voice = Kept(samples::FromFfmpeg("-f lavfi -i sine -t 1 -c:a aac", "a.mp4"), "1");
  EXPECT_EQ(voice.state(), v1::FILE_STATE_READY);
  EXPECT_THAT(voice.variants(), IsEmpty());
  EXPECT_THAT(Done(About(voice)).status().message(), HasSubstr("no video that can be processed"));
}

TEST_F(VideoJobsTest, PicturesAreMadeOfThePoster) {
  const v1::File file = Kept(samples::Video(640, 360, 1), "1");
  PictureJobs pictures(*files_);
  queue::v1::LeasedJob leased;
  leased.set_user_id(kUser);
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(About(file, R"(, "sizes": [64])"),
                                                          leased.mutable_payload())
                  .ok());
  queue::v1::WorkerServiceClient nobody(Peer("file"));
  const auto done = pictures.MakeThumbnails(Deadline(), jobs::Job(leased, nobody));
  ASSERT_TRUE(done.ok()) << done.status();
  const auto& made = (*done)->fields().at("variants").list_value().values(0).struct_value();
  EXPECT_EQ(made.fields().at("width").number_value(), 64);
  EXPECT_EQ(made.fields().at("height").number_value(), 36);
}

TEST_F(VideoJobsTest, WithoutFfmpegAVideoIsKeptAsItIsUntilThereIsOne) {
  Restart({});
  UseFfmpeg("");
  const v1::File file = Kept(samples::Video(320, 180, 1), "1");
  EXPECT_EQ(file.state(), v1::FILE_STATE_READY);
  EXPECT_EQ(file.duration_ms(), 0);
  EXPECT_THAT(file.variants(), IsEmpty());
  const auto processed = Process(file.file_id());
  EXPECT_EQ(processed.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(processed.status().message(), HasSubstr("the service has no ffmpeg"));
  EXPECT_THAT(Done(About(file)).status().message(), HasSubstr("the service has no ffmpeg"));
  UseFfmpeg(samples::Ffmpeg());
  const auto done = Done(About(file));
  ASSERT_TRUE(done.ok()) << done.status();
  const auto now = Get(file.file_id());
  EXPECT_THAT(NamesOf(*now), ElementsAre("poster", "thumbnail", "720p.mp4"));
  EXPECT_EQ(now->width(), 320);
  EXPECT_NEAR(now->duration_ms(), 1000, 100);
}

TEST_F(VideoJobsTest, SaysWhatIsWrong) {
  const v1::File picture = Kept(samples::Picture("png", 64, 64), "1");
  const auto code = [&](const std::string& payload, int64_t user_id = kUser) {
    return Done(payload, user_id).status().code();
  };
  EXPECT_EQ(code(About(picture)), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code(About(picture, R"(, "height": 100)")), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(About(picture, R"(, "height": 2160)")), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(R"({"file_id": "1"})"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(About(picture), kUser + 1), absl::StatusCode::kNotFound);
  EXPECT_EQ(Process(picture.file_id()).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Process(picture.file_id(), 5000).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Process("01234567-89ab-7def-8123-456789abcdef").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace selfology::file
