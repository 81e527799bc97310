// From what words say of dates and times to days and minutes.
//
// Threads: pure functions.
#pragma once

#include <string>

#include "absl/time/civil_time.h"
#include "services/growth/task/understanding/findings.h"

namespace selfology::task {

// Adds what `more` says to `date` ("monday" and "next week"); false: the two do not go together.
// `adjoining`: nothing stands between them.
bool Merge(const DateSpec& more, bool adjoining, DateSpec& date);

absl::CivilDay DayOf(const DateSpec& date, absl::CivilDay today);

// Minutes from midnight, 0 to 1439. `may_be_late`: what has passed by `minutes_now` in the morning is
// in the evening.
int MinutesOf(const TimeSpec& time, Part part, bool may_be_late, int minutes_now);
int MinutesOf(Part part);

// RFC 5545, without an end.
std::string ToRule(const RepeatSpec& repeat);
// What the date adds to a rule that does not say its days: "every week on monday".
void Complete(const DateSpec& date, RepeatSpec& repeat);

}  // namespace selfology::task
