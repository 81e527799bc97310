#include "services/platform/analytics/reports/report_service.h"

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/service/mesh.h"
#include "common/service/module.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/analytics/v1/analytics_service_client.h"
#include "selfology/analytics/v1/report_service_client.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/file/v1/file_service_endpoints.h"
#include "services/platform/analytics/module.h"
#include "testing/mesh_test.h"

namespace selfology::analytics {
namespace {

using events::v1::NotificationRequested;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

// Keeps files as the file service does, as far as a report needs it.
class FilesFake final : public file::v1::FileServiceEndpoints {
 public:
  absl::StatusOr<file::v1::StoreFileResponse> StoreFile(
      const Call&, const file::v1::StoreFileRequest& request) override {
    const absl::MutexLock lock(&mutex_);
    if (is_away_) return absl::UnavailableError("not now");
    if (is_full_) return absl::ResourceExhaustedError("the quota of 5 bytes is used up");
    const auto [kept, is_new] =
        files_.try_emplace(request.idempotency_key(), std::string(request.content()));
    // The same key never comes with other bytes.
    EXPECT_EQ(kept->second, request.content());
    file::v1::StoreFileResponse response;
    response.mutable_file()->set_file_id(request.idempotency_key());
    response.mutable_file()->set_state(file::v1::FILE_STATE_READY);
    return response;
  }
  absl::StatusOr<file::v1::CreateLinkResponse> CreateLink(
      const Call&, const file::v1::CreateLinkRequest& request) override {
    file::v1::CreateLinkResponse response;
    response.set_url(absl::StrCat("https://files.example/", request.file_id()));
    *response.mutable_expires_at() =
        timestamps::ToProto(absl::Now() + absl::Seconds(request.lifetime_seconds()));
    return response;
  }
  absl::StatusOr<file::v1::DeleteFileResponse> DeleteFile(
      const Call&, const file::v1::DeleteFileRequest& request) override {
    const absl::MutexLock lock(&mutex_);
    files_.erase(request.file_id());
    return file::v1::DeleteFileResponse();
  }

  std::map<std::string, std::string> files() {
    const absl::MutexLock lock(&mutex_);
    return files_;
  }
  void Refuse(bool is_away) {
    const absl::MutexLock lock(&mutex_);
    is_away_ = is_away;
  }
  void Fill() {
    const absl::MutexLock lock(&mutex_);
    is_full_ = true;
  }

#define SELFOLOGY_UNUSED(Rpc)                                                             \
  absl::StatusOr<file::v1::Rpc##Response> Rpc(const Call&, const file::v1::Rpc##Request&) \
      override {                                                                          \
    return absl::UnimplementedError(#Rpc);                                                \
  }
  SELFOLOGY_UNUSED(CreateUpload)
  SELFOLOGY_UNUSED(AppendUpload)
  SELFOLOGY_UNUSED(GetUpload)
  SELFOLOGY_UNUSED(GetFile)
  SELFOLOGY_UNUSED(ListFiles)
  SELFOLOGY_UNUSED(GetUsage)
  SELFOLOGY_UNUSED(ReadFile)
  SELFOLOGY_UNUSED(ProcessFile)
  SELFOLOGY_UNUSED(ProcessVideo)
  SELFOLOGY_UNUSED(CheckErasures)
#undef SELFOLOGY_UNUSED

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::string> files_ ABSL_GUARDED_BY(mutex_);
  bool is_away_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_full_ ABSL_GUARDED_BY(mutex_) = false;
};

class FilesModule final : public service::Module {
 public:
  explicit FilesModule(std::shared_ptr<FilesFake> files) : files_(std::move(files)) {}
  service::ModuleInfo info() const override { return {.name = "file", .group = "file_fake"}; }
  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(files_);
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<FilesFake> files_;
};

class ReportServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(MakeModule(), std::make_unique<FilesModule>(files_)),
              [this](service::Settings& settings) {
                settings.clock = [this] { return absl::Now() + absl::Hours(hours_.load()); };
              });
    reports_.emplace(Peer("analytics"));
    analytics_.emplace(Peer("analytics"));
  }

