// The room over the real thing, with a clock that can be moved, and the user service played by a fake
// that knows who follows whom.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/service/settings.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/task.pb.h"
#include "selfology/task/v1/dependency_service_client.h"
#include "selfology/task/v1/task_service_client.h"
#include "selfology/task/v1/template_service_client.h"
#include "selfology/task/v1/understanding_service_client.h"
#include "selfology/user/v1/social_service_endpoints.h"
#include "services/growth/task/module.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"
#include "testing/serving_module.h"

namespace selfology::task {

inline constexpr int64_t kAnn = 101;
inline constexpr int64_t kBob = 102;   // Ann's friend.
inline constexpr int64_t kCarl = 103;  // Nobody's.

// Ann and Bob follow each other.
class FakeSocial final : public user::v1::SocialServiceEndpoints {
 public:
  absl::StatusOr<user::v1::GetRelationResponse> GetRelation(
      const Call&, const user::v1::GetRelationRequest& request) override {
    user::v1::GetRelationResponse response;
    const std::set<int64_t> pair = {request.user_id(), request.other_user_id()};
    response.mutable_relation()->set_mutual(pair == std::set<int64_t>{kAnn, kBob});
    return response;
  }

#define UNUSED(Method)                                                                             \
  absl::StatusOr<user::v1::Method##Response> Method(const Call&, const user::v1::Method##Request&) \
      override {                                                                                   \
    return absl::UnimplementedError(#Method);                                                      \
  }
  UNUSED(Follow)
  UNUSED(Unfollow)
  UNUSED(Block)
  UNUSED(Unblock)
  UNUSED(ListFollowing)
  UNUSED(ListFollowers)
  UNUSED(ListMutuals)
  UNUSED(ListBlocked)
  UNUSED(SuggestPeople)
#undef UNUSED
};

class TaskTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(
        ::selfology::testing::Modules(MakeModule(), ::selfology::testing::ServingModule(
                                                        "user", std::make_shared<FakeSocial>())),
        [this](service::Settings& settings) { settings.clock = [this] { return Now(); }; });
    tasks_.emplace(Peer("task"));
    graph_.emplace(Peer("task"));
    templates_.emplace(Peer("task"));
  }

  // Wednesday, 6 May 2026, 10:00 in UTC, until it is moved.
  absl::Time Now() const {
    return absl::FromCivil(absl::CivilHour(2026, 5, 6, 10), absl::UTCTimeZone()) +
           absl::Minutes(ahead_minutes_.load());
  }
  void Wait(absl::Duration time) { ahead_minutes_ += absl::ToInt64Minutes(time); }
  static google::protobuf::Timestamp At(int day, int hour) {
    return timestamps::ToProto(
        absl::FromCivil(absl::CivilHour(2026, 5, day, hour), absl::UTCTimeZone()));
  }

  std::string Key() { return absl::StrCat("key-", ++keys_); }

  v1::Task Create(v1::Task content, int64_t owner = kAnn) {
    v1::CreateTaskRequest request;
    request.set_user_id(owner);
    *request.mutable_task() = std::move(content);
    request.set_idempotency_key(Key());
    const auto response = tasks_->CreateTask(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->task() : v1::Task();
  }
  v1::Task Create(std::string_view title) {
    v1::Task content;
    content.set_title(std::string(title));
    return Create(content);
  }
  absl::StatusOr<v1::CompleteTaskResponse> Complete(int64_t task_id, int64_t person = kAnn) {
    return tasks_->CompleteTask(Deadline(), Of<v1::CompleteTaskRequest>(task_id, person));
  }
  absl::StatusOr<v1::Task> Get(int64_t task_id, int64_t person = kAnn) {
    const auto response = tasks_->GetTask(Deadline(), Of<v1::GetTaskRequest>(task_id, person));
    if (!response.ok()) return response.status();
    return response->task();
  }
  absl::StatusOr<v1::Task> Update(v1::Task task, std::vector<std::string> mask = {}) {
    v1::UpdateTaskRequest request;
    request.set_user_id(kAnn);
    *request.mutable_task() = std::move(task);
    for (std::string& path : mask) request.mutable_update_mask()->add_paths(std::move(path));
    const auto response = tasks_->UpdateTask(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->task();
  }
  std::vector<std::string> Titles(const std::string& filter, const std::string& sort = "",
                                  int64_t person = kAnn) {
    v1::ListTasksRequest request;
    request.set_user_id(person);
    request.set_filter(filter);
    request.set_sort(sort);
    request.set_page_size(2);
    std::vector<std::string> titles;
    do {
      const auto page = tasks_->ListTasks(Deadline(), request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      for (const auto& task : page->tasks()) titles.push_back(task.title());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return titles;
  }
  absl::Status Link(int64_t before, int64_t after, int64_t person = kAnn) {
    v1::AddDependencyRequest request;
    request.set_user_id(person);
    request.set_before_task_id(before);
    request.set_after_task_id(after);
    return graph_->AddDependency(Deadline(), request).status();
  }

  template <typename Request>
  static Request Of(int64_t task_id, int64_t person = kAnn) {
    Request request;
    request.set_user_id(person);
    request.set_task_id(task_id);
    return request;
  }

  std::optional<v1::TaskServiceClient> tasks_;
  std::optional<v1::DependencyServiceClient> graph_;
  std::optional<v1::TaskTemplateServiceClient> templates_;

 private:
  std::atomic<int64_t> ahead_minutes_ = 0;
  int keys_ = 0;
};

}  // namespace selfology::task
