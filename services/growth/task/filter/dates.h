// Words for dates in filters: "today", "eom", "+3d", "2026-05-01".
//
//   ASSIGN_OR_RETURN(const DateWord word, ReadDate("tomorrow"));
//   const Span day = SpanOf(word, now, zone);    // From its first moment to the first of the next.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace selfology::task {

struct DateWord {
  enum class Kind {
    kNow,
    kDays,
    kWeekday,
    kWeek,
    kMonth,
    kYear,
    kEndOfWeek,
    kEndOfMonth,
    kEndOfYear,
    kDay,
    kMinute,
    kAfter,
    kMonths
  };
  Kind kind = Kind::kNow;
  int amount = 0;             // Of days or months from today; of a weekday.
  absl::CivilMinute at = {};  // Of kDay and kMinute.
  absl::Duration after = {};  // Of kAfter.
};

// nullopt: no such word. `word` is in lower case.
std::optional<DateWord> ReadDate(std::string_view word);

struct Span {
  absl::Time begin;
  absl::Time end;  // Not in it.
};
Span SpanOf(const DateWord& word, absl::Time now, absl::TimeZone zone);

}  // namespace selfology::task
