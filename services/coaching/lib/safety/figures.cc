#include "services/coaching/lib/safety/figures.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/coaching/lib/safety/safety.h"

namespace selfology::safety {
namespace {

// The id, and of what was found anyway the rules that found it.
std::string Told(std::string_view id, const Assessment& found) {
  if (found.level == Level::kNone) return std::string(id);
  const std::string rules = absl::StrJoin(
      found.reasons, "+", [](std::string* out, const Reason& reason) { *out += reason.rule; });
  return absl::StrCat(id, "(", NameOf(found.level), ":", rules, ")");
}

}  // namespace

Figures& Figures::operator+=(const Figures& other) {
  all += other.all;
  offered += other.offered;
  noticed += other.noticed;
  same_class += other.same_class;
  missed.insert(missed.end(), other.missed.begin(), other.missed.end());
  return *this;
}

bool IsHarmless(std::string_view name) {
  for (const Danger danger : kDangers) {
    if (NameOf(danger) == name) return false;
  }
  return true;
}

std::map<std::string, Figures> Measure(std::string_view tsv) {
  std::map<std::string, Figures> by_class;
  for (const std::string_view line : absl::StrSplit(tsv, '\n', absl::SkipEmpty())) {
    const std::vector<std::string_view> fields = absl::StrSplit(line, '\t');
    if (fields.size() < 3 || line.starts_with('#') || fields[1] == "class") continue;
    const std::string_view question = fields.size() > 4 ? fields[4] : "";
    const Assessment found = Assess(fields[2], {.question = question});
    const bool offered = found.level >= Level::kAsk;
    Figures& figures = by_class[std::string(fields[1])];
    ++figures.all;
    figures.offered += offered;
    figures.noticed += found.level >= Level::kDoubt;
    figures.same_class += offered && NameOf(found.danger) == fields[1];
    if (offered == IsHarmless(fields[1])) figures.missed.push_back(Told(fields[0], found));
  }
  return by_class;
}

Figures Together(const std::map<std::string, Figures>& by_class, bool harmless) {
  Figures all;
  for (const auto& [name, figures] : by_class) {
    if (IsHarmless(name) == harmless) all += figures;
  }
  return all;
}

}  // namespace selfology::safety
