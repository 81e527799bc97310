// A list of tasks kept equal with issues: the task and the integration service, the provider's sign-in
// and HTTP between them, and a tracker that can fail in every way that matters.
#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/task.pb.h"
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
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr int64_t kAnn = 101;
constexpr int64_t kBob = 102;

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

TEST_F(IssueSyncTest, OpenIssuesBecomeTasksAndOpenTasksIssues) {
  tracker_.Open({.title = "Buy paint", .body = "white\r\n", .labels = {"Good First Issue"}});
  tracker_.Open({.title = "Done long ago", .is_closed = true});
  tracker_.Open({.title = "A pull request", .is_pull_request = true});
  task::v1::Task mine;
  mine.set_title("Call the plumber");
  mine.set_notes("about the tap");
  mine.add_labels("home");
  Create(mine);
  const int64_t done = Create("Done already").task_id();
  ASSERT_TRUE(Complete(done).ok());
  ASSERT_TRUE(MakeSync().ok());
  const auto ran = Run();
  EXPECT_EQ(ran.tasks_changed(), 1);
  EXPECT_EQ(ran.issues_changed(), 1);
  EXPECT_EQ(ran.sync().linked_count(), 2);
  EXPECT_TRUE(ran.sync().has_synced_at());
  EXPECT_THAT(Here(), UnorderedElementsAre("Buy paint | white | good-first-issue | open",
                                           "Call the plumber | about the tap | home | open",
                                           "Done already |  |  | completed"));
  EXPECT_THAT(There(), UnorderedElementsAre("Buy paint | white\r | Good First Issue | open",
                                            "Call the plumber | about the tap | home | open",
                                            "Done long ago |  |  | completed"));
  // No echo: what was written is no change when it is read back.
  const int writes = tracker_.writes();
  const auto before = Tasks();
  for (int i = 0; i < 3; ++i) {
    Wait(absl::Minutes(1));
    const auto again = Run();
    EXPECT_EQ(again.tasks_changed() + again.issues_changed() + again.conflicts(), 0);
  }
  EXPECT_EQ(tracker_.writes(), writes);
  EXPECT_EQ(TaskOf("Buy paint").version(), 1);
  EXPECT_THAT(Tasks(), SizeIs(before.size()));
}

TEST_F(IssueSyncTest, EachSideGetsWhatTheOtherChanges) {
  const int64_t number = tracker_.Open({.title = "Buy paint", .labels = {"Colour"}});
  ASSERT_TRUE(MakeSync().ok());
  Run();
  task::v1::Task task = TaskOf("Buy paint");
  task.add_labels("shop");
  ASSERT_TRUE(Update(task, {"labels"}).ok());
  Wait(absl::Seconds(5));
  tracker_.Edit(number, [](IssueTracker::Issue& issue) { issue.title = "Buy white paint"; });
  Run();
  EXPECT_THAT(Here(), ElementsAre("Buy white paint |  | colour,shop | open"));
  // As it is written there.
  EXPECT_THAT(There(), ElementsAre("Buy white paint |  | Colour,shop | open"));
  // Closing there completes here, with all that follows from it; opening again takes it back.
  Wait(absl::Hours(1));
  tracker_.Edit(number, [](IssueTracker::Issue& issue) { issue.is_closed = true; });
  const absl::Time closed = Now();
  Wait(absl::Minutes(30));
  Run();
  const auto completed = AwaitPublished<events::v1::TaskCompleted>();
  EXPECT_EQ(completed[0].task_id(), task.task_id());
  EXPECT_EQ(absl::FromUnixSeconds(completed[0].completed_at().seconds()), closed);
  tracker_.Edit(number, [](IssueTracker::Issue& issue) { issue.is_closed = false; });
  Run();
  AwaitPublished<events::v1::TaskReopened>();
  // And the other way round.
  ASSERT_TRUE(Complete(task.task_id()).ok());
  Run();
  EXPECT_TRUE(tracker_.issues()[0].is_closed);
  ASSERT_TRUE(Reopen(task.task_id()).ok());
  Run();
  EXPECT_FALSE(tracker_.issues()[0].is_closed);
  task.set_status(task::v1::TASK_STATUS_DROPPED);
  ASSERT_TRUE(Update(task, {"status"}).ok());
  Run();
  EXPECT_TRUE(tracker_.issues()[0].is_dropped);
}

