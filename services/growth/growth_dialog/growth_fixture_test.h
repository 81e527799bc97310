// The dialog over the real thing, with the services that it asks played by fakes that keep what they
// are told.
#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/service/mesh.h"
#include "common/service/settings.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/coach/v1/coach_service_endpoints.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/notification/v1/preferences_service_endpoints.h"
#include "selfology/task/v1/task_service_endpoints.h"
#include "selfology/task/v1/understanding_service_endpoints.h"
#include "selfology/telegram/v1/dialog_service_client.h"
#include "selfology/telegram/v1/telegram_gateway_service_endpoints.h"
#include "services/growth/growth_dialog/cards.h"
#include "services/growth/growth_dialog/fake_rewards_test.h"
#include "services/growth/growth_dialog/module.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"
#include "testing/serving_module.h"

namespace selfology::growth_dialog {

inline constexpr int64_t kAnn = 101;

#define FAKE_UNUSED(Package, Method)                                                             \
  absl::StatusOr<Package::Method##Response> Method(const Call&, const Package::Method##Request&) \
      override {                                                                                 \
    return absl::UnimplementedError(#Method);                                                    \
  }

// Keeps tasks; understands no sentences, whose words become the title.
class FakeTasks final : public task::v1::TaskServiceEndpoints {
 public:
  absl::StatusOr<task::v1::WriteTaskResponse> WriteTask(
      const Call&, const task::v1::WriteTaskRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (away_) return absl::UnavailableError("away");
    const auto known = by_key_.find(request.idempotency_key());
    const int64_t id =
        known != by_key_.end() ? known->second : static_cast<int64_t>(tasks_.size()) + 1;
    by_key_[request.idempotency_key()] = id;
    task::v1::Task& task = tasks_[id];
    task.set_task_id(id);
    task.set_title(request.text());
    task.set_time_zone(request.time_zone());
    task.set_status(task::v1::TASK_STATUS_OPEN);
    task.set_version(1);
    *task.mutable_created_at() = timestamps::ToProto(now_);
    *task.mutable_updated_at() = timestamps::ToProto(now_);
    task::v1::WriteTaskResponse response;
    *response.mutable_task() = task;
    response.set_confidence(1);
    return response;
  }
  absl::StatusOr<task::v1::GetTaskResponse> GetTask(
      const Call&, const task::v1::GetTaskRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (!tasks_.contains(request.task_id())) return NotFound();
    task::v1::GetTaskResponse response;
    *response.mutable_task() = tasks_.at(request.task_id());
    return response;
  }
  absl::StatusOr<task::v1::ListTasksResponse> ListTasks(
      const Call&, const task::v1::ListTasksRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (away_) return absl::UnavailableError("away");
    task::v1::ListTasksResponse response;
    const auto wanted = absl::StrContains(request.filter(), "is:completed")
                            ? task::v1::TASK_STATUS_COMPLETED
                            : task::v1::TASK_STATUS_OPEN;
    // "today", "next" and "later" of the dialog's filters; what has no date is for today.
    const absl::Time tomorrow = now_ + absl::Hours(14);
    for (const auto& [id, task] : tasks_) {
      const bool is_wanted = request.filter().empty() || task.status() == wanted;
      if (!is_wanted || task.has_wait_until()) continue;
      const absl::Time due = task.has_due_at() ? timestamps::FromProto(task.due_at()) : now_;
      const bool is_next = due >= tomorrow && due < tomorrow + absl::Hours(7 * 24);
      const bool fits = absl::StrContains(request.filter(), "due<=today")  ? due < tomorrow
                        : absl::StrContains(request.filter(), "due>today") ? is_next
                        : absl::StrContains(request.filter(), "due>+7d")
                            ? due >= tomorrow && !is_next
                            : true;
      if (fits) *response.add_tasks() = task;
    }
    if (request.sort() == "updated") {
      std::sort(response.mutable_tasks()->begin(), response.mutable_tasks()->end(),
                [](const task::v1::Task& a, const task::v1::Task& b) {
                  return a.task_id() > b.task_id();
                });
    }
    response.set_total_count(response.tasks_size());
    return response;
  }
  absl::StatusOr<task::v1::CompleteTaskResponse> CompleteTask(
      const Call&, const task::v1::CompleteTaskRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (!tasks_.contains(request.task_id())) return NotFound();
    task::v1::Task& task = NewVersion(request.task_id());
    task.set_status(task::v1::TASK_STATUS_COMPLETED);
    *task.mutable_closed_at() =
        request.has_completed_at() ? request.completed_at() : timestamps::ToProto(now_);
    task::v1::CompleteTaskResponse response;
    *response.mutable_task() = task;
    return response;
  }
  absl::StatusOr<task::v1::ReopenTaskResponse> ReopenTask(
      const Call&, const task::v1::ReopenTaskRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (away_) return absl::UnavailableError("away");
    if (!tasks_.contains(request.task_id())) return NotFound();
    task::v1::Task& task = NewVersion(request.task_id());
    task.set_status(task::v1::TASK_STATUS_OPEN);
    task::v1::ReopenTaskResponse response;
    *response.mutable_task() = task;
    if (std::exchange(leaves_, false)) return Leave();
    return response;
  }
  absl::StatusOr<task::v1::SnoozeTaskResponse> SnoozeTask(
      const Call&, const task::v1::SnoozeTaskRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (!tasks_.contains(request.task_id())) return NotFound();
    *tasks_.at(request.task_id()).mutable_wait_until() = request.until();
    task::v1::SnoozeTaskResponse response;
    *response.mutable_task() = tasks_.at(request.task_id());
    return response;
  }
  absl::StatusOr<task::v1::DeleteTaskResponse> DeleteTask(
      const Call&, const task::v1::DeleteTaskRequest& request) override {
    absl::MutexLock lock(&mutex_);
    tasks_.erase(request.task_id());
    return task::v1::DeleteTaskResponse();
  }
  absl::StatusOr<mesh::v1::HttpResponse> GetCalendar(const Call&,
                                                     const task::v1::GetCalendarRequest&) override {
    return absl::UnimplementedError("GetCalendar");
  }
  absl::StatusOr<task::v1::CreateTaskResponse> CreateTask(
      const Call&, const task::v1::CreateTaskRequest& request) override {
    absl::MutexLock lock(&mutex_);
    const auto known = by_key_.find(request.idempotency_key());
    const int64_t id =
        known != by_key_.end() ? known->second : static_cast<int64_t>(tasks_.size()) + 1;
    by_key_[request.idempotency_key()] = id;
    task::v1::Task& task = tasks_[id];
    task = request.task();
    task.set_task_id(id);
    task.set_status(task::v1::TASK_STATUS_OPEN);
    task::v1::CreateTaskResponse response;
    *response.mutable_task() = task;
    return response;
  }
  absl::StatusOr<task::v1::UpdateTaskResponse> UpdateTask(
      const Call&, const task::v1::UpdateTaskRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (!tasks_.contains(request.task().task_id())) return NotFound();
    task::v1::Task& task = NewVersion(request.task().task_id());
    for (const std::string& path : request.update_mask().paths()) {
      if (path == "due_at") *task.mutable_due_at() = request.task().due_at();
      if (path == "due_all_day") task.set_due_all_day(request.task().due_all_day());
      if (path == "wait_until") task.clear_wait_until();
      if (path == "reminders") *task.mutable_reminders() = request.task().reminders();
    }
    task::v1::UpdateTaskResponse response;
    *response.mutable_task() = task;
    return response;
  }
  absl::StatusOr<task::v1::RestoreTaskVersionResponse> RestoreTaskVersion(
      const Call&, const task::v1::RestoreTaskVersionRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (away_) return absl::UnavailableError("away");
    const task::v1::Task before = history_.at({request.task_id(), request.version()});
    task::v1::Task& task = NewVersion(request.task_id());
    const int64_t version = task.version();
    task = before;
    task.set_version(version);
    task::v1::RestoreTaskVersionResponse response;
    *response.mutable_task() = task;
    if (std::exchange(leaves_, false)) return Leave();
    return response;
  }
  FAKE_UNUSED(task::v1, GetBoard)
  FAKE_UNUSED(task::v1, ListTaskVersions)
  FAKE_UNUSED(task::v1, GetTaskVersion)
  FAKE_UNUSED(task::v1, CompareTaskVersions)
  FAKE_UNUSED(task::v1, AddTaskComment)
  FAKE_UNUSED(task::v1, ListTaskComments)
  FAKE_UNUSED(task::v1, ListOwnComments)
  FAKE_UNUSED(task::v1, DeleteTaskComment)
  FAKE_UNUSED(task::v1, CreateTaskList)
  FAKE_UNUSED(task::v1, ListTaskLists)
  FAKE_UNUSED(task::v1, UpdateTaskList)
  FAKE_UNUSED(task::v1, DeleteTaskList)

  void Add(std::string title, std::optional<absl::Time> due) {
    absl::MutexLock lock(&mutex_);
    const int64_t id = static_cast<int64_t>(tasks_.size()) + 1;
    task::v1::Task& task = tasks_[id];
    task.set_task_id(id);
    task.set_title(std::move(title));
    task.set_status(task::v1::TASK_STATUS_OPEN);
    if (due.has_value()) *task.mutable_due_at() = timestamps::ToProto(*due);
  }
  void SetAway(bool away) {
    absl::MutexLock lock(&mutex_);
    away_ = away;
  }
  // The next task that is opened again or restored is, but its answer is lost, and so is all after.
  void LeaveAfterNextUndo() {
    absl::MutexLock lock(&mutex_);
    leaves_ = true;
  }
  void SetNow(absl::Time now) {
    absl::MutexLock lock(&mutex_);
    now_ = now;
  }
  std::map<int64_t, task::v1::Task> tasks() const {
    absl::MutexLock lock(&mutex_);
    return tasks_;
  }

 private:
  static absl::Status NotFound() {
    return status::Error(mesh::v1::ERROR_CODE_TASK_NOT_FOUND, "no such task");
  }
  absl::Status Leave() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    away_ = true;
    return absl::UnavailableError("away");
  }
  // To be changed.
  task::v1::Task& NewVersion(int64_t task_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    task::v1::Task& task = tasks_.at(task_id);
    history_[{task_id, task.version()}] = task;
    task.set_version(task.version() + 1);
    return task;
  }

  mutable absl::Mutex mutex_;
  std::map<int64_t, task::v1::Task> tasks_ ABSL_GUARDED_BY(mutex_);
  // By task and version.
  std::map<std::pair<int64_t, int64_t>, task::v1::Task> history_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> by_key_ ABSL_GUARDED_BY(mutex_);
  bool away_ ABSL_GUARDED_BY(mutex_) = false;
  bool leaves_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) = absl::UnixEpoch();
};

