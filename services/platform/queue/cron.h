// Cron expressions in a time zone: when does a schedule run next?
//
//   ASSIGN_OR_RETURN(const Cron cron, Cron::Parse("30 2 * * MON-FRI"));
//   absl::TimeZone berlin;
//   absl::LoadTimeZone("Europe/Berlin", &berlin);
//   const absl::Time next = cron.Next(now, berlin);   // The first time after now.
//
// What an expression may say stands in proto/selfology/queue/v1/schedule_service.proto. Where
// clocks change, it is as Vixie's cron has it:
// - an expression whose minute or hour begins with "*" follows the passing of time: it runs in each
//   real hour, the repeated one included, and nothing stands for a skipped one;
// - any other runs at times of day. One that is skipped is run when the gap ends (several of them
//   once), one that comes twice is run the first time only.
//
// Errors: INVALID_ARGUMENT, naming the field `cron` and the rule. Units: whole minutes.
// Threads: a value and pure functions.
// Source: crontab(5) and cron(8) of Vixie cron 3.0.
#pragma once

#include <bitset>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace selfology::queue {

class Cron {
 public:
  // Refuses also what never comes, such as the 30th of February.
  static absl::StatusOr<Cron> Parse(std::string_view expression);

  // The first time after `after` (for times of the years 1 to 9980).
  absl::Time Next(absl::Time after, absl::TimeZone zone) const;

 private:
  Cron() = default;

  bool RunsOn(absl::CivilDay day) const;
  // The first after `after` of those on that day; InfiniteFuture: none.
  absl::Time NextOfDay(absl::CivilDay day, absl::Time after, absl::TimeZone zone) const;
  absl::Time NextAsTimePasses(absl::CivilDay day, absl::Time after, absl::TimeZone zone) const;
  absl::Time NextTimeOfDay(absl::CivilDay day, absl::Time after, absl::TimeZone zone) const;
  bool EverComes() const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;     // Of the month, from 1.
  std::bitset<13> months_;   // From 1.
  std::bitset<7> weekdays_;  // 0: Sunday.
  bool any_day_ = false, any_weekday_ = false;
  bool as_time_passes_ = false;
};

}  // namespace selfology::queue