TEST_F(IssueSyncTest, WhereBothHaveChangedTheLaterChangeOfEachFieldHolds) {
  const int64_t number = tracker_.Open({.title = "paint", .body = "white"});
  ASSERT_TRUE(MakeSync().ok());
  Run();
  task::v1::Task task = TaskOf("paint");
  Wait(absl::Minutes(1));
  task.set_title("here, early");
  ASSERT_TRUE(Update(task, {"title"}).ok());
  Wait(absl::Minutes(1));
  tracker_.Edit(number, [](IssueTracker::Issue& issue) {
    issue.title = "there";
    issue.body = "there";
  });
  Wait(absl::Minutes(1));
  task.set_notes("here, late");
  ASSERT_TRUE(Update(task, {"notes"}).ok());
  EXPECT_EQ(Run().conflicts(), 2);
  EXPECT_THAT(Here(), ElementsAre("there | here, late |  | open"));
  EXPECT_EQ(Here(), There());
  // What was given up here can be read in the task's versions.
  task::v1::ListTaskVersionsRequest request;
  request.set_user_id(kAnn);
  request.set_task_id(task.task_id());
  const auto versions = tasks_->ListTaskVersions(Deadline(), request);
  ASSERT_TRUE(versions.ok()) << versions.status();
  EXPECT_EQ(versions->versions(0).change(), "sync");
  EXPECT_EQ(versions->versions(1).task().title(), "here, early");
}

TEST_F(IssueSyncTest, ObeysWhatItIsToldAboutComingBack) {
  tracker_.Open({.title = "paint"});
  ASSERT_TRUE(MakeSync().ok());
  tracker_.FailNext({.status = 403, .retry_after = absl::Seconds(300)});
  auto ran = Run();
  EXPECT_EQ(ran.sync().failure(), task::v1::TASK_SYNC_FAILURE_BUSY);
  EXPECT_EQ(ran.sync().next_run_at().seconds(), absl::ToUnixSeconds(Now()) + 300);
  const int requests = tracker_.requests();
  Wait(absl::Seconds(290));
  EXPECT_EQ(Run().sync().failure(), task::v1::TASK_SYNC_FAILURE_BUSY);
  EXPECT_EQ(tracker_.requests(), requests);
  Wait(absl::Seconds(15));
  ran = Run();
  EXPECT_EQ(ran.sync().failure(), task::v1::TASK_SYNC_FAILURE_UNSPECIFIED);
  EXPECT_THAT(Here(), ElementsAre("paint |  |  | open"));
  // A write that is refused so is made up for.
  Create("brush");
  tracker_.FailNext({.method = "POST", .status = 429, .retry_after = absl::Seconds(100)});
  EXPECT_EQ(Run().sync().failure(), task::v1::TASK_SYNC_FAILURE_BUSY);
  Wait(absl::Seconds(101));
  EXPECT_EQ(Run().issues_changed(), 1);
  EXPECT_EQ(Here(), There());
}

TEST_F(IssueSyncTest, AnIssueWhoseAnswerWasLostIsNotMadeTwice) {
  ASSERT_TRUE(MakeSync().ok());
  for (const int status : {0, 502}) {
    Create(absl::StrCat("Made, and then ", status));
    tracker_.FailNext({.method = "POST", .status = status, .after_doing_it = true});
    EXPECT_EQ(Run().sync().failure(), task::v1::TASK_SYNC_FAILURE_AWAY);
    Wait(absl::Seconds(5));
    EXPECT_EQ(Run().sync().failure(), task::v1::TASK_SYNC_FAILURE_UNSPECIFIED);
    // Not made at all: made after a while.
    Create(absl::StrCat("Not made, ", status));
    tracker_.FailNext({.method = "POST", .status = status});
    EXPECT_EQ(Run().sync().failure(), task::v1::TASK_SYNC_FAILURE_AWAY);
    Wait(absl::Seconds(30));
    EXPECT_EQ(Run().issues_changed(), 0);
    Wait(absl::Seconds(40));
    EXPECT_EQ(Run().issues_changed(), 1);
  }
  EXPECT_THAT(tracker_.issues(), SizeIs(4));
  EXPECT_EQ(Here(), There());
}

