// A list of tasks kept equal with issues: the task and the integration service, the provider's sign-in
// and HTTP between them, and a tracker that can fail in every way that matters.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/integration/v1/connection_service_client.h"
#include "selfology/task/v1/sync_service_client.h"
#include "selfology/task/v1/task_service_client.h"
#include "services/growth/task/module.h"
#include "services/platform/integration/local_provider.h"
#include "services/platform/integration/module.h"
#include "services/platform/integration/settings.h"
#include "testing/mesh_test.h"
#include "tests/growth/issue_tracker.h"

namespace selfology {

inline constexpr int64_t kAnn = 101;
inline constexpr int64_t kBob = 102;

class IssueSyncTest : public testing::MeshTest {
 protected:
  void SetUp() override {
    auto provider = integration::LocalProvider::Start(
        {.token_lasts = absl::Hours(24),
         .answer_api = [this](const http::Request& request) { return tracker_.Answer(request); }});
    ASSERT_TRUE(provider.ok()) << provider.status();
    provider_ = *std::move(provider);
    StartMesh(testing::Modules(task::MakeModule(),
                               integration::MakeModule(
                                   {.providers = absl::StrCat("[", provider_->Setting(), "]"),
                                    .works_jobs = false})),
              [this](service::Settings& settings) { settings.clock = [this] { return Now(); }; });
    tasks_.emplace(Peer("task"));
    syncs_.emplace(Peer("task"));
    list_id_ = MakeList("House");
    connection_id_ = Connect();
  }
  void TearDown() override { StopMesh(); }

  // Wednesday, 6 May 2026, 10:00 in UTC, until it is moved.
  absl::Time Now() const {
    return absl::FromCivil(absl::CivilHour(2026, 5, 6, 10), absl::UTCTimeZone()) +
           absl::Seconds(ahead_seconds_.load());
  }
  void Wait(absl::Duration time) { ahead_seconds_ += absl::ToInt64Seconds(time); }
  std::string Key() { return absl::StrCat("key-", ++keys_); }

