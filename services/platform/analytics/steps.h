// The steps of a series: hours, days, weeks and months of a time zone.
//
//   const std::vector<absl::Time> steps = StepsBetween(from, to, v1::STEP_DAY, berlin, 10'000);
//
// A day of 23 or 25 hours is one step; so is an hour, however its clock calls it.
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "selfology/analytics/v1/analytics.pb.h"

namespace selfology::analytics {

// The begin of the step that the time lies in.
absl::Time StepBegin(absl::Time time, v1::Step step, absl::TimeZone zone);

// The begins of all steps that touch [from, to); at most `limit` + 1.
std::vector<absl::Time> StepsBetween(absl::Time from, absl::Time to, v1::Step step,
                                     absl::TimeZone zone, size_t limit);

// The begin of the step after this one.
absl::Time NextStep(absl::Time begin, v1::Step step, absl::TimeZone zone);

// date_trunc's word for it: "hour", "day", "week", "month".
const char* StepWord(v1::Step step);

// IANA's zone; empty: UTC. INVALID_ARGUMENT names `query.time_zone`.
absl::StatusOr<absl::TimeZone> ReadZone(const std::string& name);

}  // namespace selfology::analytics