TEST_F(IssueSyncTest, WhatIsDeletedOrLeavesIsLetGo) {
  const int64_t gone = tracker_.Open({.title = "to go there"});
  tracker_.Open({.title = "to go here"});
  tracker_.Open({.title = "to leave the list"});
  ASSERT_TRUE(MakeSync().ok());
  Run();
  task::v1::DeleteTaskRequest request;
  request.set_user_id(kAnn);
  request.set_task_id(TaskOf("to go here").task_id());
  ASSERT_TRUE(tasks_->DeleteTask(Deadline(), request).ok());
  task::v1::Task leaving = TaskOf("to leave the list");
  leaving.set_list_id(0);
  ASSERT_TRUE(Update(leaving, {"list_id"}).ok());
  tracker_.Edit(gone, [](IssueTracker::Issue& issue) { issue.is_gone = true; });
  task::v1::Task orphan = TaskOf("to go there");
  orphan.set_title("alone");
  ASSERT_TRUE(Update(orphan, {"title"}).ok());
  const auto ran = Run();
  EXPECT_EQ(ran.sync().failure(), task::v1::TASK_SYNC_FAILURE_UNSPECIFIED);
  EXPECT_EQ(ran.sync().linked_count(), 0);
  EXPECT_THAT(Here(), ElementsAre("alone |  |  | open"));
  EXPECT_THAT(There(),
              UnorderedElementsAre("to go here |  |  | dropped", "to leave the list |  |  | open"));
  // Nor does it come back.
  tracker_.Edit(2, [](IssueTracker::Issue& issue) { issue.is_closed = false; });
  EXPECT_EQ(Run().tasks_changed(), 0);
}

TEST_F(IssueSyncTest, OnlyOnesOwnAndOnlyWhatIsReached) {
  EXPECT_THAT(status::Violations(MakeSync("me/other").status()), SizeIs(1));
  EXPECT_THAT(status::Violations(MakeSync("../../user").status()), SizeIs(1));
  EXPECT_EQ(status::Violations(MakeSync("me/home", kBob).status())[0].field, "connection_id");
  ASSERT_TRUE(MakeSync().ok());
  EXPECT_EQ(status::Violations(MakeSync().status())[0].field, "list_id");
  task::v1::RunTaskSyncRequest request;
  request.set_user_id(kBob);
  request.set_sync_id(sync_id_);
  EXPECT_EQ(status::Reason(syncs_->RunTaskSync(Deadline(), request).status()), "TASK_NOT_FOUND");
  // A connection that has ended is the person's to mend.
  provider_->RevokeAll();
  EXPECT_EQ(Run().sync().failure(), task::v1::TASK_SYNC_FAILURE_DISCONNECTED);
  task::v1::DeleteUserDataRequest erase;
  erase.set_user_id(kAnn);
  EXPECT_TRUE(tasks_->DeleteUserData(Deadline(), erase).ok());
  task::v1::ListTaskSyncsRequest list;
  list.set_user_id(kAnn);
  EXPECT_THAT(syncs_->ListTaskSyncs(Deadline(), list)->syncs(), IsEmpty());
}

