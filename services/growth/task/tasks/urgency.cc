#include "services/growth/task/tasks/urgency.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "common/timestamps/timestamp.h"

namespace selfology::task {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
constexpr double kOldDays = 365;

// From 0.2 two weeks before to 1 a week after.
double DueFactor(absl::Duration overdue) {
  const double days = absl::FDivDuration(overdue, kDay);
  if (days >= 7) return 1;
  if (days >= -14) return (days + 14) * 0.8 / 21 + 0.2;
  return 0.2;
}

double CountFactor(int count) { return count == 0 ? 0 : count == 1 ? 0.8 : count == 2 ? 0.9 : 1; }

double PriorityCoefficient(v1::TaskPriority priority) {
  switch (priority) {
    case v1::TASK_PRIORITY_HIGH:
      return 6.0;
    case v1::TASK_PRIORITY_MEDIUM:
      return 3.9;
    case v1::TASK_PRIORITY_LOW:
      return 1.8;
    default:
      return 0;
  }
}

}  // namespace

std::vector<v1::UrgencyReason> UrgencyReasons(const v1::Task& task,
                                              const Surroundings& surroundings, absl::Time now) {
  std::vector<v1::UrgencyReason> reasons;
  if (task.status() != v1::TASK_STATUS_OPEN) return reasons;
  const auto add = [&](std::string_view reason, double factor, double coefficient) {
    if (factor == 0 || coefficient == 0) return;
    v1::UrgencyReason& added = reasons.emplace_back();
    added.set_reason(std::string(reason));
    added.set_factor(factor);
    added.set_coefficient(coefficient);
  };
  const auto is_past = [&](const google::protobuf::Timestamp& time) {
    return timestamps::FromProto(time) < now;
  };
  const auto& labels = task.labels();
  add("next", std::find(labels.begin(), labels.end(), "next") == labels.end() ? 0 : 1, 15.0);
  if (task.has_due_at()) add("due", DueFactor(now - timestamps::FromProto(task.due_at())), 12.0);
  add("blocking", surroundings.blocking ? 1 : 0, 8.0);
  add("priority", 1, PriorityCoefficient(task.priority()));
  add("scheduled", task.has_start_at() && is_past(task.start_at()) ? 1 : 0, 5.0);
  add("active", task.active() ? 1 : 0, 4.0);
  const double age_days =
      std::floor(absl::FDivDuration(now - timestamps::FromProto(task.created_at()), kDay));
  add("age", std::clamp(age_days / kOldDays, 0.0, 1.0), 2.0);
  add("comments", CountFactor(task.comment_count()), 1.0);
  add("labels", CountFactor(labels.size()), 1.0);
  add("list", task.list_id() == 0 ? 0 : 1, 1.0);
  add("blocked", surroundings.blocked ? 1 : 0, -5.0);
  add("waiting", task.has_wait_until() && !is_past(task.wait_until()) ? 1 : 0, -3.0);
  std::stable_sort(
      reasons.begin(), reasons.end(), [](const v1::UrgencyReason& a, const v1::UrgencyReason& b) {
        return std::abs(a.factor() * a.coefficient()) > std::abs(b.factor() * b.coefficient());
      });
  return reasons;
}

double UrgencyOf(const std::vector<v1::UrgencyReason>& reasons) {
  double urgency = 0;
  for (const v1::UrgencyReason& reason : reasons) urgency += reason.factor() * reason.coefficient();
  return urgency;
}

}  // namespace selfology::task
