// Each kind of job that the product knows is enqueued, and completed by the service that owns it.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "selfology/analytics/v1/report_service_client.h"
#include "selfology/content/v1/content_service_client.h"
#include "selfology/file/v1/file_service_client.h"
#include "selfology/integration/v1/connection_service_client.h"
#include "selfology/notification/v1/notification_service_client.h"
#include "selfology/queue/v1/queue_service_client.h"
#include "selfology/social/v1/social_service_client.h"
#include "selfology/webhook/v1/webhook_service_client.h"
#include "testing/media/locked_media.h"
#include "tests/errors/whole_mesh_test.h"

ABSL_DECLARE_FLAG(std::string, file_ffmpeg);
ABSL_DECLARE_FLAG(std::string, file_folder);
ABSL_DECLARE_FLAG(std::string, integration_local_provider);
ABSL_DECLARE_FLAG(bool, social_private_servers);
ABSL_DECLARE_FLAG(std::string, webhook_listen);

namespace selfology {
namespace {

using ::testing::IsEmpty;

constexpr int64_t kUser = 4'503'599'627'370'497;
// One pixel.
constexpr char kPng[] =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg"
    "==";

// A port that nobody listens at.
uint16_t FreePort() {
  const auto server = http::Server::Start({}, {});
  EXPECT_TRUE(server.ok()) << server.status();
  return server.ok() ? (*server)->port() : 0;
}

class OwnersTest : public WholeMeshTest {
 protected:
  void SetUp() override {
    webhook_port_ = FreePort();
    absl::SetFlag(&FLAGS_webhook_listen, absl::StrCat("127.0.0.1:", webhook_port_));
    absl::SetFlag(&FLAGS_integration_local_provider, absl::StrCat("127.0.0.1:", FreePort()));
    absl::SetFlag(&FLAGS_social_private_servers, true);
    absl::SetFlag(&FLAGS_file_folder, absl::StrCat(::testing::TempDir(), "/owners_test_files"));
    const auto ffmpeg = media::FfmpegPath();
    ASSERT_TRUE(ffmpeg.ok()) << ffmpeg.status();
    absl::SetFlag(&FLAGS_file_ffmpeg, *ffmpeg);
    WholeMeshTest::SetUp();
    if (HasFatalFailure()) return;
    jobs_.emplace(Peer());
  }

  template <typename Request>
  static Request Mine(const std::string& json) {
    Request request;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &request).ok()) << json;
    request.set_user_id(kUser);
    return request;
  }

  // Enqueues one, and waits for its end.
  void IsDone(const std::string& kind, const std::string& payload, int64_t user_id = kUser) {
    queue::v1::EnqueueJobRequest request;
    request.mutable_job()->set_kind(kind);
    request.mutable_job()->set_user_id(user_id);
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(
                    payload, request.mutable_job()->mutable_payload())
                    .ok())
        << payload;
    request.set_idempotency_key(kind);
    const auto response = jobs_->EnqueueJob(Deadline(), request);
    ASSERT_TRUE(response.ok()) << kind << ": " << response.status();
    queue::v1::GetJobRequest get;
    get.set_job_id(response->job().job_id());
    queue::v1::Job job;
    ASSERT_TRUE(testing::Eventually(
        [&] {
          const auto found = jobs_->GetJob(Deadline(), get);
          if (found.ok()) job = found->job();
          return job.status() == queue::v1::JOB_STATUS_COMPLETED ||
                 job.status() == queue::v1::JOB_STATUS_DEAD;
        },
        kPatience))
        << kind << " is " << queue::v1::JobStatus_Name(job.status()) << ": " << job.last_error();
    EXPECT_EQ(job.status(), queue::v1::JOB_STATUS_COMPLETED) << kind << ": " << job.last_error();
  }

  std::vector<std::string> Waiting() {
    const auto response = jobs_->DescribeJobTypes(Deadline(), {});
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> waiting;
    if (!response.ok()) return waiting;
    for (const auto& type : response->types()) {
      if (type.waiting()) waiting.push_back(type.options().kind());
    }
    return waiting;
  }

  const absl::FlagSaver flags_;
  uint16_t webhook_port_ = 0;
  http::Client http_{{}};
  std::optional<queue::v1::QueueServiceClient> jobs_;
};