// Knows one word.
class FakeUnderstanding final : public task::v1::TaskUnderstandingServiceEndpoints {
 public:
  absl::StatusOr<task::v1::UnderstandTaskResponse> UnderstandTask(
      const Call&, const task::v1::UnderstandTaskRequest& request) override {
    task::v1::UnderstandTaskResponse response;
    absl::TimeZone zone;
    if (request.text() != "tomorrow" || !absl::LoadTimeZone(request.time_zone(), &zone)) {
      return response;
    }
    const absl::CivilDay today = absl::ToCivilDay(timestamps::FromProto(request.now()), zone);
    *response.mutable_due_at() = timestamps::ToProto(absl::FromCivil(today + 1, zone));
    response.set_due_all_day(true);
    return response;
  }
};

class FakeTaskModule final : public service::Module {
 public:
  explicit FakeTaskModule(std::shared_ptr<FakeTasks> tasks) : tasks_(std::move(tasks)) {}
  service::ModuleInfo info() const override { return {.name = "task", .group = "task"}; }
  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(tasks_);
    mesh.Serve(std::make_shared<FakeUnderstanding>());
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<FakeTasks> tasks_;
};

// Has a plan of two steps for whoever asks, once SetPlan was called.
class FakeCoach final : public coach::v1::CoachServiceEndpoints {
 public:
  void SetPlan(int64_t plan_id) {
    absl::MutexLock lock(&mutex_);
    plan_.set_plan_id(plan_id);
    plan_.set_goal("run <more>");
    plan_.clear_steps();
    for (int number = 1; number <= 2; ++number) {
      coach::v1::PlanStep& step = *plan_.add_steps();
      step.set_number(number);
      step.set_text(absl::StrCat("step <", number, "> of ", plan_id));
      step.set_due_date("2026-05-07");
    }
  }
  absl::StatusOr<coach::v1::GetMemoryResponse> GetMemory(
      const Call&, const coach::v1::GetMemoryRequest&) override {
    absl::MutexLock lock(&mutex_);
    coach::v1::GetMemoryResponse response;
    if (plan_.plan_id() > 0) *response.mutable_plan() = plan_;
    return response;
  }
  absl::Status StreamReply(const Call&, const coach::v1::StreamReplyRequest&,
                           rpc::Writer<coach::v1::StreamReplyResponse>&) override {
    return absl::UnimplementedError("StreamReply");
  }
  FAKE_UNUSED(coach::v1, StartConversation)
  FAKE_UNUSED(coach::v1, EndConversation)
  FAKE_UNUSED(coach::v1, GetConversation)
  FAKE_UNUSED(coach::v1, SendMessage)
  FAKE_UNUSED(coach::v1, ListMessages)
  FAKE_UNUSED(coach::v1, UpdateMemory)
  FAKE_UNUSED(coach::v1, ForgetMemory)
  FAKE_UNUSED(coach::v1, ProposeCheckIn)

