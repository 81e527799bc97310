#include "services/edge/webhook/inbound/event_jobs.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/crypto/seal_key.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/queue.pb.h"
#include "selfology/events/v1/webhook.pb.h"
#include "selfology/queue/v1/worker_service_client.h"
#include "services/edge/webhook/webhook_fixture_test.h"

namespace selfology::webhook {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class EventJobsTest : public WebhookTest {
 protected:
  void SetUp() override { Start(); }

  static jobs::Job JobOf(int64_t job_id, const std::string& delivery_id,
                         queue::v1::WorkerServiceClient& queue) {
    queue::v1::LeasedJob leased;
    leased.mutable_lease()->set_job_id(job_id);
    leased.set_kind("external_event");
    leased.set_user_id(kUser);
    auto& fields = *leased.mutable_payload()->mutable_fields();
    fields["provider"].set_string_value("zapier");
    fields["event_kind"].set_string_value("row_added");
    fields["delivery_id"].set_string_value(delivery_id);
    return jobs::Job(leased, queue);
  }
};

TEST_F(EventJobsTest, AJobAppliesTheRulesOnceAndAsksForNoFurtherJob) {
  v1::CreateSourceRequest request;
  request.set_user_id(kUser);
  request.set_provider(v1::PROVIDER_ZAPIER);
  auto& rule = *request.add_rules();
  rule.set_rule_id("all");
  rule.add_actions()->mutable_job()->set_kind("external_event");
  rule.add_actions()->mutable_notification();
  const auto zap = CreateSource(request);
  ASSERT_EQ(Send(zap.source(), "{}", {{"X-Webhook-Secret", zap.secret()}}).status, 200);
  ASSERT_THAT(Published<events::v1::JobRequested>(), SizeIs(1));
  ASSERT_THAT(Published<events::v1::NotificationRequested>(), SizeIs(1));

  auto& database = DatabaseAs("selfology_webhook");
  crypto::SealKey seal_key(database, "webhook_seal_key", {});
  SourceMethods sources(database, seal_key, [this] { return Now(); });
  queue::v1::WorkerServiceClient queue(Peer("webhook"));
  const std::string delivery = absl::StrCat(Received()[0].received_id());
  for (int i = 0; i < 2; ++i) {  // A job is worked at least once.
    const auto result = WorkEventJob(Deadline(), JobOf(7, delivery, queue), sources);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ((*result)->fields().at("matched_rules").list_value().values(0).string_value(), "all");
  }
  EXPECT_THAT(Published<events::v1::NotificationRequested>(), SizeIs(2));
  EXPECT_THAT(Published<events::v1::JobRequested>(), SizeIs(1));
  EXPECT_THAT(Published<events::v1::WebhookReceived>(), SizeIs(1));

  EXPECT_EQ(WorkEventJob(Deadline(), JobOf(8, "99999", queue), sources).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(WorkEventJob(Deadline(), JobOf(9, "x", queue), sources).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace selfology::webhook
