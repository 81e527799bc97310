#include "services/growth/task/tasks/task_service.h"

#include <string>
#include <vector>

#include "services/growth/task/task_fixture_test.h"

namespace selfology::task {
namespace {

using events::v1::NotificationRequested;
using events::v1::TaskAssigned;
using events::v1::TaskCompleted;
using events::v1::TaskCreated;
using events::v1::TaskDeleted;
using events::v1::TaskReopened;
using events::v1::TaskUpdated;
using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(TaskTest, ATaskSentTwiceIsMadeAndPublishedOnce) {
  v1::CreateTaskRequest request;
  request.set_user_id(kAnn);
  request.mutable_task()->set_title("  Buy milk ");
  request.mutable_task()->add_labels("Home");
  request.mutable_task()->add_labels("home");
  request.set_idempotency_key("once");
  const auto first = tasks_->CreateTask(Deadline(), request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->task().title(), "Buy milk");
  EXPECT_THAT(first->task().labels(), ElementsAre("home"));
  EXPECT_EQ(first->task().version(), 1);
  const auto again = tasks_->CreateTask(Deadline(), request);
  ASSERT_TRUE(again.ok());
  EXPECT_THAT(*again, EqualsProto(*first));
  EXPECT_THAT(Published<TaskCreated>(), SizeIs(1));
  EXPECT_THAT(*Get(first->task().task_id()), EqualsProto(first->task()));
}

TEST_F(TaskTest, NamesAllThatIsWrong) {
  v1::CreateTaskRequest request;
  request.mutable_task()->set_time_zone("../etc/passwd");
  request.mutable_task()->mutable_recurrence()->set_rrule("FREQ=SOMETIMES");
  request.mutable_task()->set_estimate_minutes(-1);
  request.mutable_task()->add_labels("two words");
  const absl::Status bad = tasks_->CreateTask(Deadline(), request).status();
  std::vector<std::string> fields;
  for (const auto& violation : status::Violations(bad)) fields.push_back(violation.field);
  EXPECT_THAT(fields,
              UnorderedElementsAre("user_id", "idempotency_key", "task.title", "task.time_zone",
                                   "task.recurrence", "task.recurrence.rrule",
                                   "task.estimate_minutes", "task.labels[0]"));
}

TEST_F(TaskTest, NobodyReachesATaskOfOthers) {
  const v1::Task task = Create("secret");
  EXPECT_EQ(status::Reason(Get(task.task_id(), kBob).status()), "TASK_NOT_FOUND");
  EXPECT_EQ(status::Reason(Complete(task.task_id(), kBob).status()), "TASK_NOT_FOUND");
  v1::DeleteTaskRequest request = Of<v1::DeleteTaskRequest>(task.task_id(), kBob);
  EXPECT_EQ(tasks_->DeleteTask(Deadline(), request)->deleted_count(), 0);
  EXPECT_EQ(Get(task.task_id())->title(), "secret");
  EXPECT_THAT(Titles("", "", kBob), IsEmpty());
}

TEST_F(TaskTest, EveryVersionCanBeReadComparedAndRestored) {
  v1::Task task = Create("one");
  v1::Task change;
  change.set_task_id(task.task_id());
  change.set_title("two");
  change.set_priority(v1::TASK_PRIORITY_HIGH);
  ASSERT_EQ(Update(change)->version(), 2);
  // The same again changes nothing.
  EXPECT_EQ(Update(change)->version(), 2);
  change.set_version(1);
  change.set_title("three");
  EXPECT_EQ(status::Reason(Update(change).status()), "VERSION_CONFLICT");
  v1::Task clear;
  clear.set_task_id(task.task_id());
  EXPECT_EQ(Update(clear, {"priority"})->priority(), v1::TASK_PRIORITY_UNSPECIFIED);
  EXPECT_FALSE(Update(clear, {"urgency"}).ok());

  v1::CompareTaskVersionsRequest compare = Of<v1::CompareTaskVersionsRequest>(task.task_id());
  compare.set_from_version(1);
  compare.set_to_version(2);
  const auto differences = tasks_->CompareTaskVersions(Deadline(), compare);
  ASSERT_TRUE(differences.ok()) << differences.status();
  ASSERT_THAT(differences->differences(), SizeIs(2));
  EXPECT_EQ(differences->differences(0).field(), "title");
  EXPECT_EQ(differences->differences(0).before_json(), "\"one\"");
  EXPECT_EQ(differences->differences(0).after_json(), "\"two\"");
  EXPECT_EQ(differences->differences(1).before_json(), "");

  v1::RestoreTaskVersionRequest restore = Of<v1::RestoreTaskVersionRequest>(task.task_id());
  restore.set_version(1);
  const auto restored = tasks_->RestoreTaskVersion(Deadline(), restore);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->task().title(), "one");
  EXPECT_EQ(restored->task().version(), 4);
  const auto versions =
      tasks_->ListTaskVersions(Deadline(), Of<v1::ListTaskVersionsRequest>(task.task_id()));
  ASSERT_THAT(versions->versions(), SizeIs(4));
  EXPECT_EQ(versions->versions(0).change(), "restore");
  EXPECT_EQ(versions->versions(3).task().title(), "one");
  EXPECT_THAT(Published<TaskUpdated>(), SizeIs(3));
}

TEST_F(TaskTest, CompletingIsPublishedOnceAndCanBeUndone) {
  v1::Task content;
  content.set_title("pay");
  *content.mutable_due_at() = At(5, 9);
  const v1::Task task = Create(content);
  ASSERT_TRUE(Complete(task.task_id()).ok());
  const auto again = Complete(task.task_id());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->task().status(), v1::TASK_STATUS_COMPLETED);
  EXPECT_EQ(again->task().urgency(), 0);
  auto completed = Published<TaskCompleted>();
  ASSERT_THAT(completed, SizeIs(1));
  EXPECT_TRUE(completed[0].late());
  EXPECT_EQ(completed[0].completion_number(), 1);
  const auto reopened = tasks_->ReopenTask(Deadline(), Of<v1::ReopenTaskRequest>(task.task_id()));
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  EXPECT_EQ(reopened->task().status(), v1::TASK_STATUS_OPEN);
  ASSERT_THAT(Published<TaskReopened>(), SizeIs(1));
  EXPECT_EQ(Published<TaskReopened>()[0].completion_number(), 1);
  ASSERT_TRUE(Complete(task.task_id()).ok());
  EXPECT_EQ(Published<TaskCompleted>()[1].completion_number(), 2);
}