TEST_F(OwnersTest, Notification) {
  notification::v1::NotificationServiceClient notifications(Peer());
  const auto sent = notifications.SendNotification(
      Deadline(), Mine<notification::v1::SendNotificationRequest>(
                      R"({"kind": "test.made", "parameters": {"title": "Tea", "text": "is ready"},
                          "deduplication_key": "1"})"));
  ASSERT_TRUE(sent.ok()) << sent.status();
  const std::string payload =
      absl::StrCat(R"({"notification_id": ")", sent->notification().notification_id(), R"("})");
  IsDone("email_notification", payload);
  IsDone("push_notification", payload);
  IsDone("sms_notification_job", payload);
}

TEST_F(OwnersTest, File) {
  file::v1::FileServiceClient files(Peer());
  file::v1::StoreFileRequest store;
  store.set_user_id(kUser);
  ASSERT_TRUE(absl::Base64Unescape(kPng, store.mutable_content()));
  store.set_idempotency_key("1");
  const auto stored = files.StoreFile(Deadline(), store);
  ASSERT_TRUE(stored.ok()) << stored.status();
  const std::string file = absl::StrCat(R"("file_id": ")", stored->file().file_id(), "\"");
  IsDone("image_optimization", absl::StrCat("{", file, R"(, "format": "webp"})"));
  IsDone("thumbnail_generation", absl::StrCat("{", file, R"(, "sizes": [32]})"));

  const auto video = media::FromFfmpeg(
      "-f lavfi -i testsrc2=size=320x180:rate=25 -t 1 -c:v libx264 -preset ultrafast", "a.mp4");
  ASSERT_TRUE(video.ok()) << video.status();
  store.set_content(*video);
  store.set_idempotency_key("2");
  const auto kept = files.StoreFile(Deadline(), store);
  ASSERT_TRUE(kept.ok()) << kept.status();
  IsDone("video_transcoding", absl::StrCat(R"({"file_id": ")", kept->file().file_id(), R"("})"));
  // And as an RPC of the service, which asks the queue.
  auto process = Mine<file::v1::ProcessVideoRequest>(R"({"height": 144})");
  process.set_file_id(kept->file().file_id());
  const auto asked = files.ProcessVideo(Deadline(), process);
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_GT(asked->job_id(), 0);
  Await("the video to be made", [&] {
    const auto made = files.ProcessVideo(Deadline(), process);
    return made.ok() && made->variant().variant() == "144p.mp4";
  });
}

TEST_F(OwnersTest, Content) {
  const auto mastodon = http::Server::Start(
      {}, {{.method = "*", .path = "/*", .handler = [](const http::Request&) {
              return http::Response::Json(R"({"id": "1", "username": "me", "url": "https://a/1"})");
            }}});
  ASSERT_TRUE(mastodon.ok()) << mastodon.status();
  social::v1::SocialServiceClient accounts(Peer());
  const auto connected = accounts.ConnectAccount(
      Deadline(),
      Mine<social::v1::ConnectAccountRequest>(absl::StrCat(
          R"({"platform": "PLATFORM_MASTODON", "secret": "s", "server": "http://127.0.0.1:)",
          (*mastodon)->port(), R"("})")));
  ASSERT_TRUE(connected.ok()) << connected.status();
  content::v1::ContentServiceClient posts(Peer());
  const auto created = posts.CreatePost(
      Deadline(),
      Mine<content::v1::CreatePostRequest>(R"({"text": "hello", "idempotency_key": "1"})"));
  ASSERT_TRUE(created.ok()) << created.status();
  const int64_t post_id = created->post().post_id();
  const std::string at = R"("platforms": ["mastodon"])";
  IsDone("schedule_post_job", absl::StrCat(R"({"content_id": ")", post_id, "\", ", at, "}"));
  content::v1::GetPostRequest get;
  get.set_user_id(kUser);
  get.set_post_id(post_id);
  Await("the post to be out", [&] {
    const auto post = posts.GetPost(Deadline(), get);
    return post.ok() && post->post().state() == content::v1::POST_STATE_PUBLISHED;
  });
  IsDone("cross_platform_sync", absl::StrCat(R"({"content_id": ")", post_id, "\", ", at, "}"));
  IsDone("bulk_publish", absl::StrCat(R"({"content_ids": [")", post_id, "\"], ", at, "}"));
}

