#include <string>
#include <vector>

#include "common/status/status.h"
#include "selfology/events/v1/task.pb.h"
#include "tests/growth/issue_sync_fixture.h"

namespace selfology {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

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

TEST_F(IssueSyncTest, AnIssueThatIsATaskTooManyIsNotedAndTheOthersGoOn) {
  const int64_t first = tracker_.Open({.title = "first"});
  ASSERT_TRUE(MakeSync().ok());
  Run();
  // With the first issue's, all but one of the tasks that are kept.
  RunSql(absl::StrCat(
      "INSERT INTO tasks (user_id, status, list_id, parent_task_id, series_id, occurrence, run_id,"
      " version, data) SELECT ",
      kAnn, ", 'DROPPED', 0, 0, 0, 0, 0, 1, '' FROM generate_series(1, 99998)"));
  Wait(absl::Minutes(1));
  tracker_.Open({.title = "second"});
  const int64_t third = tracker_.Open({.title = "third"});
  const int64_t fourth = tracker_.Open({.title = "fourth"});
  tracker_.Edit(first, [](IssueTracker::Issue& issue) { issue.title = "changed"; });
  auto ran = Run();
  EXPECT_EQ(ran.sync().failure(), task::v1::TASK_SYNC_FAILURE_UNSPECIFIED);
  EXPECT_THAT(ran.sync().refused_issues(), ElementsAre(third, fourth));
  EXPECT_EQ(ran.sync().refused_count(), 2);
  EXPECT_THAT(Here(), UnorderedElementsAre("changed |  |  | open", "second |  |  | open"));
  // While there is no room nothing is asked for in vain.
  const int requests = tracker_.requests();
  Wait(absl::Minutes(1));
  EXPECT_EQ(Run().sync().refused_count(), 2);
  EXPECT_LE(tracker_.requests(), requests + 2);
  tracker_.Edit(third, [](IssueTracker::Issue& issue) { issue.is_gone = true; });
  RunSql("DELETE FROM tasks WHERE status = 'DROPPED'");
  // A repository that is out of reach for a while takes none of them along.
  tracker_.FailNext({.status = 404});
  ran = Run();
  EXPECT_EQ(ran.sync().failure(), task::v1::TASK_SYNC_FAILURE_GONE);
  EXPECT_EQ(ran.sync().refused_count(), 2);
  ran = Run();
  EXPECT_EQ(ran.tasks_changed(), 1);
  EXPECT_EQ(ran.sync().refused_count(), 0);
  EXPECT_THAT(Here(), UnorderedElementsAre("changed |  |  | open", "second |  |  | open",
                                           "fourth |  |  | open"));
}

}  // namespace
}  // namespace selfology