// A thousand changes on both sides, runs among them at random, and faults of every kind.
TEST_F(IssueSyncTest, AThousandRandomEditsOnBothSidesEndEqual) {
  std::mt19937 random(20260506);
  const auto upto = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  const auto word = [&] { return absl::StrCat("w", upto(40)); };
  const std::vector<std::string> labels = {"a", "b", "c", "d", "e"};
  for (int i = 0; i < 12; ++i) tracker_.Open({.title = absl::StrCat("there ", i)});
  for (int i = 0; i < 12; ++i) Create(absl::StrCat("here ", i));
  ASSERT_TRUE(MakeSync().ok());
  RunUntilQuiet();
  int conflicts = 0, faults = 0;
  for (int edit = 0; edit < 1'000; ++edit) {
    Wait(absl::Seconds(upto(3)));
    if (upto(2) == 0) {
      const auto issues = tracker_.issues();
      if (upto(60) == 0) {
        tracker_.Open({.title = absl::StrCat("there too ", edit)});
        RunToItsEnd();
        continue;
      }
      tracker_.Edit(issues[upto(static_cast<int>(issues.size()))].number,
                    [&](IssueTracker::Issue& issue) {
                      switch (upto(4)) {
                        case 0:
                          issue.title = word();
                          break;
                        case 1:
                          issue.body = absl::StrCat(word(), "\r\n", word());
                          break;
                        case 2: {
                          const std::string label = labels[upto(5)];
                          if (std::erase(issue.labels, label) == 0) issue.labels.push_back(label);
                          break;
                        }
                        default:
                          issue.is_closed = !issue.is_closed;
                          issue.is_dropped = issue.is_closed && upto(2) == 0;
                      }
                    });
    } else {
      if (upto(60) == 0) {
        Create(absl::StrCat("here too ", edit));
        RunToItsEnd();
        continue;
      }
      const auto tasks = Tasks();
      task::v1::Task task = tasks[upto(static_cast<int>(tasks.size()))];
      switch (upto(4)) {
        case 0:
          task.set_title(word());
          EXPECT_TRUE(Update(task, {"title"}).ok());
          break;
        case 1:
          task.set_notes(absl::StrCat(word(), "\n", word()));
          EXPECT_TRUE(Update(task, {"notes"}).ok());
          break;
        case 2: {
          std::vector<std::string> all(task.labels().begin(), task.labels().end());
          const std::string label = labels[upto(5)];
          if (std::erase(all, label) == 0) all.push_back(label);
          task.mutable_labels()->Assign(all.begin(), all.end());
          EXPECT_TRUE(Update(task, {"labels"}).ok());
          break;
        }
        default:
          if (task.status() != task::v1::TASK_STATUS_OPEN) {
            EXPECT_TRUE(Reopen(task.task_id()).ok());
          } else if (upto(2) == 0) {
            EXPECT_TRUE(Complete(task.task_id()).ok());
          } else {
            task.set_status(task::v1::TASK_STATUS_DROPPED);
            EXPECT_TRUE(Update(task, {"status"}).ok());
          }
      }
    }
    if (upto(20) != 0) continue;
    if (upto(4) == 0) {
      ++faults;
      const std::vector<IssueTracker::Fault> kinds = {
          {.status = 500},
          {.status = 429, .retry_after = absl::Seconds(30)},
          {.method = "PATCH", .status = 403, .retry_after = absl::Seconds(10)},
          {.method = "PATCH", .status = 0, .after_doing_it = true},
          {.method = "POST", .status = 502, .after_doing_it = true},
          {.method = "POST", .status = 0, .after_doing_it = true}};
      tracker_.FailNext(kinds[upto(static_cast<int>(kinds.size()))]);
    }
    conflicts += Run().conflicts();
  }
  EXPECT_GT(conflicts, 5);
  EXPECT_GT(faults, 5);
  // Faults that are left over are used up, and unknown outcomes become known.
  for (int i = 0; i < 40; ++i) {
    Wait(absl::Minutes(5));
    Run();
  }
  RunUntilQuiet();
  std::vector<std::string> there = There();
  for (std::string& line : there) std::erase(line, '\r');
  const std::vector<std::string> here = Here();
  EXPECT_GE(here.size(), 24u);
  std::vector<std::string> different;
  std::set_symmetric_difference(here.begin(), here.end(), there.begin(), there.end(),
                                std::back_inserter(different));
  EXPECT_THAT(different, IsEmpty());
  // And stay so.
  const int writes = tracker_.writes();
  Wait(absl::Minutes(1));
  const auto last = Run();
  EXPECT_EQ(last.tasks_changed() + last.issues_changed(), 0);
  EXPECT_EQ(tracker_.writes(), writes);
}

}  // namespace
}  // namespace selfology
