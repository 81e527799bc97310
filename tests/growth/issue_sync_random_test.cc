#include <algorithm>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/growth/issue_sync_fixture.h"

namespace selfology {
namespace {

using ::testing::IsEmpty;

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