  int64_t MakeList(const std::string& name) {
    task::v1::CreateTaskListRequest request;
    request.set_user_id(kAnn);
    request.mutable_list()->set_name(name);
    request.set_idempotency_key(Key());
    const auto response = tasks_->CreateTaskList(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->list().list_id() : 0;
  }
  std::string Connect() {
    const integration::v1::ConnectionServiceClient connections(Peer("integration"));
    integration::v1::StartConnectionRequest start;
    start.set_user_id(kAnn);
    start.set_provider("local");
    start.set_idempotency_key(Key());
    const auto begun = connections.StartConnection(Deadline(), start);
    EXPECT_TRUE(begun.ok()) << begun.status();
    if (!begun.ok()) return "";
    integration::v1::FinishConnectionRequest finish;
    finish.set_user_id(kAnn);
    finish.set_state(begun->state());
    finish.set_code(provider_->Allow(begun->authorization_url()));
    const auto finished = connections.FinishConnection(Deadline(), finish);
    EXPECT_TRUE(finished.ok()) << finished.status();
    return finished.ok() ? finished->connection().connection_id() : "";
  }
  absl::StatusOr<task::v1::TaskSync> MakeSync(const std::string& repository = "me/home",
                                              int64_t person = kAnn) {
    task::v1::CreateTaskSyncRequest request;
    request.set_user_id(person);
    request.set_list_id(list_id_);
    request.set_connection_id(connection_id_);
    request.set_repository(repository);
    request.set_idempotency_key(Key());
    const auto response = syncs_->CreateTaskSync(Deadline(), request);
    if (!response.ok()) return response.status();
    sync_id_ = response->sync().sync_id();
    return response->sync();
  }
  // A run that it has to itself: the timer's may be under way.
  task::v1::RunTaskSyncResponse Run() {
    task::v1::RunTaskSyncRequest request;
    request.set_user_id(kAnn);
    request.set_sync_id(sync_id_);
    task::v1::RunTaskSyncResponse ran;
    Await("a run of the sync", [&] {
      const auto response = syncs_->RunTaskSync(Deadline(), request);
      EXPECT_TRUE(response.ok()) << response.status();
      if (response.ok()) ran = *response;
      return !response.ok() || ran.ran();
    });
    return ran;
  }
  // What is closed before a run has seen it open is history, which the other side does not get.
  void RunToItsEnd() {
    for (int i = 0; i < 20; ++i) {
      Wait(absl::Minutes(2));
      if (Run().sync().failure() == task::v1::TASK_SYNC_FAILURE_UNSPECIFIED) return;
    }
    FAIL() << "it keeps failing";
  }
  // Until nothing is left to do.
  void RunUntilQuiet() {
    for (int i = 0; i < 20; ++i) {
      const auto ran = Run();
      ASSERT_EQ(ran.sync().failure(), task::v1::TASK_SYNC_FAILURE_UNSPECIFIED);
      if (ran.tasks_changed() == 0 && ran.issues_changed() == 0) return;
      Wait(absl::Seconds(1));
    }
    FAIL() << "it does not come to rest";
  }

  task::v1::Task Create(task::v1::Task content) {
    task::v1::CreateTaskRequest request;
    request.set_user_id(kAnn);
    content.set_list_id(list_id_);
    *request.mutable_task() = std::move(content);
    request.set_idempotency_key(Key());
    const auto response = tasks_->CreateTask(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->task() : task::v1::Task();
  }
  task::v1::Task Create(const std::string& title) {
    task::v1::Task content;
    content.set_title(title);
    return Create(content);
  }
  absl::Status Update(task::v1::Task task, std::vector<std::string> mask) {
    task::v1::UpdateTaskRequest request;
    request.set_user_id(kAnn);
    task.clear_version();  // Whichever it has by now.
    *request.mutable_task() = std::move(task);
    for (std::string& path : mask) request.mutable_update_mask()->add_paths(std::move(path));
    return tasks_->UpdateTask(Deadline(), request).status();
  }
  absl::Status Complete(int64_t task_id) {
    task::v1::CompleteTaskRequest request;
    request.set_user_id(kAnn);
    request.set_task_id(task_id);
    return tasks_->CompleteTask(Deadline(), request).status();
  }
  absl::Status Reopen(int64_t task_id) {
    task::v1::ReopenTaskRequest request;
    request.set_user_id(kAnn);
    request.set_task_id(task_id);
    return tasks_->ReopenTask(Deadline(), request).status();
  }
  // Those of the list, in the order of their ids.
  std::vector<task::v1::Task> Tasks() {
    task::v1::ListTasksRequest request;
    request.set_user_id(kAnn);
    request.set_filter("list:House");
    request.set_page_size(100);
    std::vector<task::v1::Task> tasks;
    do {
      const auto page = tasks_->ListTasks(Deadline(), request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      tasks.insert(tasks.end(), page->tasks().begin(), page->tasks().end());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    std::sort(tasks.begin(), tasks.end(), [](const task::v1::Task& a, const task::v1::Task& b) {
      return a.task_id() < b.task_id();
    });
    return tasks;
  }
  task::v1::Task TaskOf(const std::string& title) {
    for (task::v1::Task& task : Tasks()) {
      if (task.title() == title) return task;
    }
    ADD_FAILURE() << "no task " << title;
    return task::v1::Task();
  }

  void RunSql(const std::string& sql) {
    const absl::Status ran =
        DatabaseAs("selfology_task").Write(Deadline(), [&](postgres::Transaction& tx) {
          return tx.Execute(sql).status();
        });
    ASSERT_TRUE(ran.ok()) << ran;
  }

  static std::string State(bool is_closed, bool is_dropped) {
    return !is_closed ? "open" : is_dropped ? "dropped" : "completed";
  }
  static std::string Line(std::string title, std::string notes, std::vector<std::string> labels,
                          std::string state) {
    std::sort(labels.begin(), labels.end());
    return absl::StrCat(title, " | ", notes, " | ", absl::StrJoin(labels, ","), " | ", state);
  }
  // What both sides have, a line each, to be compared.
  std::vector<std::string> Here() {
    std::vector<std::string> lines;
    for (const task::v1::Task& task : Tasks()) {
      lines.push_back(Line(task.title(), task.notes(), {task.labels().begin(), task.labels().end()},
                           State(task.status() != task::v1::TASK_STATUS_OPEN,
                                 task.status() == task::v1::TASK_STATUS_DROPPED)));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  std::vector<std::string> There() {
    std::vector<std::string> lines;
    for (const IssueTracker::Issue& issue : tracker_.issues()) {
      if (issue.is_pull_request) continue;
      const std::string body = issue.body.substr(0, issue.body.find("<!-- selfology:"));
      const size_t end = body.find_last_not_of("\n");
      lines.push_back(Line(issue.title, end == std::string::npos ? "" : body.substr(0, end + 1),
                           issue.labels, State(issue.is_closed, issue.is_dropped)));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  std::atomic<int64_t> ahead_seconds_ = 0;
  IssueTracker tracker_{"me/home", [this] { return Now(); }};
  std::unique_ptr<integration::LocalProvider> provider_;
  std::optional<task::v1::TaskServiceClient> tasks_;
  std::optional<task::v1::TaskSyncServiceClient> syncs_;
  int64_t list_id_ = 0;
  int64_t sync_id_ = 0;
  std::string connection_id_;
  int keys_ = 0;
};

}  // namespace selfology
