#include "services/platform/file/picture_jobs.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/metrics.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "services/platform/file/file_fixture_test.h"
#include "services/platform/file/samples_test.h"
#include "services/platform/file/storage/folder_store.h"

namespace selfology::file {
namespace {

using ::testing::SizeIs;

class PictureJobsTest : public FileFixture {
 protected:
  void SetUp() override {
    FileFixture::SetUp();
    store_.emplace(folder_);
    files_.emplace(Files::Around{.database = DatabaseAs("selfology_file"),
                                 .objects = *store_,
                                 .pictures = pictures_,
                                 .videos = videos_,
                                 .metrics = metrics_,
                                 .clock = [] { return absl::Now(); }});
    jobs_.emplace(*files_);
  }

  using Work = absl::StatusOr<jobs::Result> (PictureJobs::*)(const Call&, const jobs::Job&);
  absl::StatusOr<jobs::Result> Done(Work work, const std::string& payload,
                                    int64_t user_id = kUser) {
    queue::v1::LeasedJob leased;
    leased.set_user_id(user_id);
    EXPECT_TRUE(
        google::protobuf::util::JsonStringToMessage(payload, leased.mutable_payload()).ok());
    queue::v1::WorkerServiceClient nobody(Peer("file"));
    return ((*jobs_).*work)(Deadline(), jobs::Job(leased, nobody));
  }
  static std::string About(const v1::File& file, const std::string& more = "") {
    return absl::StrCat(R"({"file_id": ")", file.file_id(), "\"", more, "}");
  }

  Pictures pictures_{Pictures::Options()};
  Videos videos_{Videos::Options()};
  observe::Metrics metrics_;
  std::optional<FolderStore> store_;
  std::optional<Files> files_;
  std::optional<PictureJobs> jobs_;
};

TEST_F(PictureJobsTest, OptimizesOnce) {
  const auto file = Store(samples::Picture("png", 800, 400), "1");
  ASSERT_TRUE(file.ok()) << file.status();
  const std::string payload =
      About(*file, R"(, "format": "jpeg", "max_width": 200, "quality": 60)");
  for (const char* time : {"first", "again"}) {
    const auto done = Done(&PictureJobs::Optimize, payload);
    ASSERT_TRUE(done.ok()) << time << done.status();
    const auto& variants = (*done)->fields().at("variants").list_value().values();
    ASSERT_THAT(variants, SizeIs(1));
    const auto& made = variants[0].struct_value().fields();
    EXPECT_EQ(made.at("variant").string_value(), "200x0.inside.jpeg.q60");
    EXPECT_EQ(made.at("media_type").string_value(), "image/jpeg");
    EXPECT_EQ(made.at("height").number_value(), 100);
  }
  EXPECT_THAT(Get(file->file_id())->variants(), SizeIs(2)) << "the thumbnail, and this one";
}

TEST_F(PictureJobsTest, MakesThumbnailsOfEachSize) {
  const auto file = Store(samples::Picture("jpeg", 800, 400), "1");
  ASSERT_TRUE(file.ok()) << file.status();
  const auto done = Done(&PictureJobs::MakeThumbnails, About(*file, R"(, "sizes": [64, 128])"));
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_THAT((*done)->fields().at("variants").list_value().values(), SizeIs(2));
  const auto usual = Done(&PictureJobs::MakeThumbnails, About(*file));
  ASSERT_TRUE(usual.ok()) << usual.status();
  const auto& made = (*usual)->fields().at("variants").list_value().values(0).struct_value();
  EXPECT_EQ(made.fields().at("variant").string_value(), "thumbnail");
}

TEST_F(PictureJobsTest, SaysWhatIsWrong) {
  const auto file = Store(samples::Picture("png", 64, 64), "1");
  const auto text = Store("text", "2");
  ASSERT_TRUE(file.ok() && text.ok()) << file.status() << text.status();
  const auto code = [&](Work work, const std::string& payload, int64_t user_id = kUser) {
    return Done(work, payload, user_id).status().code();
  };
  EXPECT_EQ(code(&PictureJobs::Optimize, About(*file, R"(, "format": "avif")")),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(&PictureJobs::MakeThumbnails, About(*file, R"(, "sizes": [0])")),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(&PictureJobs::Optimize, R"({"file_id": "1"})"),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(&PictureJobs::Optimize, About(*text)), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code(&PictureJobs::Optimize, About(*file), kUser + 1), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(&PictureJobs::Optimize, About(*file), 0), absl::StatusCode::kOk);
}

}  // namespace
}  // namespace selfology::file