  void Track(int64_t user_id, int times) {
    for (int i = 0; i < times; ++i) {
      v1::TrackRequest request;
      request.set_user_id(user_id);
      request.set_event("read");
      *request.mutable_occurred_at() = timestamps::ToProto(absl::Now() - absl::Hours(48));
      request.set_idempotency_key(absl::StrCat("key-", ++keys_));
      ASSERT_TRUE(analytics_->Track(Deadline(), request).ok());
    }
  }
  static v1::Report Definition() {
    v1::Report report;
    report.set_title("My week");
    v1::ReportSection& section = *report.add_sections();
    section.set_title("Read");
    section.set_metric("track.read");
    return report;
  }
  absl::StatusOr<v1::Report> Create(const v1::Report& report, const std::string& key = "k") {
    v1::CreateReportRequest request;
    request.set_user_id(kUser);
    *request.mutable_report() = report;
    request.set_idempotency_key(key);
    auto response = reports_->CreateReport(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->report();
  }
  std::vector<v1::ReportRun> Runs(int64_t report_id) {
    v1::ListReportRunsRequest request;
    request.set_user_id(kUser);
    request.set_report_id(report_id);
    const auto response = reports_->ListReportRuns(Deadline(), request);
    if (!response.ok()) return {};
    return {response->runs().begin(), response->runs().end()};
  }

  const std::shared_ptr<FilesFake> files_ = std::make_shared<FilesFake>();
  std::atomic<int> hours_ = 0;  // By which the clock is ahead.
  std::optional<v1::ReportServiceClient> reports_;
  std::optional<v1::AnalyticsServiceClient> analytics_;

 private:
  int keys_ = 0;
};

TEST_F(ReportServiceTest, AReportHasItsOwnersNumbersOnlyAndIsMadeBySchedule) {
  Track(kUser, 3);
  Track(kUser + 1, 5);
  v1::Report definition = Definition();
  definition.set_everybody(true);  // Passed over.
  definition.set_time_zone("Asia/Tokyo");
  definition.mutable_schedule()->set_recurrence(v1::RECURRENCE_DAILY);
  const auto report = Create(definition);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->everybody());
  EXPECT_EQ(Create(definition)->report_id(), report->report_id());
  auto told = AwaitPublished<NotificationRequested>();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].user_id(), kUser);
  EXPECT_EQ(told[0].kind(), "analytics.report.ready");
  EXPECT_EQ(told[0].parameters().at("text"), "Read: 3");
  EXPECT_THAT(told[0].link(), HasSubstr("https://files.example/"));
  auto runs = Runs(report->report_id());
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_EQ(runs[0].state(), v1::REPORT_RUN_STATE_DONE);
  ASSERT_THAT(runs[0].files(), SizeIs(3));
  EXPECT_EQ(runs[0].files(0).format(), v1::REPORT_FORMAT_HTML);
  EXPECT_THAT(files_->files().at(runs[0].files(0).file_id()), HasSubstr("<svg"));
  EXPECT_THAT(files_->files().at(runs[0].files(1).file_id()), HasSubstr(",3\r\n"));

  hours_ = 24 * 3;  // Three midnights later: one run.
  told = AwaitPublished<NotificationRequested>(2);
  runs = Runs(report->report_id());
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_EQ(timestamps::FromProto(runs[0].due_at()), timestamps::FromProto(report->next_run_at()));
  v1::ListReportsRequest list;
  list.set_user_id(kUser);
  EXPECT_GT(
      timestamps::FromProto(reports_->ListReports(Deadline(), list)->reports(0).next_run_at()),
      absl::Now() + absl::Hours(hours_.load()));
}

TEST_F(ReportServiceTest, EverybodysNumbersAreAnotherPermission) {
  Track(kUser, 3);
  Track(kUser + 1, 5);
  v1::CreateProductReportRequest request;
  request.set_user_id(kUser);
  *request.mutable_report() = Definition();
  request.mutable_report()->mutable_sections(0)->set_measure(v1::MEASURE_PEOPLE);
  request.set_idempotency_key("k");
  const auto report = reports_->CreateProductReport(Deadline(), request);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->report().everybody());
  const auto told = AwaitPublished<NotificationRequested>();
  EXPECT_EQ(told[0].parameters().at("text"), "Read: 2");
}

