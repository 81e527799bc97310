// A sentence and the task that it means, for tables of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/timestamps/timestamp.h"
#include "gtest/gtest.h"
#include "services/growth/task/understanding/understanding.h"

namespace selfology::task {

struct Phrase {
  std::string_view text;
  std::string_view title;
  std::string_view due = "";   // "2026-05-07 18:00", or "2026-05-07" for a day; empty: none.
  std::string_view rule = "";  // RFC 5545.
};

// Wednesday, 6 May 2026, 10:00 in Moscow.
inline absl::TimeZone Moscow() {
  absl::TimeZone zone;
  return absl::LoadTimeZone("Europe/Moscow", &zone) ? zone : absl::UTCTimeZone();
}
inline absl::Time Now() { return absl::FromCivil(absl::CivilMinute(2026, 5, 6, 10, 0), Moscow()); }

inline v1::UnderstandTaskResponse Read(std::string_view text) {
  return Understand({.text = text, .zone = Moscow(), .now = Now()});
}

inline std::string DueOf(const v1::UnderstandTaskResponse& understood) {
  if (!understood.has_due_at()) return "";
  return absl::FormatTime(understood.due_all_day() ? "%Y-%m-%d" : "%Y-%m-%d %H:%M",
                          timestamps::FromProto(understood.due_at()), Moscow());
}

inline std::string Summary(std::string_view title, std::string_view due, std::string_view rule) {
  return absl::StrCat(title, " | ", due, " | ", rule);
}

inline void CheckPhrases(const std::vector<Phrase>& phrases) {
  for (const Phrase& phrase : phrases) {
    const v1::UnderstandTaskResponse understood = Read(phrase.text);
    EXPECT_EQ(Summary(understood.title(), DueOf(understood), understood.recurrence().rrule()),
              Summary(phrase.title, phrase.due, phrase.rule))
        << phrase.text;
  }
}

}  // namespace selfology::task
