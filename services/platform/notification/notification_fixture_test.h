// The module in a process of the mesh, over real PostgreSQL, Redis and relay; a stand-in says who has
// which mail address.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/service/settings.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/notification/v1/device_service_client.h"
#include "selfology/notification/v1/local_message_service_client.h"
#include "selfology/notification/v1/notification_service_client.h"
#include "selfology/notification/v1/preferences_service_client.h"
#include "selfology/notification/v1/subscription_service_client.h"
#include "selfology/queue/v1/worker_service_endpoints.h"
#include "selfology/user/v1/account_service_endpoints.h"
#include "services/platform/notification/module.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"
#include "testing/serving_module.h"

ABSL_DECLARE_FLAG(bool, notification_local_messages);
ABSL_DECLARE_FLAG(std::string, notification_base_url);
ABSL_DECLARE_FLAG(selfology::service::Secret, notification_smtp_url);

namespace selfology::notification {

// Knows mail addresses.
class FakeUsers final : public user::v1::AccountServiceEndpoints {
 public:
  void Set(int64_t user_id, std::string email, bool verified = true) {
    absl::MutexLock lock(&mutex_);
    user::v1::User& user = users_[user_id];
    user.set_user_id(user_id);
    user.set_email(std::move(email));
    user.set_email_verified(verified);
  }
  std::atomic<bool> away = false;

  absl::StatusOr<user::v1::GetUserResponse> GetUser(
      const Call&, const user::v1::GetUserRequest& request) override {
    if (away) return absl::UnavailableError("away");
    absl::MutexLock lock(&mutex_);
    const auto found = users_.find(request.user_id());
    if (found == users_.end()) return absl::NotFoundError("no such person");
    user::v1::GetUserResponse response;
    *response.mutable_user() = found->second;
    return response;
  }

#define NOT_CALLED(Method)                                                                         \
  absl::StatusOr<user::v1::Method##Response> Method(const Call&, const user::v1::Method##Request&) \
      override {                                                                                   \
    return absl::UnimplementedError(#Method);                                                      \
  }
  NOT_CALLED(Register)
  NOT_CALLED(Login)
  NOT_CALLED(VerifyEmail)
  NOT_CALLED(RequestVerification)
  NOT_CALLED(RequestRecovery)
  NOT_CALLED(RecoverPassword)
  NOT_CALLED(ChangePassword)
  NOT_CALLED(UpdateUser)
  NOT_CALLED(PatchUser)
  NOT_CALLED(DeleteUser)
  NOT_CALLED(ExportUser)
  NOT_CALLED(GetJob)
#undef NOT_CALLED
  absl::StatusOr<mesh::v1::HttpResponse> DownloadExport(
      const Call&, const user::v1::DownloadExportRequest&) override {
    return absl::UnimplementedError("DownloadExport");
  }

 private:
  absl::Mutex mutex_;
  std::map<int64_t, user::v1::User> users_ ABSL_GUARDED_BY(mutex_);
};

// Hands out the jobs that a test gives it, each once, and remembers how they ended.
class FakeQueue final : public queue::v1::WorkerServiceEndpoints {
 public:
  void Give(queue::v1::LeasedJob job) {
    absl::MutexLock lock(&mutex_);
    job.mutable_lease()->set_job_id(++given_);
    waiting_.push_back(std::move(job));
  }
  std::vector<queue::v1::Completion> completed() const {
    absl::MutexLock lock(&mutex_);
    return completed_;
  }
  size_t failed() const {
    absl::MutexLock lock(&mutex_);
    return failed_;
  }

