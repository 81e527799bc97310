// When a report is made by itself.
//
//   const absl::Time next = NextRun(report.schedule(), zone, now);
//
// Threads: pure functions.
#pragma once

#include "absl/time/time.h"
#include "selfology/analytics/v1/report.pb.h"

namespace selfology::analytics {

// The first moment after `after` that the schedule names; absl::InfiniteFuture() if it has none.
absl::Time NextRun(const v1::ReportSchedule& schedule, absl::TimeZone zone, absl::Time after);

}  // namespace selfology::analytics
