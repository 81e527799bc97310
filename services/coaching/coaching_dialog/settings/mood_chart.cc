#include "services/coaching/coaching_dialog/settings/mood_chart.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace selfology::coaching_dialog {
namespace {

struct Look {
  std::string_view face;
  std::string_view column;
};

Look LookOf(coach::v1::Mood mood) {
  switch (mood) {
    case coach::v1::MOOD_AWFUL:
      return {"😣", "▁"};
    case coach::v1::MOOD_BAD:
      return {"🙁", "▃"};
    case coach::v1::MOOD_OKAY:
      return {"😐", "▄"};
    case coach::v1::MOOD_GOOD:
      return {"🙂", "▆"};
    case coach::v1::MOOD_GREAT:
      return {"😄", "█"};
    default:
      return {"", "·"};
  }
}

std::map<absl::CivilDay, coach::v1::Mood> ByDay(const std::vector<coach::v1::MoodRecord>& records) {
  std::map<absl::CivilDay, coach::v1::Mood> by_day;
  for (const coach::v1::MoodRecord& record : records) {
    absl::CivilDay day;
    if (absl::ParseCivilTime(record.day(), &day)) by_day[day] = record.mood();
  }
  return by_day;
}

std::string ShortDay(absl::CivilDay day) {
  return absl::StrFormat("%d.%02d", day.day(), day.month());
}

}  // namespace

std::string_view FaceOf(coach::v1::Mood mood) { return LookOf(mood).face; }

std::string MoodChart(const std::vector<coach::v1::MoodRecord>& records, absl::CivilDay today) {
  const auto by_day = ByDay(records);
  const absl::CivilDay first = today - (kMoodDays - 1);
  std::string columns;
  for (absl::CivilDay day = first; day <= today; ++day) {
    const auto found = by_day.find(day);
    columns += LookOf(found == by_day.end() ? coach::v1::MOOD_UNSPECIFIED : found->second).column;
  }
  return absl::StrCat("<code>", ShortDay(first), " ", columns, " ", ShortDay(today), "</code>");
}

int MoodStreak(const std::vector<coach::v1::MoodRecord>& records, absl::CivilDay today) {
  const auto by_day = ByDay(records);
  int days = 0;
  for (absl::CivilDay day = today; by_day.contains(day); --day) ++days;
  return days;
}

}  // namespace selfology::coaching_dialog