TEST_F(ReportServiceTest, ADashboardHasWhatHappenedMost) {
  Track(kUser, 3);
  Track(kUser + 1, 5);
  v1::TrackRequest other;
  other.set_user_id(kUser);
  other.set_event("played_chess");
  *other.mutable_occurred_at() = timestamps::ToProto(absl::Now() - absl::Hours(48));
  other.set_idempotency_key("chess");
  ASSERT_TRUE(analytics_->Track(Deadline(), other).ok());
  v1::GetDashboardRequest ask;
  ask.set_user_id(kUser);
  ask.set_days(7);
  ask.set_time_zone("Asia/Tokyo");
  v1::ReportContent content;
  Await("what was tracked", [&] {
    const auto dashboard = reports_->GetDashboard(Deadline(), ask);
    if (dashboard.ok()) content = dashboard->content();
    return content.sections_size() == 2;
  });
  EXPECT_EQ(content.sections(0).section().title(), "Read");
  EXPECT_EQ(content.sections(0).series(0).total(), 3);
  EXPECT_THAT(content.sections(0).series(0).points(), SizeIs(7));
  EXPECT_EQ(content.sections(1).section().title(), "Played chess");
  EXPECT_EQ(content.sections(1).series(0).total(), 1);
  const auto everybody = reports_->GetProductDashboard(Deadline(), {});
  ASSERT_TRUE(everybody.ok()) << everybody.status();
  EXPECT_EQ(everybody->content().sections(0).series(0).total(), 8);
  EXPECT_THAT(everybody->content().sections(0).series(0).points(), SizeIs(30));
  ask.set_days(367);
  ask.set_time_zone("Mars/Olympus");
  EXPECT_THAT(status::Violations(reports_->GetDashboard(Deadline(), ask).status()), SizeIs(2));

  // Kept as a report, each run chooses anew.
  v1::Report definition;
  definition.set_title("All I do");
  ASSERT_TRUE(Create(definition).ok());
  const auto told = AwaitPublished<NotificationRequested>();
  EXPECT_EQ(told[0].parameters().at("text"), "Read: 3; Played chess: 1");
}

TEST_F(ReportServiceTest, IsTriedAgainAndTellsWhenItCannotBeKept) {
  Track(kUser, 1);
  files_->Refuse(true);
  const auto report = Create(Definition());
  ASSERT_TRUE(report.ok()) << report.status();
  Await("a second try", [&] {
    ++hours_;
    const auto runs = Runs(report->report_id());
    return runs.size() == 1 && runs[0].attempts() >= 2;
  });
  EXPECT_THAT(Published<NotificationRequested>(), IsEmpty());
  files_->Refuse(false);
  Await("the report", [&] {
    ++hours_;
    return !Published<NotificationRequested>().empty();
  });
  EXPECT_EQ(Published<NotificationRequested>()[0].kind(), "analytics.report.ready");
  EXPECT_GE(Runs(report->report_id())[0].attempts(), 2);

  files_->Fill();
  v1::RunReportRequest again;
  again.set_user_id(kUser);
  again.set_report_id(report->report_id());
  again.set_idempotency_key("again");
  const auto run = reports_->RunReport(Deadline(), again);
  ASSERT_TRUE(run.ok()) << run.status();
  const auto told = AwaitPublished<NotificationRequested>(2);
  EXPECT_EQ(told[1].kind(), "analytics.report.failed");
  EXPECT_THAT(told[1].parameters().at("text"), HasSubstr("quota"));
  EXPECT_EQ(reports_->RunReport(Deadline(), again)->run().run_id(), run->run().run_id());
  EXPECT_EQ(Runs(report->report_id())[0].state(), v1::REPORT_RUN_STATE_FAILED);
}

TEST_F(ReportServiceTest, BelongsToItsOwnerAndGoesWithThem) {
  const auto report = Create(Definition());
  ASSERT_TRUE(report.ok()) << report.status();
  AwaitPublished<NotificationRequested>();
  v1::ListReportRunsRequest foreign;
  foreign.set_user_id(kUser + 1);
  foreign.set_report_id(report->report_id());
  EXPECT_EQ(reports_->ListReportRuns(Deadline(), foreign).status().code(),
            absl::StatusCode::kNotFound);
  v1::RunReportRequest run;
  run.set_user_id(kUser + 1);
  run.set_report_id(report->report_id());
  run.set_idempotency_key("k");
  EXPECT_EQ(reports_->RunReport(Deadline(), run).status().code(), absl::StatusCode::kNotFound);
  v1::DeleteReportRequest remove;
  remove.set_user_id(kUser + 1);
  remove.set_report_id(report->report_id());
  EXPECT_FALSE(reports_->DeleteReport(Deadline(), remove)->deleted());
  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  ASSERT_TRUE(analytics_->DeleteUserData(Deadline(), erase).ok());
  EXPECT_THAT(Runs(report->report_id()), IsEmpty());
  EXPECT_EQ(Create(v1::Report()).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace selfology::analytics
