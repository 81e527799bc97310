// Rules and urgencies as programs of others have them: python-dateutil and Taskwarrior. The cases
// are made by tests/peers/task_cases.py.
#include "services/growth/task/peer_cases.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/json/value.h"
#include "common/timestamps/timestamp.h"
#include "gtest/gtest.h"
#include "services/growth/task/tasks/recurrence.h"
#include "services/growth/task/tasks/urgency.h"

namespace selfology::task {
namespace {

std::vector<std::vector<std::string>> Rows(std::string_view file) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string_view line : absl::StrSplit(file, '\n', absl::SkipEmpty())) {
    if (line[0] != '#') rows.push_back(absl::StrSplit(line, '\t'));
  }
  return rows;
}

TEST(PeerCasesTest, RulesAreThoseOfDateutil) {
  int checked = 0;
  for (const std::vector<std::string>& row : Rows(kRecurrenceCasesTsv)) {
    ASSERT_EQ(row.size(), 4u);
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone(row[1], &zone));
    absl::CivilMinute start;
    ASSERT_TRUE(absl::ParseLenientCivilTime(absl::StrReplaceAll(row[2], {{" ", "T"}}), &start));
    const std::vector<std::string> wanted = absl::StrSplit(row[3], ' ', absl::SkipEmpty());
    const auto found = Occurrences(row[0], {absl::CivilSecond(start), zone}, absl::InfinitePast(),
                                   static_cast<int>(wanted.size()));
    ASSERT_TRUE(found.ok()) << row[0] << ": " << found.status();
    std::vector<std::string> got;
    for (const absl::Time at : *found) got.push_back(absl::StrCat(absl::ToUnixSeconds(at)));
    EXPECT_EQ(absl::StrJoin(got, " "), row[3]) << row[0] << " " << row[1] << " " << row[2];
    ++checked;
  }
  EXPECT_EQ(checked, 400);
}

TEST(PeerCasesTest, UrgenciesAreThoseOfTaskwarrior) {
  const absl::Time now = absl::FromUnixSeconds(1'780'000'000);
  const auto at = [&](const nlohmann::json& seconds) {
    return timestamps::ToProto(now + absl::Seconds(seconds.get<int64_t>()));
  };
  int checked = 0;
  for (const std::vector<std::string>& row : Rows(kUrgencyCasesTsv)) {
    ASSERT_EQ(row.size(), 2u);
    const auto said = json::ParseValue(row[0]);
    ASSERT_TRUE(said.ok()) << said.status();
    v1::Task task;
    task.set_status(v1::TASK_STATUS_OPEN);
    *task.mutable_created_at() =
        timestamps::ToProto(now - absl::Seconds((*said)["age_seconds"].get<int64_t>()));
    if (said->contains("due_in_seconds")) *task.mutable_due_at() = at((*said)["due_in_seconds"]);
    if (said->contains("start_in_seconds"))
      *task.mutable_start_at() = at((*said)["start_in_seconds"]);
    const std::string priority = said->value("priority", "");
    task.set_priority(priority == "H"   ? v1::TASK_PRIORITY_HIGH
                      : priority == "M" ? v1::TASK_PRIORITY_MEDIUM
                      : priority == "L" ? v1::TASK_PRIORITY_LOW
                                        : v1::TASK_PRIORITY_UNSPECIFIED);
    if (said->contains("labels")) {
      for (const auto& label : (*said)["labels"]) task.add_labels(label.get<std::string>());
    }
    task.set_list_id(said->value("list", false) ? 1 : 0);
    task.set_active(said->value("active", false));
    task.set_comment_count(said->value("comments", 0));
    const double ours = UrgencyOf(UrgencyReasons(
        task,
        {.blocked = said->value("blocked", false), .blocking = said->value("blocking", false)},
        now));
    double theirs = 0;
    ASSERT_TRUE(absl::SimpleAtod(row[1], &theirs));
    // Theirs was computed some seconds after the times were chosen, and has six digits.
    EXPECT_NEAR(ours, theirs, 0.001) << row[0];
    ++checked;
  }
  EXPECT_EQ(checked, 120);
}

}  // namespace
}  // namespace selfology::task
