// Floors under what was measured on phrases of an author who saw neither the rules nor their tests
// (held_out/README.md). Prints the share that is exact and what differs.
#include "services/growth/task/held_out.h"

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/timestamps/timestamp.h"
#include "gtest/gtest.h"
#include "services/growth/task/seen.h"
#include "services/growth/task/understanding/understanding.h"

namespace selfology::task {
namespace {

constexpr std::string_view kHeader = "text\ttitle\tdue\trecurrence\tlabels\tpriority";
constexpr size_t kColumns = 6;

std::string DueOf(const v1::UnderstandTaskResponse& understood, absl::TimeZone zone) {
  if (!understood.has_due_at()) return "";
  return absl::FormatTime(understood.due_all_day() ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M",
                          timestamps::FromProto(understood.due_at()), zone);
}

std::string RuleOf(const v1::UnderstandTaskResponse& understood) {
  const v1::Recurrence& recurrence = understood.recurrence();
  return recurrence.mode() == v1::RECURRENCE_MODE_AFTER_COMPLETION
             ? absl::StrCat("after ", recurrence.rrule())
             : recurrence.rrule();
}

std::string_view PriorityOf(const v1::UnderstandTaskResponse& understood) {
  switch (understood.priority()) {
    case v1::TASK_PRIORITY_LOW:
      return "low";
    case v1::TASK_PRIORITY_MEDIUM:
      return "medium";
    case v1::TASK_PRIORITY_HIGH:
      return "high";
    default:
      return "";
  }
}

// The columns of a line but the first.
std::vector<std::string> Read(std::string_view text, absl::TimeZone zone) {
  const absl::Time now = absl::FromCivil(absl::CivilMinute(2026, 3, 11, 10, 30), zone);
  const v1::UnderstandTaskResponse understood =
      Understand({.text = text, .zone = zone, .now = now});
  return {understood.title(), DueOf(understood, zone), RuleOf(understood),
          absl::StrJoin(understood.labels(), " "), std::string(PriorityOf(understood))};
}

// "|" stands between readings that are equally sensible.
bool IsOneOf(std::string_view got, std::string_view wanted) {
  return absl::c_linear_search(std::vector<std::string_view>(absl::StrSplit(wanted, '|')), got);
}

// The share of the lines that are read exactly, in all columns.
double ExactShare(std::string_view file, const std::string& zone_name, int lines_expected = 150) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(zone_name, &zone)) {
    ADD_FAILURE() << "no zone " << zone_name;
    return 0;
  }
  const std::vector<std::string_view> lines = absl::StrSplit(file, '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.at(0), kHeader);
  int exact = 0, all = 0;
  for (const std::string_view line : absl::MakeSpan(lines).subspan(1)) {
    const std::vector<std::string> wanted = absl::StrSplit(line, '\t');
    EXPECT_EQ(wanted.size(), kColumns) << line;
    if (wanted.size() != kColumns) continue;
    const std::vector<std::string> got = Read(wanted[0], zone);
    bool same = true;
    for (size_t i = 0; i < got.size(); ++i) same = same && IsOneOf(got[i], wanted[i + 1]);
    ++all;
    exact += same ? 1 : 0;
    if (same) continue;
    std::printf("differs: %s\n  got: %s\n", absl::StrReplaceAll(line, {{"\t", " ; "}}).c_str(),
                absl::StrJoin(got, " ; ").c_str());
  }
  EXPECT_EQ(all, lines_expected);
  const double share = all == 0 ? 0 : static_cast<double>(exact) / all;
  std::printf("exact: %d of %d, %.1f %%\n", exact, all, 100 * share);
  return share;
}

// The second set; written before its author had read the rules.
TEST(HeldOutAgainTest, English) {
  EXPECT_GE(ExactShare(held_out::kEnglishAgainTsv, "Europe/London", 100), 0.92);
}

TEST(HeldOutAgainTest, Russian) {
  EXPECT_GE(ExactShare(held_out::kRussianAgainTsv, "Europe/Moscow", 100), 0.98);
}

TEST(HeldOutTest, English) { EXPECT_GE(ExactShare(held_out::kEnglishTsv, "Europe/London"), 0.863); }

TEST(HeldOutTest, Russian) { EXPECT_GE(ExactShare(held_out::kRussianTsv, "Europe/Moscow"), 0.87); }

// What was mended stays so.
TEST(SeenTest, English) { EXPECT_GE(ExactShare(seen::kEnglishTsv, "Europe/London", 50), 0.98); }

TEST(SeenTest, Russian) { EXPECT_GE(ExactShare(seen::kRussianTsv, "Europe/Moscow", 50), 1.0); }

}  // namespace
}  // namespace selfology::task