TEST_F(TaskTest, ARecurringTaskComesAgainWithItsParts) {
  v1::Task content;
  content.set_title("weekly review");
  *content.mutable_due_at() = At(4, 9);
  content.mutable_recurrence()->set_rrule("FREQ=WEEKLY");
  content.add_reminders()->set_minutes_before_due(30);
  const v1::Task first = Create(content);
  EXPECT_EQ(first.series_id(), first.task_id());
  v1::Task part;
  part.set_title("inbox to zero");
  part.set_parent_task_id(first.task_id());
  *part.mutable_due_at() = At(4, 8);
  Create(part);
  const auto done = Complete(first.task_id());
  ASSERT_TRUE(done.ok()) << done.status();
  const v1::Task& second = done->next_task();
  EXPECT_THAT(second.due_at(), EqualsProto(At(11, 9)));
  EXPECT_EQ(second.occurrence(), 2);
  EXPECT_EQ(second.subtask_count(), 1);
  EXPECT_THAT(Titles(absl::StrCat("parent:", second.task_id(), " due:2026-05-11")),
              ElementsAre("inbox to zero"));
  EXPECT_EQ(Published<TaskCompleted>()[0].next_task_id(), second.task_id());
  // Undone, the untouched next one goes.
  ASSERT_TRUE(tasks_->ReopenTask(Deadline(), Of<v1::ReopenTaskRequest>(first.task_id())).ok());
  EXPECT_EQ(status::Reason(Get(second.task_id()).status()), "TASK_NOT_FOUND");
  EXPECT_THAT(Published<TaskDeleted>(), SizeIs(2));
}