 private:
  absl::Mutex mutex_;
  coach::v1::Plan plan_ ABSL_GUARDED_BY(mutex_);
};

class FakePreferences final : public notification::v1::PreferencesServiceEndpoints {
 public:
  absl::StatusOr<notification::v1::GetPreferencesResponse> GetPreferences(
      const Call&, const notification::v1::GetPreferencesRequest& request) override {
    notification::v1::GetPreferencesResponse response;
    response.mutable_preferences()->set_user_id(request.user_id());
    response.mutable_preferences()->set_time_zone("Europe/Moscow");
    return response;
  }
  FAKE_UNUSED(notification::v1, UpdatePreferences)
};

// Keeps the bytes of pictures.
class FakeGateway final : public ::selfology::telegram::v1::TelegramGatewayServiceEndpoints {
 public:
  absl::StatusOr<telegram::CreateMediaResponse> CreateMedia(
      const Call&, const telegram::CreateMediaRequest& request) override {
    telegram::CreateMediaResponse response;
    response.mutable_media()->set_media_id("media_1");
    response.mutable_media()->set_size(request.size());
    return response;
  }
  absl::StatusOr<telegram::AppendMediaResponse> AppendMedia(
      const Call&, const telegram::AppendMediaRequest& request) override {
    absl::MutexLock lock(&mutex_);
    bytes_ += request.data();
    return telegram::AppendMediaResponse();
  }
  FAKE_UNUSED(telegram, SendMessage)
  FAKE_UNUSED(telegram, GetConversationState)
  FAKE_UNUSED(telegram, SetConversationState)
  FAKE_UNUSED(telegram, HandleUpdate)
  FAKE_UNUSED(telegram, GetBotInfo)
  FAKE_UNUSED(telegram, ListChatMessages)
  FAKE_UNUSED(telegram, GetLatestChatMessage)
  FAKE_UNUSED(telegram, ClearChatMessages)
  FAKE_UNUSED(telegram, ReadMedia)
  FAKE_UNUSED(telegram, ListHeldUpdates)
  FAKE_UNUSED(telegram, ReplayHeldUpdates)
  FAKE_UNUSED(telegram, DiscardHeldUpdates)

