#include "services/growth/task/templates/template_rules.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/task/graph/dependency_graph.h"
#include "services/growth/task/tasks/recurrence.h"
#include "services/growth/task/tasks/task_rules.h"

namespace selfology::task {
namespace {

constexpr int kMaxName = 100;
constexpr int kMaxNodeId = 32;
constexpr int kMaxDays = 3650;

bool IsNodeId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxNodeId && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::map<std::string, int64_t> PlacesOf(const v1::TaskTemplate& tmpl) {
  std::map<std::string, int64_t> places;
  for (int i = 0; i < tmpl.nodes_size(); ++i) places.emplace(tmpl.nodes(i).node_id(), i + 1);
  return places;
}

// From what comes first to what waits, and from a whole to its parts; nodes count from 1.
std::vector<Edge> EdgesOf(const v1::TaskTemplate& tmpl, bool with_parents) {
  const std::map<std::string, int64_t> places = PlacesOf(tmpl);
  std::vector<Edge> edges;
  const auto add = [&](const std::string& from, int64_t to) {
    const auto place = places.find(from);
    if (place != places.end()) edges.push_back({place->second, to});
  };
  for (int i = 0; i < tmpl.nodes_size(); ++i) {
    for (const std::string& before : tmpl.nodes(i).after_node_ids()) add(before, i + 1);
    if (with_parents) add(tmpl.nodes(i).parent_node_id(), i + 1);
  }
  return edges;
}

void CheckNode(const v1::TaskTemplate& tmpl, int i, const std::map<std::string, int64_t>& places,
               status::FieldViolations& bad) {
  const v1::TemplateNode& node = tmpl.nodes(i);
  const std::string at = absl::StrCat("template.nodes[", i, "]");
  if (!IsNodeId(node.node_id())) {
    bad.Add(absl::StrCat(at, ".node_id"), "must be 1 to 32 of [a-z0-9_-]");
  } else if (places.at(node.node_id()) != i + 1) {
    bad.Add(absl::StrCat(at, ".node_id"), "must be unique in the template");
  }
  CheckTask(TaskOf(tmpl, node, absl::CivilDay(2000, 1, 1)), at, bad);
  if (node.due_day() < -kMaxDays || node.due_day() > kMaxDays) {
    bad.Add(absl::StrCat(at, ".due_day"), "must be -3650 to 3650");
  }
  if (node.due_minute() < 0 || node.due_minute() >= 24 * 60) {
    bad.Add(absl::StrCat(at, ".due_minute"), "must be 0 to 1439");
  }
  for (const std::string& before : node.after_node_ids()) {
    if (!places.contains(before)) {
      bad.Add(absl::StrCat(at, ".after_node_ids"), "must be nodes of the template");
    }
  }
  if (!node.parent_node_id().empty() && !places.contains(node.parent_node_id())) {
    bad.Add(absl::StrCat(at, ".parent_node_id"), "must be a node of the template");
  }
}

void CheckCycles(const v1::TaskTemplate& tmpl, status::FieldViolations& bad) {
  const std::vector<Edge> edges = EdgesOf(tmpl, false);
  for (const Edge& edge : edges) {
    const std::vector<int64_t> path = FindPath(edges, edge.after, edge.before);
    if (path.empty()) continue;
    bad.Add("template.nodes",
            absl::StrCat("must have no cycle, such as ",
                         absl::StrJoin(path, ", ", [&](std::string* out, int64_t place) {
                           *out += tmpl.nodes(static_cast<int>(place) - 1).node_id();
                         })));
    return;
  }
  // A whole may wait for its parts, but nothing may be a part of itself.
  for (int i = 0; i < tmpl.nodes_size(); ++i) {
    const std::map<std::string, int64_t> places = PlacesOf(tmpl);
    int levels = 1;
    for (int at = i; !tmpl.nodes(at).parent_node_id().empty() && levels <= kMaxLevels; ++levels) {
      const auto parent = places.find(tmpl.nodes(at).parent_node_id());
      if (parent == places.end()) break;
      at = static_cast<int>(parent->second) - 1;
    }
    if (levels > kMaxLevels) {
      bad.Add(absl::StrCat("template.nodes[", i, "].parent_node_id"),
              "must leave no more than 8 levels");
      return;
    }
  }
}

}  // namespace

void CheckTemplate(const v1::TaskTemplate& tmpl, status::FieldViolations& bad) {
  const int name = text::Characters(text::Trim(tmpl.name()));
  if (name < 1 || name > kMaxName || !text::IsStorable(tmpl.name())) {
    bad.Add("template.name", "must be 1 to 100 characters");
  }
  if (tmpl.list_id() < 0) bad.Add("template.list_id", "must be 0 or above");
  CheckZone(tmpl.time_zone(), "template.time_zone", bad);
  if (tmpl.has_recurrence()) {
    const absl::Status rule = CheckRule(tmpl.recurrence().rrule());
    if (!rule.ok()) bad.Add("template.recurrence.rrule", rule.message());
    const std::string upper = absl::AsciiStrToUpper(tmpl.recurrence().rrule());
    if (absl::StrContains(upper, "HOURLY") || absl::StrContains(upper, "BYHOUR") ||
        absl::StrContains(upper, "BYMINUTE")) {
      bad.Add("template.recurrence.rrule", "must be of days: runs have no hours");
    }
  }
  if (tmpl.nodes_size() < 1 || tmpl.nodes_size() > kMaxNodes) {
    bad.Add("template.nodes", "must be 1 to 200");
    return;
  }
  const std::map<std::string, int64_t> places = PlacesOf(tmpl);
  for (int i = 0; i < tmpl.nodes_size(); ++i) CheckNode(tmpl, i, places, bad);
  if (bad.empty()) CheckCycles(tmpl, bad);
}

std::vector<int> NodeOrder(const v1::TaskTemplate& tmpl) {
  // Parents first; what waits is linked afterwards, so that only this order matters.
  const std::map<std::string, int64_t> places = PlacesOf(tmpl);
  std::vector<int> order;
  std::set<int> done;
  while (static_cast<int>(order.size()) < tmpl.nodes_size()) {
    const size_t before = order.size();
    for (int i = 0; i < tmpl.nodes_size(); ++i) {
      const auto parent = places.find(tmpl.nodes(i).parent_node_id());
      const bool is_ready =
          parent == places.end() || done.contains(static_cast<int>(parent->second) - 1);
      if (is_ready && done.insert(i).second) order.push_back(i);
    }
    if (order.size() == before) break;
  }
  return order;
}

v1::Task TaskOf(const v1::TaskTemplate& tmpl, const v1::TemplateNode& node, absl::CivilDay day) {
  v1::Task task;
  task.set_user_id(tmpl.user_id());
  task.set_title(node.title());
  task.set_notes(node.notes());
  task.set_priority(node.priority());
  *task.mutable_labels() = node.labels();
  task.set_estimate_minutes(node.estimate_minutes());
  task.set_list_id(tmpl.list_id());
  task.set_time_zone(tmpl.time_zone());
  if (!node.undated()) {
    const absl::CivilDay due = day + std::clamp(node.due_day(), -kMaxDays, kMaxDays);
    const absl::CivilMinute at =
        absl::CivilMinute(due) + (node.has_due_minute() ? node.due_minute() : 0);
    *task.mutable_due_at() =
        timestamps::ToProto(ToTime({absl::CivilSecond(at), ZoneOf(tmpl.time_zone())}));
    task.set_due_all_day(!node.has_due_minute());
  }
  Normalise(task);
  return task;
}

absl::StatusOr<std::optional<absl::CivilDay>> NextRunDay(const v1::TaskTemplate& tmpl,
                                                         absl::CivilDay day, absl::Time closed) {
  const absl::TimeZone zone = ZoneOf(tmpl.time_zone());
  const absl::Time of_day = absl::FromCivil(day, zone);
  ASSIGN_OR_RETURN(
      const std::optional<absl::Time> next,
      NextDue(tmpl.recurrence(), of_day,
              tmpl.recurrence().mode() == v1::RECURRENCE_MODE_AFTER_COMPLETION ? closed : of_day,
              zone));
  if (!next.has_value()) return std::nullopt;
  return absl::ToCivilDay(*next, zone);
}

}  // namespace selfology::task
