#include "services/growth/task/graph/dependency_graph.h"

#include <algorithm>
#include <deque>
#include <set>

namespace selfology::task {

std::vector<Ranked> Reorder(Region region) {
  const auto by_rank = [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; };
  std::sort(region.upstream.begin(), region.upstream.end(), by_rank);
  std::sort(region.downstream.begin(), region.downstream.end(), by_rank);
  // All that leads to `before` comes in front of all that `after` leads to, each in its own order.
  std::vector<Ranked> order = region.upstream;
  order.insert(order.end(), region.downstream.begin(), region.downstream.end());
  std::vector<int64_t> pool;
  for (const Ranked& ranked : order) pool.push_back(ranked.rank);
  std::sort(pool.begin(), pool.end());
  std::vector<Ranked> changed;
  for (size_t i = 0; i < order.size(); ++i) {
    if (order[i].rank != pool[i]) changed.push_back({order[i].task_id, pool[i]});
  }
  return changed;
}

std::vector<int64_t> FindPath(absl::Span<const Edge> edges, int64_t from, int64_t to) {
  if (from == to) return {from};
  std::multimap<int64_t, int64_t> next;
  for (const Edge& edge : edges) next.emplace(edge.before, edge.after);
  std::map<int64_t, int64_t> came_from = {{from, from}};
  std::deque<int64_t> open = {from};
  while (!open.empty()) {
    const int64_t at = open.front();
    open.pop_front();
    const auto [begin, end] = next.equal_range(at);
    for (auto edge = begin; edge != end; ++edge) {
      if (!came_from.emplace(edge->second, at).second) continue;
      if (edge->second == to) {
        std::vector<int64_t> path = {to};
        while (path.back() != from) path.push_back(came_from.at(path.back()));
        std::reverse(path.begin(), path.end());
        return path;
      }
      open.push_back(edge->second);
    }
  }
  return {};
}

CriticalPath FindCriticalPath(const std::map<int64_t, int64_t>& minutes,
                              absl::Span<const Edge> edges) {
  std::map<int64_t, std::vector<int64_t>> after, before;
  std::map<int64_t, int> waits_for;
  for (const Edge& edge : edges) {
    if (!minutes.contains(edge.before) || !minutes.contains(edge.after)) continue;
    after[edge.before].push_back(edge.after);
    before[edge.after].push_back(edge.before);
    ++waits_for[edge.after];
  }
  // Kahn's order, the lowest ids first.
  std::set<int64_t> ready;
  for (const auto& [id, length] : minutes) {
    if (waits_for[id] == 0) ready.insert(id);
  }
  std::vector<int64_t> order;
  std::map<int64_t, int64_t> start;  // Earliest.
  while (!ready.empty()) {
    const int64_t id = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(id);
    const int64_t end = start[id] + minutes.at(id);
    for (const int64_t next : after[id]) {
      start[next] = std::max(start[next], end);
      if (--waits_for[next] == 0) ready.insert(next);
    }
  }
  if (order.size() != minutes.size()) return {};

  CriticalPath found;
  for (const int64_t id : order) {
    found.minutes = std::max(found.minutes, start[id] + minutes.at(id));
  }
  std::map<int64_t, int64_t> latest_end;
  for (auto id = order.rbegin(); id != order.rend(); ++id) {
    int64_t end = found.minutes;
    for (const int64_t next : after[*id]) {
      end = std::min(end, latest_end.at(next) - minutes.at(next));
    }
    latest_end[*id] = end;
    found.tasks.push_back({.task_id = *id,
                           .minutes = minutes.at(*id),
                           .earliest_start = start[*id],
                           .slack = end - minutes.at(*id) - start[*id]});
  }
  std::sort(found.tasks.begin(), found.tasks.end(), [](const Planned& a, const Planned& b) {
    return std::pair(a.earliest_start, a.task_id) < std::pair(b.earliest_start, b.task_id);
  });
  // Backwards from a task that ends last, always to one that ends when it begins.
  int64_t at = 0;
  for (const Planned& task : found.tasks) {
    if (task.earliest_start + task.minutes == found.minutes && (at == 0 || task.task_id < at)) {
      at = task.task_id;
    }
  }
  while (at != 0) {
    found.path.push_back(at);
    int64_t previous = 0;
    for (const int64_t candidate : before[at]) {
      if (start[candidate] + minutes.at(candidate) == start[at] &&
          (previous == 0 || candidate < previous)) {
        previous = candidate;
      }
    }
    at = previous;
  }
  std::reverse(found.path.begin(), found.path.end());
  return found;
}

}  // namespace selfology::task