// https://github.com/GothenburgBitFactory/taskwarrior/issues/84
TEST_F(TaskTest, ARecurringTaskWaitsForTheNextOneOfARecurringTask) {
  v1::Task content;
  *content.mutable_due_at() = At(4, 9);
  content.mutable_recurrence()->set_rrule("FREQ=WEEKLY");
  content.set_title("collect figures");
  const v1::Task collect = Create(content);
  content.set_title("send figures");
  const v1::Task send = Create(content);
  ASSERT_TRUE(Link(collect.task_id(), send.task_id()).ok());
  const auto collected = Complete(collect.task_id());
  ASSERT_TRUE(collected.ok());
  EXPECT_THAT(collected->unblocked_task_ids(), ElementsAre(send.task_id()));
  const auto sent = Complete(send.task_id());
  ASSERT_TRUE(sent.ok());
  EXPECT_THAT(sent->next_task().blocked_by_task_ids(),
              ElementsAre(collected->next_task().task_id()));
}

TEST_F(TaskTest, AssigneesSeeAndCompleteATask) {
  v1::Task content;
  content.set_title("shared");
  content.add_assignee_user_ids(kCarl);
  v1::CreateTaskRequest request;
  request.set_user_id(kAnn);
  *request.mutable_task() = content;
  request.set_idempotency_key("x");
  EXPECT_EQ(tasks_->CreateTask(Deadline(), request).status().code(),
            absl::StatusCode::kInvalidArgument);
  content.set_assignee_user_ids(0, kBob);
  const v1::Task task = Create(content);
  ASSERT_THAT(Published<TaskAssigned>(), SizeIs(1));
  EXPECT_EQ(Published<TaskAssigned>()[0].user_id(), kBob);
  EXPECT_THAT(Titles("assignee:me", "", kBob), ElementsAre("shared"));
  ASSERT_TRUE(Complete(task.task_id(), kBob).ok());
  EXPECT_EQ(Published<TaskCompleted>()[0].actor_user_id(), kBob);
  EXPECT_EQ(Published<TaskCompleted>()[0].user_id(), kAnn);
  v1::UpdateTaskRequest update;
  update.set_user_id(kBob);
  update.mutable_task()->set_task_id(task.task_id());
  update.mutable_task()->set_title("mine");
  EXPECT_EQ(status::Reason(tasks_->UpdateTask(Deadline(), update).status()), "TASK_NOT_FOUND");
}

