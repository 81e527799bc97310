// Dependencies of tasks, by the service's RPCs within this process: what it costs to see that one
// would close a cycle among 100,000, to add one that does not, and to complete what 1,000 wait for.
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"
#include "common/service/host.h"
#include "common/service/settings.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/task/v1/dependency_service_client.h"
#include "selfology/task/v1/task_service_client.h"
#include "services/growth/task/module.h"
#include "tests/bench/ground.h"
#include "tests/bench/growth_parts.h"

namespace selfology::bench {
namespace {

constexpr int64_t kOwner = 1;
constexpr int kProjects = 400, kTasks = 100, kEdges = 250;
constexpr int kWaiting = 1'000;
constexpr int kAsked = 2'000;

class TaskHost {
 public:
  static absl::StatusOr<std::unique_ptr<TaskHost>> Make() {
    auto made = std::make_unique<TaskHost>();
    // A commit that waits for the disk would be most of what is measured.
    ASSIGN_OR_RETURN(made->ground, Ground::Make(/*durable=*/false));
    service::Settings settings;
    settings.database_url = made->ground->postgres->url();
    settings.redis_url = made->ground->redis_server->url();
    settings.event_partitions = kPartitions;
    std::vector<std::unique_ptr<service::Module>> modules;
    modules.push_back(task::MakeModule());
    ASSIGN_OR_RETURN(made->host_, service::Host::Start(settings, std::move(modules)));
    made->channel = std::make_shared<rpc::Channel>("task", made->requests_);
    made->channel->Bind(made->host_->InProcessChannel());
    return made;
  }

  absl::StatusOr<int64_t> Create(const std::string& title) {
    task::v1::CreateTaskRequest request;
    request.set_user_id(kOwner);
    request.mutable_task()->set_title(title);
    request.set_idempotency_key(title);
    ASSIGN_OR_RETURN(const auto response,
                     task::v1::TaskServiceClient(channel).CreateTask(Patient(), request));
    return response.task().task_id();
  }
  // As many more rows as the service writes for that task; their ids follow its.
  absl::Status Copy(int64_t task_id, int64_t times) {
    return ground->Sql(
        "INSERT INTO selfology.tasks (user_id, status, list_id, parent_task_id, series_id,"
        " occurrence, run_id, version, data) SELECT $1, 'OPEN', 0, 0, 0, 0, 0, 1, data FROM"
        " selfology.tasks, generate_series(1, $3::bigint) WHERE task_id = $2",
        kOwner, task_id, times);
  }

  std::unique_ptr<Ground> ground;
  std::shared_ptr<rpc::Channel> channel;

 private:
  observe::Requests requests_{nullptr, "rpc_client"};
  std::unique_ptr<service::Host> host_;
};

absl::Status CycleRows(Report& report) {
  ASSIGN_OR_RETURN(const auto tasks, TaskHost::Make());
  ASSIGN_OR_RETURN(const int64_t first, tasks->Create("first"));
  RETURN_IF_ERROR(tasks->Copy(first, kProjects * kTasks));
  std::mt19937 random(1);
  std::vector<int64_t> before, after;
  for (int project = 0; project < kProjects; ++project) {
    const int64_t base = first + 1 + project * kTasks;
    std::set<std::pair<int64_t, int64_t>> edges;
    while (edges.size() < kEdges) {
      const int64_t a = random() % kTasks, b = random() % kTasks;
      if (a < b) edges.emplace(base + a, base + b);
    }
    for (const auto& [a, b] : edges) {
      before.push_back(a);
      after.push_back(b);
    }
  }
  RETURN_IF_ERROR(tasks->ground->Sql(
      "INSERT INTO selfology.task_edges SELECT $1, * FROM unnest($2::bigint[], $3::bigint[])",
      kOwner, before, after));
  RETURN_IF_ERROR(tasks->ground->Sql("ANALYZE selfology.tasks"));
  RETURN_IF_ERROR(tasks->ground->Sql("ANALYZE selfology.task_edges"));
  const task::v1::DependencyServiceClient graph(tasks->channel);
  std::vector<double> added, refused;
  for (int i = 0; i < kAsked; ++i) {
    const int64_t base = first + 1 + static_cast<int64_t>(random() % kProjects) * kTasks;
    task::v1::AddDependencyRequest request;
    request.set_user_id(kOwner);
    request.set_before_task_id(base + static_cast<int64_t>(random() % kTasks));
    request.set_after_task_id(base + static_cast<int64_t>(random() % kTasks));
    if (request.before_task_id() == request.after_task_id()) continue;
    const absl::Time begin = absl::Now();
    const absl::Status done = graph.AddDependency(Patient(), request).status();
    const double took = absl::ToDoubleMilliseconds(absl::Now() - begin);
    if (!done.ok() && status::Reason(done) != "TASK_CYCLE") return done;
    (done.ok() ? added : refused).push_back(took);
  }
  if (added.empty() || refused.empty()) return absl::InternalError("nothing was measured");
  report.Add({.name = "growth.graph.cycle.p50",
              .what = absl::StrCat("a cycle refused among ", before.size(), " dependencies, p50"),
              .unit = "ms",
              .ours = Quantile(refused, 0.5),
              .aim = {.kind = Aim::kAtMost, .value = 1}});
  report.Add({.name = "growth.graph.cycle.p99",
              .what = "the same, p99",
              .unit = "ms",
              .ours = Quantile(refused, 0.99)});
  report.Add({.name = "growth.graph.add.p50",
              .what = "a dependency added among them, p50",
              .unit = "ms",
              .ours = Quantile(added, 0.5),
              .aim = {.kind = Aim::kAtMost, .value = 1}});
  return absl::OkStatus();
}

absl::Status UnblockRow(Report& report) {
  ASSIGN_OR_RETURN(const auto tasks, TaskHost::Make());
  std::vector<double> took;
  for (int round = 0; round < 5; ++round) {
    ASSIGN_OR_RETURN(const int64_t first, tasks->Create(absl::StrCat("first ", round)));
    RETURN_IF_ERROR(tasks->Copy(first, kWaiting));
    RETURN_IF_ERROR(tasks->ground->Sql(
        "INSERT INTO selfology.task_edges SELECT $1, $2, task_id FROM selfology.tasks WHERE"
        " task_id > $2 AND user_id = $1",
        kOwner, first));
    task::v1::CompleteTaskRequest request;
    request.set_user_id(kOwner);
    request.set_task_id(first);
    const absl::Time begin = absl::Now();
    ASSIGN_OR_RETURN(const auto done,
                     task::v1::TaskServiceClient(tasks->channel).CompleteTask(Patient(), request));
    took.push_back(absl::ToDoubleMilliseconds(absl::Now() - begin));
    if (done.unblocked_task_ids_size() != kWaiting) return absl::InternalError("not all unblocked");
  }
  report.Add({.name = "growth.graph.unblock",
              .what = absl::StrCat("completing what ", kWaiting, " tasks wait for, slowest of 5"),
              .unit = "ms",
              .ours = Quantile(took, 1),
              .aim = {.kind = Aim::kAtMost, .value = 100}});
  return absl::OkStatus();
}

}  // namespace

absl::Status GraphRows(const Wanted& wanted, Report& report) {
  if (wanted("growth.graph.cycle")) RETURN_IF_ERROR(CycleRows(report));
  if (wanted("growth.graph.unblock")) RETURN_IF_ERROR(UnblockRow(report));
  return absl::OkStatus();
}

}  // namespace selfology::bench