  absl::StatusOr<queue::v1::LeaseJobsResponse> LeaseJobs(
      const Call&, const queue::v1::LeaseJobsRequest& request) override {
    absl::MutexLock lock(&mutex_);
    queue::v1::LeaseJobsResponse response;
    EXPECT_EQ(request.queue(), "notification_delivery_queue");
    for (queue::v1::LeasedJob& job : waiting_) *response.add_jobs() = std::move(job);
    waiting_.clear();
    return response;
  }
  absl::StatusOr<queue::v1::CompleteJobsResponse> CompleteJobs(
      const Call&, const queue::v1::CompleteJobsRequest& request) override {
    absl::MutexLock lock(&mutex_);
    completed_.insert(completed_.end(), request.completions().begin(), request.completions().end());
    return queue::v1::CompleteJobsResponse();
  }
  absl::StatusOr<queue::v1::FailJobsResponse> FailJobs(
      const Call&, const queue::v1::FailJobsRequest& request) override {
    absl::MutexLock lock(&mutex_);
    failed_ += static_cast<size_t>(request.failures_size());
    return queue::v1::FailJobsResponse();
  }
  absl::StatusOr<queue::v1::ExtendLeasesResponse> ExtendLeases(
      const Call&, const queue::v1::ExtendLeasesRequest&) override {
    return queue::v1::ExtendLeasesResponse();
  }
  absl::StatusOr<queue::v1::ReportProgressResponse> ReportProgress(
      const Call&, const queue::v1::ReportProgressRequest&) override {
    return queue::v1::ReportProgressResponse();
  }

 private:
  mutable absl::Mutex mutex_;
  int64_t given_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<queue::v1::LeasedJob> waiting_ ABSL_GUARDED_BY(mutex_);
  std::vector<queue::v1::Completion> completed_ ABSL_GUARDED_BY(mutex_);
  size_t failed_ ABSL_GUARDED_BY(mutex_) = 0;
};

class NotificationTest : public ::selfology::testing::MeshTest {
 protected:
  static constexpr int64_t kAnn = 1001;
  static constexpr char kAnnsMail[] = "ann@example.org";

  void SetUp() override {
    absl::SetFlag(&FLAGS_notification_local_messages, true);
    absl::SetFlag(&FLAGS_notification_base_url, "https://example.org");
    users_->Set(kAnn, kAnnsMail);
  }

  // It is noon, UTC, and goes on as the test says.
  void Start() {
    StartMesh(::selfology::testing::Modules(MakeModule(),
                                            ::selfology::testing::ServingModule("user", users_),
                                            ::selfology::testing::ServingModule("queue", queue_)),
              [this](service::Settings& settings) { settings.clock = [this] { return Now(); }; });
    notifications_.emplace(Peer("notification"));
    preferences_.emplace(Peer("notification"));
    subscriptions_.emplace(Peer("notification"));
    devices_.emplace(Peer("notification"));
    local_.emplace(Peer("notification"));
  }

  absl::Time Now() const { return absl::FromUnixSeconds(now_.load()); }
  void SetClock(absl::Time now) { now_ = absl::ToUnixSeconds(now); }
  void Pass(absl::Duration time) { now_ += absl::ToInt64Seconds(time); }
  static absl::Time At(int day, int hour, int minute) {
    return absl::FromCivil(absl::CivilSecond(2026, 6, day, hour, minute, 0), absl::UTCTimeZone());
  }

