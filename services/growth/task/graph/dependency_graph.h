// What must be done before what, as a graph: each edge leads from what comes first to what waits.
//
// Every task has a rank, unique within its owner's, and every edge leads from a lower rank to a
// higher one. So whether an edge would close a cycle need be looked for only where it leads from a
// higher rank to a lower one, and only among the ranks between: the rest of the graph is not read
// (store: edge_store.h). If there is none, the ranks of what was read are dealt out anew.
//
//   Region region = ...;                           // What leads from `after`, what leads to `before`.
//   const auto ranks = Reorder(region);            // Which tasks have which rank from now on.
//
// Threads: pure functions. Source: D. J. Pearce, P. H. J. Kelly, "A Dynamic Topological Sort
// Algorithm for Directed Acyclic Graphs", ACM JEA 11 (2006).
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace selfology::task {

struct Edge {
  int64_t before = 0;
  int64_t after = 0;
  friend bool operator==(const Edge&, const Edge&) = default;
  friend auto operator<=>(const Edge&, const Edge&) = default;
};

struct Ranked {
  int64_t task_id = 0;
  int64_t rank = 0;
};

// For a new edge whose `before` has the higher rank: the tasks that `before` waits for, directly or
// not, and itself, with ranks down to that of `after`; and those that wait for `after`, and itself,
// with ranks up to that of `before`. The two have no task in common, or the edge closes a cycle.
struct Region {
  std::vector<Ranked> upstream = {};
  std::vector<Ranked> downstream = {};
};

// New ranks for the tasks of the region whose rank changes; the same set of ranks is used.
std::vector<Ranked> Reorder(Region region);

// The tasks on a shortest way from `from` to `to`, both included; empty: there is none.
std::vector<int64_t> FindPath(absl::Span<const Edge> edges, int64_t from, int64_t to);

// A task of a plan: how long it takes, and when it can be done.
struct Planned {
  int64_t task_id = 0;
  int64_t minutes = 0;
  int64_t earliest_start = 0;  // Minutes of work that come before it at the least.
  int64_t slack = 0;           // How many minutes later it could begin; 0: critical.
};
struct CriticalPath {
  std::vector<int64_t> path = {};
  int64_t minutes = 0;
  std::vector<Planned> tasks = {};  // By earliest start, then id.
};
// The longest way through tasks that take so many minutes each; edges from or to others are passed
// over. Of several equally long ones, that of the lowest ids. Empty for a graph with a cycle.
CriticalPath FindCriticalPath(const std::map<int64_t, int64_t>& minutes,
                              absl::Span<const Edge> edges);

}  // namespace selfology::task