TEST_F(TaskTest, ListsAreFilteredSortedAndPaged) {
  for (const char* title : {"b", "a", "c"}) Create(title);
  v1::Task urgent;
  urgent.set_title("urgent");
  *urgent.mutable_due_at() = At(6, 12);
  const v1::Task due = Create(urgent);
  ASSERT_TRUE(Complete(Create("done").task_id()).ok());
  EXPECT_THAT(Titles("is:open"), ElementsAre("urgent", "b", "a", "c"));
  EXPECT_THAT(Titles("is:open", "title"), ElementsAre("a", "b", "c", "urgent"));
  EXPECT_THAT(Titles("is:open", "-title"), ElementsAre("urgent", "c", "b", "a"));
  EXPECT_THAT(Titles("due:today"), ElementsAre("urgent"));
  EXPECT_THAT(Titles(""), SizeIs(5));
  EXPECT_NEAR(due.urgency(), 12 * ((14 - 2.0 / 24) * 0.8 / 21 + 0.2), 1e-6);
  EXPECT_EQ(due.urgency_reasons(0).reason(), "due");
  v1::ListTasksRequest bad;
  bad.set_user_id(kAnn);
  bad.set_filter("is:nice");
  EXPECT_EQ(tasks_->ListTasks(Deadline(), bad).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(TaskTest, PartsHaveNoCycleAndGoWithTheWhole) {
  const v1::Task whole = Create("whole");
  v1::Task content;
  content.set_title("part");
  content.set_parent_task_id(whole.task_id());
  const v1::Task part = Create(content);
  v1::Task turn;
  turn.set_task_id(whole.task_id());
  turn.set_parent_task_id(part.task_id());
  EXPECT_EQ(Update(turn).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Get(whole.task_id())->subtask_count(), 1);
  EXPECT_EQ(
      tasks_->DeleteTask(Deadline(), Of<v1::DeleteTaskRequest>(whole.task_id()))->deleted_count(),
      2);
  EXPECT_THAT(Published<TaskDeleted>(), SizeIs(2));
}

TEST_F(TaskTest, RemindsOnceAtItsTime) {
  v1::Task content;
  content.set_title("dentist");
  *content.mutable_due_at() = At(6, 12);
  content.add_reminders()->set_minutes_before_due(60);
  Create(content);
  content.set_title("moved");
  const v1::Task moved = Create(content);
  v1::SnoozeTaskRequest snooze = Of<v1::SnoozeTaskRequest>(moved.task_id());
  *snooze.mutable_until() = At(7, 9);
  ASSERT_TRUE(tasks_->SnoozeTask(Deadline(), snooze).ok());
  Wait(absl::Minutes(61));
  const auto reminders = AwaitPublished<NotificationRequested>();
  ASSERT_THAT(reminders, SizeIs(1));
  EXPECT_EQ(reminders[0].user_id(), kAnn);
  EXPECT_EQ(reminders[0].kind(), "task.reminder");
  EXPECT_EQ(reminders[0].parameters().at("title"), "dentist");
  EXPECT_THAT(Titles("is:waiting"), ElementsAre("moved"));
}

TEST_F(TaskTest, AReminderWaitsForADueDate) {
  v1::WriteTaskRequest write;
  write.set_user_id(kAnn);
  write.set_text("dentist, remind me an hour before");
  write.set_idempotency_key(Key());
  const auto written = tasks_->WriteTask(Deadline(), write);
  ASSERT_TRUE(written.ok()) << written.status();
  ASSERT_THAT(written->task().reminders(), SizeIs(1));
  v1::Task due = written->task();
  *due.mutable_due_at() = At(6, 12);
  ASSERT_TRUE(Update(due, {"due_at"}).ok());
  Wait(absl::Minutes(61));
  EXPECT_THAT(AwaitPublished<NotificationRequested>(), SizeIs(1));
}

TEST_F(TaskTest, BoardsAndCalendars) {
  v1::CreateTaskListRequest list;
  list.set_user_id(kAnn);
  list.mutable_list()->set_name("Flat");
  list.mutable_list()->add_columns("Ideas");
  list.mutable_list()->add_columns("Bought");
  list.set_idempotency_key(Key());
  const auto made = tasks_->CreateTaskList(Deadline(), list);
  ASSERT_TRUE(made.ok()) << made.status();
  v1::Task content;
  content.set_title("lamp");
  content.set_list_id(made->list().list_id());
  content.set_column("Bought");
  *content.mutable_due_at() = At(6, 12);
  content.mutable_recurrence()->set_rrule("FREQ=MONTHLY");
  content.set_time_zone("Europe/Berlin");
  Create(content);
  content.set_column("Nowhere");
  v1::CreateTaskRequest bad;
  bad.set_user_id(kAnn);
  *bad.mutable_task() = content;
  bad.set_idempotency_key(Key());
  EXPECT_EQ(tasks_->CreateTask(Deadline(), bad).status().code(),
            absl::StatusCode::kInvalidArgument);
  v1::GetBoardRequest board;
  board.set_user_id(kAnn);
  board.set_list_id(made->list().list_id());
  const auto shown = tasks_->GetBoard(Deadline(), board);
  ASSERT_TRUE(shown.ok()) << shown.status();
  ASSERT_THAT(shown->columns(), SizeIs(2));
  EXPECT_THAT(shown->columns(0).tasks(), IsEmpty());
  EXPECT_EQ(shown->columns(1).tasks(0).title(), "lamp");
  v1::GetCalendarRequest calendar;
  calendar.set_user_id(kAnn);
  const auto ics = tasks_->GetCalendar(Deadline(), calendar);
  ASSERT_TRUE(ics.ok()) << ics.status();
  EXPECT_THAT(ics->body(), HasSubstr("SUMMARY:lamp"));
  EXPECT_THAT(ics->body(), HasSubstr("RRULE:FREQ=MONTHLY"));
  EXPECT_THAT(ics->body(), HasSubstr("DTSTART;TZID=Europe/Berlin:20260506T140000"));
  v1::DeleteTaskListRequest remove;
  remove.set_user_id(kAnn);
  remove.set_list_id(made->list().list_id());
  EXPECT_TRUE(tasks_->DeleteTaskList(Deadline(), remove)->deleted());
  EXPECT_THAT(Titles("list:inbox"), ElementsAre("lamp"));
}

TEST_F(TaskTest, CommentsAreOfWhoMaySeeTheTask) {
  const v1::Task task = Create("talk");
  v1::AddTaskCommentRequest say = Of<v1::AddTaskCommentRequest>(task.task_id());
  say.set_text("first");
  say.set_idempotency_key("a");
  ASSERT_TRUE(tasks_->AddTaskComment(Deadline(), say).ok());
  ASSERT_TRUE(tasks_->AddTaskComment(Deadline(), say).ok());
  say.set_user_id(kCarl);
  EXPECT_EQ(status::Reason(tasks_->AddTaskComment(Deadline(), say).status()), "TASK_NOT_FOUND");
  const auto said =
      tasks_->ListTaskComments(Deadline(), Of<v1::ListTaskCommentsRequest>(task.task_id()));
  ASSERT_THAT(said->comments(), SizeIs(1));
  EXPECT_EQ(Get(task.task_id())->comment_count(), 1);
}

TEST_F(TaskTest, ASentenceBecomesATask) {
  v1::WriteTaskRequest request;
  request.set_user_id(kAnn);
  request.set_text("call mum tomorrow at 6pm every week #family");
  request.set_time_zone("Europe/Moscow");
  request.set_idempotency_key("w");
  const auto written = tasks_->WriteTask(Deadline(), request);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->task().title(), "call mum");
  EXPECT_THAT(written->task().due_at(), EqualsProto(At(7, 15)));
  EXPECT_EQ(written->task().recurrence().rrule(), "FREQ=WEEKLY");
  EXPECT_THAT(written->task().labels(), ElementsAre("family"));
  EXPECT_EQ(tasks_->WriteTask(Deadline(), request)->task().task_id(), written->task().task_id());
}

TEST_F(TaskTest, ErasesAPersonForGood) {
  v1::Task content;
  content.set_title("mine");
  content.add_assignee_user_ids(kBob);
  const v1::Task task = Create(content);
  ASSERT_TRUE(Link(task.task_id(), Create("other").task_id()).ok());
  v1::DeleteUserDataRequest request;
  request.set_user_id(kAnn);
  const auto erased = tasks_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_GE(erased->deleted_rows(), 4);
  EXPECT_THAT(Titles(""), IsEmpty());
  EXPECT_THAT(Titles("", "", kBob), IsEmpty());
}

TEST_F(TaskTest, OthersTasksForgetWhoWasErased) {
  v1::Task content;
  content.set_title("shared");
  content.add_assignee_user_ids(kBob);
  const v1::Task task = Create(content);
  ASSERT_TRUE(Complete(task.task_id(), kBob).ok());
  v1::DeleteUserDataRequest request;
  request.set_user_id(kBob);
  const auto erased = tasks_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_THAT(Titles(""), ElementsAre("shared"));
  const auto versions =
      tasks_->ListTaskVersions(Deadline(), Of<v1::ListTaskVersionsRequest>(task.task_id()));
  ASSERT_TRUE(versions.ok()) << versions.status();
  ASSERT_EQ(versions->versions_size(), 2);
  for (const v1::TaskVersion& version : versions->versions()) {
    EXPECT_NE(version.actor_user_id(), kBob);
    EXPECT_THAT(version.task().assignee_user_ids(), IsEmpty());
  }
}

}  // namespace
}  // namespace selfology::task
