// How well the detector does on labelled phrases.
//
//   safety_figures phrases_en.tsv phrases_ru.tsv
//
// Files are as figures.h has it. Prints, for each class and for all of them, files together: how
// many phrases were offered help (level ask or act), how many were at least in doubt, how many got
// their very class, with Wilson 95 % intervals, and the ids missed. For harmless phrases help offered
// is a false alarm.

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "absl/strings/str_join.h"
#include "services/coaching/lib/safety/figures.h"

namespace selfology::safety {
namespace {

std::string Share(int some, int all) {
  if (all == 0) return "-";
  constexpr double kZ = 1.959964;
  const double n = all, p = some / n;
  const double middle = (p + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double half = kZ / (1 + kZ * kZ / n) * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  char text[80];
  std::snprintf(text, sizeof(text), "%d/%d %.1f %% [%.1f, %.1f]", some, all, 100 * p,
                100 * (middle - half), 100 * (middle + half));
  return text;
}

void Print(const std::string& name, bool harmless, const Figures& figures) {
  std::printf(
      "%s: %s %s; in doubt or more %s", name.c_str(), harmless ? "false alarms" : "help offered",
      Share(figures.offered, figures.all).c_str(), Share(figures.noticed, figures.all).c_str());
  if (!harmless) std::printf("; same class %s", Share(figures.same_class, figures.all).c_str());
  std::printf("\n");
}

int Run(int files, char** paths) {
  std::map<std::string, Figures> by_class;
  for (int i = 0; i < files; ++i) {
    std::ifstream file(paths[i]);
    if (!file) {
      std::fprintf(stderr, "cannot read %s\n", paths[i]);
      return 1;
    }
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (const auto& [name, figures] : Measure(text)) by_class[name] += figures;
  }
  for (const auto& [name, figures] : by_class) {
    const bool harmless = IsHarmless(name);
    Print(name, harmless, figures);
    std::printf("  %s: %s\n", harmless ? "alarms" : "missed",
                absl::StrJoin(figures.missed, " ").c_str());
  }
  Print("all that is dangerous", false, Together(by_class, false));
  Print("all that is harmless", true, Together(by_class, true));
  return 0;
}

}  // namespace
}  // namespace selfology::safety

int main(int argc, char** argv) { return selfology::safety::Run(argc - 1, argv + 1); }
