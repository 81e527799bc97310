// When something comes again: RFC 5545's rules over civil time, so that "every day at 9" is at 9 on
// both sides of a clock change.
//
//   Moment start = {absl::CivilSecond(2026, 5, 4, 9, 0, 0), berlin};
//   NextOccurrence("FREQ=DAILY", start, after)     // the first one later than `after`
//
// A local time that a clock change leaves out is taken at the offset before the change, one that
// comes twice the first time (RFC 5545, 3.3.5). Not more often than hourly. Rules without an end are
// followed for kMaxSteps occurrences.
//
// Errors: INVALID_ARGUMENT for what is no such rule. Threads: pure functions, over libical, which
// holds no state between calls. Source: RFC 5545, 3.3.10.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "selfology/task/v1/task.pb.h"

namespace selfology::task {

inline constexpr int kMaxSteps = 100'000;
inline constexpr int kMaxRule = 500;  // Characters.

struct Moment {
  absl::CivilSecond at = {};
  absl::TimeZone zone = absl::UTCTimeZone();
};

// The point in time of a local time; see above for clock changes.
absl::Time ToTime(const Moment& moment);
Moment ToMoment(absl::Time time, absl::TimeZone zone);

absl::Status CheckRule(std::string_view rrule);

// Up to `limit` occurrences later than `after`, the start among them only if the rule has it.
absl::StatusOr<std::vector<absl::Time>> Occurrences(std::string_view rrule, const Moment& start,
                                                    absl::Time after, int limit);
// nullopt: the rule has ended.
absl::StatusOr<std::optional<absl::Time>> NextOccurrence(std::string_view rrule,
                                                         const Moment& start, absl::Time after);

// When the next occurrence of something due at `due` is due that was completed at `completed`: by
// the mode of `recurrence`. nullopt: that was the last one. INVALID_ARGUMENT: no rule.
absl::StatusOr<std::optional<absl::Time>> NextDue(const v1::Recurrence& recurrence, absl::Time due,
                                                  absl::Time completed, absl::TimeZone zone);

}  // namespace selfology::task