TEST_F(OwnersTest, Analytics) {
  IsDone("engagement_calculation",
         R"({"event_type": "content_engagement", "content_id": "123", "platform": "facebook",
             "engagement_data": {"likes": 45, "shares": 12, "comments": 8}})");
  analytics::v1::ReportServiceClient reports(Peer());
  const auto report = reports.CreateReport(
      Deadline(), Mine<analytics::v1::CreateReportRequest>(
                      R"({"report": {"title": "Week", "sections": [{"title": "Likes",
              "metric": "track.content_engagement"}]}, "idempotency_key": "1"})"));
  ASSERT_TRUE(report.ok()) << report.status();
  IsDone("report_generation",
         absl::StrCat(R"({"report_id": ")", report->report().report_id(), R"("})"));
  IsDone("data_aggregation", R"({"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"})",
         /*user_id=*/0);
}

TEST_F(OwnersTest, WebhookAndIntegration) {
  webhook::v1::WebhookServiceClient webhooks(Peer());
  const auto zap = webhooks.CreateSource(
      Deadline(), Mine<webhook::v1::CreateSourceRequest>(
                      R"({"provider": "PROVIDER_ZAPIER", "idempotency_key": "1"})"));
  ASSERT_TRUE(zap.ok()) << zap.status();
  Await("the door to answer", [&] {
    const auto response = http_.Send(
        Deadline(), {.method = "POST",
                     .url = absl::StrCat("http://127.0.0.1:", webhook_port_, zap->source().path()),
                     .headers = {{"X-Webhook-Secret", zap->secret()}},
                     .body = R"({"id": "z1", "event": "row_added"})"});
    return response.ok() && response->status == 200;
  });
  const auto received =
      webhooks.ListReceived(Deadline(), Mine<webhook::v1::ListReceivedRequest>("{}"));
  ASSERT_TRUE(received.ok() && received->received_size() == 1) << received.status();
  const std::string delivery =
      absl::StrCat(R"("delivery_id": ")", received->received(0).received_id(), "\"}");
  IsDone("external_event",
         absl::StrCat(R"({"provider": "zapier", "event_kind": "row_added", )", delivery));
  IsDone("callback_processing",
         absl::StrCat(R"({"provider": "zapier", "correlation_id": "c1", )", delivery));

  integration::v1::ConnectionServiceClient connections(Peer());
  const auto begun = connections.StartConnection(
      Deadline(), Mine<integration::v1::StartConnectionRequest>(
                      R"({"provider": "local", "idempotency_key": "1"})"));
  ASSERT_TRUE(begun.ok()) << begun.status();
  const auto page = http_.Send(Deadline(), {.method = "GET", .url = begun->authorization_url()});
  ASSERT_TRUE(page.ok()) << page.status();
  const size_t code = page->body.find("?code=") + 6;
  auto back = Mine<integration::v1::FinishConnectionRequest>("{}");
  back.set_state(begun->state());
  back.set_code(page->body.substr(code, page->body.find('&', code) - code));
  const auto connected = connections.FinishConnection(Deadline(), back);
  ASSERT_TRUE(connected.ok()) << connected.status() << page->body;
  IsDone("integration_sync",
         absl::StrCat(R"({"connection_id": ")", connected->connection().connection_id(), R"("})"));
}

TEST_F(OwnersTest, NothingWaits) {
  Await("the workers", [&] { return Waiting().empty(); });
  EXPECT_THAT(Waiting(), IsEmpty());
}

}  // namespace
}  // namespace selfology
