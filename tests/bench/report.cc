#include "tests/bench/report.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace selfology::bench {
namespace {

double Ratio(const Row& row) { return row.reference == 0 ? 0 : row.ours / row.reference; }

bool Met(const Row& row) {
  switch (row.aim.kind) {
    case Aim::kNone:
      return true;
    case Aim::kRatioAtLeast:
      return Ratio(row) >= row.aim.value;
    case Aim::kRatioAtMost:
      return row.reference != 0 && Ratio(row) <= row.aim.value;
    case Aim::kAtLeast:
      return row.ours >= row.aim.value;
    case Aim::kAtMost:
      return row.ours <= row.aim.value;
  }
  return false;
}

std::string Figure(double value) {
  return absl::StrFormat("%.*f", value >= 100 ? 0 : value >= 10 ? 1 : 2, value);
}

std::string AimText(const Row& row) {
  switch (row.aim.kind) {
    case Aim::kNone:
      return "";
    case Aim::kRatioAtLeast:
      return absl::StrCat("ratio >= ", row.aim.value);
    case Aim::kRatioAtMost:
      return absl::StrCat("ratio <= ", row.aim.value);
    case Aim::kAtLeast:
      return absl::StrCat(">= ", row.aim.value, " ", row.unit);
    case Aim::kAtMost:
      return absl::StrCat("<= ", row.aim.value, " ", row.unit);
  }
  return "";
}

}  // namespace

void Report::Add(const Row& row) {
  all_met_ = all_met_ && Met(row);
  if (json_) {
    std::printf("{\"name\": \"%s\", \"unit\": \"%s\", \"ours\": %g, \"reference\": %g, ",
                row.name.c_str(), row.unit.c_str(), row.ours, row.reference);
    std::printf("\"ratio\": %g, \"aim\": \"%s\", \"met\": %s}\n", Ratio(row), AimText(row).c_str(),
                Met(row) ? "true" : "false");
  } else {
    if (!headed_) {
      std::printf("%-24s %-44s %9s  %-30s %9s %7s  %s\n", "row", "what", "ours", "beside", "",
                  "ratio", "aim");
    }
    headed_ = true;
    const bool beside = row.reference != 0;
    std::printf("%-24s %-44s %9s  %-30s %9s %7s  %s%s\n", row.name.c_str(),
                absl::StrCat(row.what, ", ", row.unit).c_str(), Figure(row.ours).c_str(),
                row.peer.c_str(), beside ? Figure(row.reference).c_str() : "",
                beside ? Figure(Ratio(row)).c_str() : "", AimText(row).c_str(),
                row.aim.kind == Aim::kNone ? ""
                : Met(row)                 ? ": met"
                                           : ": MISSED");
  }
  std::fflush(stdout);
}

void Report::AddTable(const std::string& name, const std::vector<std::string>& columns,
                      const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns.size(); ++i) {
    size_t width = columns[i].size();
    for (const auto& row : rows) width = std::max(width, row[i].size());
    widths.push_back(width);
  }
  const auto print = [&](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i) {
      std::printf("%*s%s", static_cast<int>(widths[i]), cells[i].c_str(),
                  i + 1 < cells.size() ? "  " : "\n");
    }
  };
  if (!json_) {
    std::printf("\n%s\n", name.c_str());
    print(columns);
  }
  for (const auto& row : rows) {
    if (!json_) {
      print(row);
      continue;
    }
    std::printf("{\"name\": \"%s\"", name.c_str());
    for (size_t i = 0; i < row.size(); ++i) {
      std::printf(", \"%s\": \"%s\"", columns[i].c_str(), row[i].c_str());
    }
    std::printf("}\n");
  }
  if (!json_) std::printf("\n");
  headed_ = false;
  std::fflush(stdout);
}

double Quantile(std::vector<double>& samples, double part) {
  if (samples.empty()) return 0;
  std::sort(samples.begin(), samples.end());
  return samples[static_cast<size_t>(part * static_cast<double>(samples.size() - 1))];
}

double Median(std::vector<double> samples) { return Quantile(samples, 0.5); }

double MedianQuantile(std::vector<std::vector<double>>& rounds, double part) {
  std::vector<double> quantiles;
  for (std::vector<double>& samples : rounds) quantiles.push_back(Quantile(samples, part));
  return Median(std::move(quantiles));
}

absl::Duration OwnCpu() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

absl::Duration CpuOf(int pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string line;
  std::getline(file, line);
  // After the name in parentheses come state and ten more fields, then utime and stime in ticks.
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return absl::Seconds((user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

absl::Duration CpuOfTree(int pid) {
  absl::Duration cpu = CpuOf(pid);
  std::ifstream children(absl::StrCat("/proc/", pid, "/task/", pid, "/children"));
  for (int child; children >> child;) cpu += CpuOfTree(child);
  return cpu;
}

}  // namespace selfology::bench
