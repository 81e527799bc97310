// A sentence as a task: "call mum tomorrow at 6 every week" is the title "call mum", a due date and
// a rule. English and Russian, by rules, without a model.
//
//   const auto understood = Understand({.text = "завтра в 18 позвонить маме",
//                                       .zone = moscow, .now = now});
//
// Where words can mean several things, it takes these:
//   - "at 6" without am or pm: 1 to 5 are in the afternoon, 6 in the evening, 7 to 11 in the morning
//     or, of 7 to 9, if that has passed today, in the evening; 12 is noon. "6:30" is in the morning.
//   - a weekday is the next one, never today; "next friday" is that of the next week, which begins
//     on Monday; "next week" is its Monday, "next month" its first day; "this week" is its last day.
//   - morning is 9:00, noon 12:00, afternoon 15:00, evening 19:00, tonight 20:00, night 22:00.
//   - a day of the month or year is the next one; "every second tuesday" is every other one, and "of
//     the month" makes it the second of each.
//   - a time without a day is the next time that it comes.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/status/status.h"
#include "selfology/task/v1/task.pb.h"
#include "selfology/task/v1/understanding_service.pb.h"

namespace selfology::task {

inline constexpr int kMaxSentence = 1000;  // Characters.

struct Sentence {
  std::string_view text = {};
  std::string_view language = {};  // BCP 47; matters only for a text without letters.
  absl::TimeZone zone = absl::UTCTimeZone();
  absl::Time now = {};
};

void CheckSentence(std::string_view text, const std::string& time_zone,
                   status::FieldViolations& bad);

v1::UnderstandTaskResponse Understand(const Sentence& sentence);

// The task that it describes.
v1::Task ToTask(const v1::UnderstandTaskResponse& understood, const std::string& time_zone);

}  // namespace selfology::task
