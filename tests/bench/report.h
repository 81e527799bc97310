// What the bench prints: each figure of ours beside its reference, measured in the same run.
//
//   report.Add({.name = "relay.backlog", .what = "relay, backlog drained", .unit = "events/s",
//               .ours = 190'000, .reference = 200'000, .peer = "bare loop",
//               .aim = {.kind = Aim::kRatioAtLeast, .value = 0.9}});
//
// Threads: one at a time.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace selfology::bench {

struct Aim {
  enum Kind { kNone, kRatioAtLeast, kRatioAtMost, kAtLeast, kAtMost } kind = kNone;
  double value = 0;  // Of the ratio, or of our figure in its unit.
};

struct Row {
  std::string name = {};  // "relay.backlog": what --only selects.
  std::string what = {};
  std::string unit = {};
  double ours = 0;
  double reference = 0;   // 0: there is none; an aim for the ratio is missed then.
  std::string peer = {};  // What the reference is.
  Aim aim = {};
};

class Report {
 public:
  explicit Report(bool json) : json_(json) {}

  // Prints it at once.
  void Add(const Row& row);
  // Prints a table of its own; with --json a line for each of its rows.
  void AddTable(const std::string& name, const std::vector<std::string>& columns,
                const std::vector<std::vector<std::string>>& rows);
  bool all_met() const { return all_met_; }

 private:
  const bool json_;
  bool headed_ = false;
  bool all_met_ = true;
};

// The value below which `part` of the samples lie; sorts them.
double Quantile(std::vector<double>& samples, double part);

double Median(std::vector<double> samples);

// Of several rounds: the middle one's quantile.
double MedianQuantile(std::vector<std::vector<double>>& rounds, double part);

// CPU time so far: of this process, of another one, and of one with its children that still run.
absl::Duration OwnCpu();
absl::Duration CpuOf(int pid);
absl::Duration CpuOfTree(int pid);

}  // namespace selfology::bench