  std::string bytes() const {
    absl::MutexLock lock(&mutex_);
    return bytes_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::string bytes_ ABSL_GUARDED_BY(mutex_);
};

#undef FAKE_UNUSED

class GrowthDialogTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    using ::selfology::testing::ServingModule;
    StartMesh(::selfology::testing::Modules(
                  MakeModule(), std::unique_ptr<service::Module>(new FakeTaskModule(fakes_)),
                  std::unique_ptr<service::Module>(new FakeGamification),
                  ServingModule("notification", std::make_shared<FakePreferences>()),
                  ServingModule("coach", coach_),
                  ServingModule("challenge", std::make_shared<FakeChallenges>()),
                  ServingModule("telegram_gateway", gateway_)),
              [this](service::Settings& settings) { settings.clock = [this] { return Now(); }; });
    dialog_.emplace(Peer("growth_dialog"));
    fakes_->SetNow(Now());
  }

  // Wednesday, 6 May 2026, 10:00 in Moscow, until it is moved.
  absl::Time Now() const {
    return absl::FromCivil(absl::CivilHour(2026, 5, 6, 7), absl::UTCTimeZone()) +
           absl::Minutes(ahead_minutes_.load());
  }
  void Wait(absl::Duration time) { ahead_minutes_ += absl::ToInt64Minutes(time); }

  absl::StatusOr<telegram::DialogReaction> React(telegram::DialogUpdate update,
                                                 std::string key = "",
                                                 const std::string& language = "en",
                                                 bool other_question_waits = false,
                                                 bool passed_on = false) {
    telegram::ReactRequest request;
    request.set_dialog(std::string(kDialog));
    request.set_user_id(kAnn);
    request.set_update_number(++updates_);
    request.set_update_key(key.empty() ? absl::StrCat("update-", updates_) : key);
    request.set_language(language);
    request.set_other_question_waits(other_question_waits);
    request.set_passed_on(passed_on);
    *request.mutable_update() = std::move(update);
    const auto response = dialog_->React(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->reaction();
  }
  static telegram::DialogUpdate Command(const std::string& name, const std::string& argument = "") {
    telegram::DialogUpdate update;
    update.mutable_command()->set_name(name);
    update.mutable_command()->set_argument(argument);
    return update;
  }
  static telegram::DialogUpdate Button(const std::string& data) {
    telegram::DialogUpdate update;
    update.mutable_button()->set_action(data.substr(0, data.find(':')));
    update.mutable_button()->set_argument(data.substr(data.find(':') + 1));
    return update;
  }
  static telegram::DialogUpdate Words(const std::string& words) {
    telegram::DialogUpdate update;
    update.set_words(words);
    return update;
  }
  static std::vector<std::string> ButtonsOf(const telegram::DialogMessage& message) {
    std::vector<std::string> data;
    for (const auto& row : message.button_rows()) {
      for (const auto& button : row.buttons()) data.push_back(button.callback_data());
    }
    return data;
  }

  const std::shared_ptr<FakeTasks> fakes_ = std::make_shared<FakeTasks>();
  const std::shared_ptr<FakeCoach> coach_ = std::make_shared<FakeCoach>();
  const std::shared_ptr<FakeGateway> gateway_ = std::make_shared<FakeGateway>();
  std::optional<::selfology::telegram::v1::DialogServiceClient> dialog_;

 private:
  std::atomic<int64_t> ahead_minutes_ = 0;
  int updates_ = 0;
};

}  // namespace selfology::growth_dialog