  v1::SendNotificationRequest Of(const std::string& kind, const std::string& key,
                                 std::vector<v1::Channel> channels = {}) {
    v1::SendNotificationRequest request;
    request.set_user_id(kAnn);
    request.set_kind(kind);
    request.set_deduplication_key(key);
    (*request.mutable_parameters())["title"] = absl::StrCat("Title ", key);
    (*request.mutable_parameters())["text"] = absl::StrCat("Text ", key);
    for (const v1::Channel channel : channels) request.add_channels(channel);
    return request;
  }
  v1::Notification Send(const v1::SendNotificationRequest& request) {
    const auto response = notifications_->SendNotification(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->notification() : v1::Notification();
  }

  std::vector<v1::Notification> Inbox(bool unread_only = false) {
    std::vector<v1::Notification> all;
    v1::ListNotificationsRequest request;
    request.set_user_id(kAnn);
    request.set_unread_only(unread_only);
    request.set_page_size(3);
    do {
      const auto page = notifications_->ListNotifications(Deadline(), request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      all.insert(all.end(), page->notifications().begin(), page->notifications().end());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return all;
  }
  int64_t Unread() {
    v1::CountUnreadRequest request;
    request.set_user_id(kAnn);
    const auto response = notifications_->CountUnread(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->unread() : -1;
  }
  v1::MarkReadResponse Read(int64_t notification_id) {
    v1::MarkReadRequest request;
    request.set_user_id(kAnn);
    request.set_notification_id(notification_id);
    const auto response = notifications_->MarkRead(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::MarkReadResponse();
  }

  // Newest first; 0: of all notifications.
  std::vector<v1::Delivery> Deliveries(int64_t notification_id = 0,
                                       v1::Channel channel = v1::CHANNEL_UNSPECIFIED) {
    v1::ListDeliveriesRequest request;
    request.set_user_id(kAnn);
    request.set_notification_id(notification_id);
    request.set_channel(channel);
    const auto response = notifications_->ListDeliveries(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->deliveries().begin(), response->deliveries().end()};
  }
  // The one delivery of a notification by a channel.
  v1::Delivery DeliveryOf(const v1::Notification& notification, v1::Channel channel) {
    const auto deliveries = Deliveries(notification.notification_id(), channel);
    EXPECT_EQ(deliveries.size(), 1u);
    return deliveries.empty() ? v1::Delivery() : deliveries[0];
  }
  v1::Delivery AwaitStatus(const v1::Notification& notification, v1::Channel channel,
                           v1::DeliveryStatus status) {
    v1::Delivery found;
    Await(absl::StrCat("the delivery to be ", v1::DeliveryStatus_Name(status)), [&] {
      const auto deliveries = Deliveries(notification.notification_id(), channel);
      if (deliveries.empty()) return false;
      found = deliveries[0];
      return found.status() == status;
    });
    return found;
  }
  v1::Delivery AwaitAttempts(const v1::Notification& notification, v1::Channel channel, int count) {
    v1::Delivery found;
    Await("attempts", [&] {
      const auto deliveries = Deliveries(notification.notification_id(), channel);
      if (deliveries.empty()) return false;
      found = deliveries[0];
      return found.attempts_size() >= count &&
             found.attempts(count - 1).outcome() != v1::ATTEMPT_OUTCOME_UNSPECIFIED &&
             found.status() != v1::DELIVERY_STATUS_SENDING;
    });
    return found;
  }

  std::vector<v1::LocalMessage> LocalMessages(v1::Channel channel = v1::CHANNEL_UNSPECIFIED) {
    v1::ListLocalMessagesRequest request;
    request.set_channel(channel);
    const auto response = local_->ListLocalMessages(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->messages().begin(), response->messages().end()};
  }

  void Choose(const v1::Subscription& subscription) {
    v1::SubscribeRequest request;
    *request.mutable_subscription() = subscription;
    request.mutable_subscription()->set_user_id(kAnn);
    const auto response = subscriptions_->Subscribe(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
  }
  template <typename F>
  v1::Preferences Prefer(const std::vector<std::string>& fields, F&& set) {
    v1::UpdatePreferencesRequest request;
    request.mutable_preferences()->set_user_id(kAnn);
    set(*request.mutable_preferences());
    for (const std::string& field : fields) request.mutable_update_mask()->add_paths(field);
    const auto response = preferences_->UpdatePreferences(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->preferences() : v1::Preferences();
  }
  absl::StatusOr<v1::Device> Register(v1::DeviceKind kind, const std::string& token,
                                      const std::string& p256dh = "", const std::string& auth = "",
                                      int64_t user_id = kAnn) {
    v1::RegisterDeviceRequest request;
    request.mutable_device()->set_user_id(user_id);
    request.mutable_device()->set_kind(kind);
    request.mutable_device()->set_token(token);
    request.mutable_device()->set_p256dh(p256dh);
    request.mutable_device()->set_auth(auth);
    const auto response = devices_->RegisterDevice(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->device();
  }

  // A number that the room's tables give.
  int64_t Count(std::string_view sql) {
    const auto rows =
        DatabaseAs("selfology_notification").Write(Deadline(), [&](postgres::Transaction& tx) {
          return tx.QueryOne<int64_t>(sql);
        });
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() && rows->has_value() ? std::get<0>(**rows) : -1;
  }

  const std::shared_ptr<FakeUsers> users_ = std::make_shared<FakeUsers>();
  const std::shared_ptr<FakeQueue> queue_ = std::make_shared<FakeQueue>();
  std::optional<v1::NotificationServiceClient> notifications_;
  std::optional<v1::PreferencesServiceClient> preferences_;
  std::optional<v1::SubscriptionServiceClient> subscriptions_;
  std::optional<v1::DeviceServiceClient> devices_;
  std::optional<v1::LocalMessageServiceClient> local_;

 private:
  const absl::FlagSaver flags_;
  std::atomic<int64_t> now_ = absl::ToUnixSeconds(At(1, 12, 0));
};

}  // namespace selfology::notification
