#include "services/growth/task/graph/dependency_service.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/growth/task/graph/dependency_graph.h"
#include "services/growth/task/task_fixture_test.h"

namespace selfology::task {
namespace {

using events::v1::TaskDependencyAdded;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DependencyServiceTest : public TaskTest {
 protected:
  std::vector<int64_t> Make(int count) {
    std::vector<int64_t> ids;
    for (int i = 0; i < count; ++i) {
      v1::Task content;
      content.set_title(absl::StrCat("task ", i));
      content.set_estimate_minutes(10 * (i + 1));
      ids.push_back(Create(content).task_id());
    }
    return ids;
  }
};

TEST_F(DependencyServiceTest, ACycleIsRefusedWithItsPath) {
  const std::vector<int64_t> ids = Make(4);
  ASSERT_TRUE(Link(ids[0], ids[1]).ok());
  ASSERT_TRUE(Link(ids[1], ids[2]).ok());
  ASSERT_TRUE(Link(ids[0], ids[1]).ok()) << "again";
  const absl::Status refused = Link(ids[2], ids[0]);
  EXPECT_EQ(status::Reason(refused), "TASK_CYCLE");
  EXPECT_EQ(status::ErrorMetadata(refused).at("path"),
            absl::StrJoin({ids[0], ids[1], ids[2]}, ","));
  EXPECT_EQ(status::Reason(Link(ids[3], ids[3])), "TASK_CYCLE");
  EXPECT_EQ(status::Reason(Link(ids[0], 999'999)), "TASK_NOT_FOUND");
  EXPECT_EQ(status::Reason(Link(ids[0], ids[3], kBob)), "TASK_NOT_FOUND");
  EXPECT_THAT(Published<TaskDependencyAdded>(), SizeIs(2));
  // The other way round, which deals out new ranks; then its own cycle.
  ASSERT_TRUE(Link(ids[3], ids[0]).ok());
  EXPECT_EQ(status::Reason(Link(ids[2], ids[3])), "TASK_CYCLE");
  v1::ListDependenciesRequest list;
  list.set_user_id(kAnn);
  list.set_page_size(2);
  auto page = graph_->ListDependencies(Deadline(), list);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(page->dependencies(), SizeIs(2));
  list.set_page_token(page->next_page_token());
  EXPECT_THAT(graph_->ListDependencies(Deadline(), list)->dependencies(), SizeIs(1));
}

TEST_F(DependencyServiceTest, SaysWhatCompletingUnblocks) {
  const std::vector<int64_t> ids = Make(4);
  ASSERT_TRUE(Link(ids[0], ids[1]).ok());
  ASSERT_TRUE(Link(ids[0], ids[2]).ok());
  ASSERT_TRUE(Link(ids[3], ids[2]).ok());
  const auto before = graph_->GetUnblocks(Deadline(), Of<v1::GetUnblocksRequest>(ids[0]));
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_THAT(before->unblocked_task_ids(), ElementsAre(ids[1]));
  ASSERT_THAT(before->still_blocked(), SizeIs(1));
  EXPECT_EQ(before->still_blocked(0).remaining_count(), 1);
  EXPECT_EQ(before->downstream_count(), 2);
  EXPECT_THAT(Titles("is:blocked", "created"), ElementsAre("task 1", "task 2"));
  EXPECT_THAT(Complete(ids[0])->unblocked_task_ids(), ElementsAre(ids[1]));
  EXPECT_THAT(Titles("is:blocked"), ElementsAre("task 2"));
  EXPECT_THAT(Complete(ids[3])->unblocked_task_ids(), ElementsAre(ids[2]));
}

TEST_F(DependencyServiceTest, FindsTheCriticalPath) {
  const std::vector<int64_t> ids = Make(4);  // 10, 20, 30 and 40 minutes.
  ASSERT_TRUE(Link(ids[0], ids[1]).ok());
  ASSERT_TRUE(Link(ids[0], ids[2]).ok());
  ASSERT_TRUE(Link(ids[2], ids[3]).ok());
  v1::GetCriticalPathRequest request;
  request.set_user_id(kAnn);
  const auto all = graph_->GetCriticalPath(Deadline(), request);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_THAT(all->path_task_ids(), ElementsAre(ids[0], ids[2], ids[3]));
  EXPECT_EQ(all->total_minutes(), 80);
  request.set_task_id(ids[1]);
  EXPECT_THAT(graph_->GetCriticalPath(Deadline(), request)->path_task_ids(),
              ElementsAre(ids[0], ids[1]));
}

// 400 projects of 100 tasks and 250 dependencies each. What is refused must be what a search of the
// whole finds; how long the service took is in the test's properties.
TEST_F(DependencyServiceTest, CyclesAreFoundAmongAHundredThousandDependencies) {
  constexpr int kProjects = 400, kTasks = 100, kEdges = 250;
  const int64_t first = Create("first").task_id();
  std::mt19937 random(1);
  std::vector<int64_t> before, after;
  std::vector<std::set<Edge>> projects(kProjects);
  for (int project = 0; project < kProjects; ++project) {
    const int64_t base = first + 1 + project * kTasks;
    while (projects[project].size() < kEdges) {
      const int64_t a = random() % kTasks, b = random() % kTasks;
      if (a < b) projects[project].insert({base + a, base + b});
    }
    for (const Edge& edge : projects[project]) {
      before.push_back(edge.before);
      after.push_back(edge.after);
    }
  }
  ASSERT_TRUE(DatabaseAs("")
                  .Write(Deadline(),
                         [&](postgres::Transaction& tx) -> absl::Status {
                           tx.Queue("SET search_path TO selfology");
                           tx.Queue(
                               "INSERT INTO tasks (user_id, status, list_id, parent_task_id,"
                               " series_id, occurrence, run_id, version, data)"
                               " SELECT $1, 'OPEN', 0, 0, 0, 0, 0, 1, data FROM tasks,"
                               " generate_series(1, $3::bigint) WHERE task_id = $2",
                               kAnn, first, int64_t{kProjects * kTasks});
                           tx.Queue(
                               "INSERT INTO task_edges SELECT $1, * FROM"
                               " unnest($2::bigint[], $3::bigint[])",
                               kAnn, before, after);
                           tx.Queue("ANALYZE tasks");
                           tx.Queue("ANALYZE task_edges");
                           return absl::OkStatus();
                         })
                  .ok());
  std::vector<absl::Duration> took;
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    const int project = static_cast<int>(random() % kProjects);
    const int64_t base = first + 1 + project * kTasks;
    const Edge edge = {base + static_cast<int64_t>(random() % kTasks),
                       base + static_cast<int64_t>(random() % kTasks)};
    if (edge.before == edge.after) continue;
    std::set<Edge>& known = projects[project];
    const bool closes =
        !FindPath(std::vector<Edge>(known.begin(), known.end()), edge.after, edge.before).empty();
    const absl::Time begin = absl::Now();
    const absl::Status status = Link(edge.before, edge.after);
    took.push_back(absl::Now() - begin);
    ASSERT_EQ(status.ok(), !closes) << status;
    if (closes) {
      EXPECT_EQ(status::Reason(status), "TASK_CYCLE");
      ++refused;
    } else {
      known.insert(edge);
    }
  }
  EXPECT_GT(refused, 10);
  std::sort(took.begin(), took.end());
  RecordProperty("p50_microseconds",
                 absl::StrCat(absl::ToInt64Microseconds(took[took.size() / 2])));
  RecordProperty("p99_microseconds",
                 absl::StrCat(absl::ToInt64Microseconds(took[took.size() * 99 / 100])));
}

TEST_F(DependencyServiceTest, CompletingOneOfAThousandUnblocksThemAll) {
  const int64_t first = Create("first").task_id();
  // Rows as the service writes them; a thousand calls would be of no use here.
  auto& database = DatabaseAs("");
  ASSERT_TRUE(database
                  .Write(Deadline(),
                         [&](postgres::Transaction& tx) -> absl::Status {
                           tx.Queue("SET search_path TO selfology");
                           tx.Queue(
                               "INSERT INTO tasks (user_id, status, list_id, parent_task_id,"
                               " series_id, occurrence, run_id, version, data)"
                               " SELECT $1, 'OPEN', 0, 0, 0, 0, 0, 1, data FROM tasks,"
                               " generate_series(1, 1000) WHERE task_id = $2",
                               kAnn, first);
                           tx.Queue(
                               "INSERT INTO task_edges SELECT $1, $2, task_id FROM tasks"
                               " WHERE task_id > $2 AND user_id = $1",
                               kAnn, first);
                           return absl::OkStatus();
                         })
                  .ok());
  const absl::Time begin = absl::Now();
  const auto done = Complete(first);
  RecordProperty("microseconds", absl::StrCat(absl::ToInt64Microseconds(absl::Now() - begin)));
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_THAT(done->unblocked_task_ids(), SizeIs(1000));
  EXPECT_THAT(Titles("is:blocked"), IsEmpty());
}

}  // namespace
}  // namespace selfology::task
