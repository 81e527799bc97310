// How well the detector does on labelled phrases.
//
//   safety_figures phrases_en.tsv phrases_ru.tsv
//
// Each line of a file is `id class text note`, separated by tabs; the class is "direct", "plan" and
// so on, or "none", "harmless", "idiom", "denial" for phrases without danger. Prints, for each class
// and for files together: how many phrases were offered help (level ask or act), how many were at
// least in doubt, how many got their very class, with Wilson 95 % intervals, and the ids missed. For
// harmless phrases help offered is a false alarm.

#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/coaching/lib/safety/safety.h"

namespace selfology::safety {
namespace {

struct Figures {
  int all = 0;
  int offered = 0;
  int noticed = 0;  // In doubt or more.
  int same_class = 0;
  std::vector<std::string> missed;  // For harmless ones, the false alarms.
};

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

bool IsHarmless(std::string_view name) {
  for (const Danger danger : kDangers) {
    if (NameOf(danger) == name) return false;
  }
  return true;
}

int Run(int files, char** paths) {
  std::map<std::string, Figures> by_class;
  for (int i = 0; i < files; ++i) {
    std::ifstream file(paths[i]);
    if (!file) {
      std::fprintf(stderr, "cannot read %s\n", paths[i]);
      return 1;
    }
    for (std::string line; std::getline(file, line);) {
      const std::vector<std::string> fields = absl::StrSplit(line, '\t');
      if (fields.size() < 3 || line.starts_with('#') || fields[1] == "class") continue;
      const Assessment found = Assess(fields[2], {});
      Figures& figures = by_class[fields[1]];
      const bool offered = found.level >= Level::kAsk;
      ++figures.all;
      figures.offered += offered;
      figures.noticed += found.level >= Level::kDoubt;
      figures.same_class += offered && NameOf(found.danger) == fields[1];
      if (offered == IsHarmless(fields[1])) {
        const std::string rules =
            absl::StrJoin(found.reasons, "+",
                          [](std::string* out, const Reason& reason) { *out += reason.rule; });
        figures.missed.push_back(
            found.level == Level::kNone
                ? fields[0]
                : absl::StrCat(fields[0], "(", NameOf(found.level), ":", rules, ")"));
      }
    }
  }
  for (const auto& [name, figures] : by_class) {
    const bool harmless = IsHarmless(name);
    std::printf(
        "%s: %s %s; in doubt or more %s", name.c_str(), harmless ? "false alarms" : "help offered",
        Share(figures.offered, figures.all).c_str(), Share(figures.noticed, figures.all).c_str());
    if (!harmless) std::printf("; same class %s", Share(figures.same_class, figures.all).c_str());
    std::printf("\n  %s: %s\n", harmless ? "alarms" : "missed",
                absl::StrJoin(figures.missed, " ").c_str());
  }
  return 0;
}

}  // namespace
}  // namespace selfology::safety

int main(int argc, char** argv) { return selfology::safety::Run(argc - 1, argv + 1); }
