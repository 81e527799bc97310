#include "services/growth/gamification/boards/periods.h"

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace selfology::gamification {

std::string PeriodName(v1::BoardPeriod period, absl::Time at, std::string_view season_id) {
  const absl::CivilDay day = absl::ToCivilDay(at, absl::UTCTimeZone());
  switch (period) {
    case v1::BOARD_PERIOD_DAY:
      return absl::StrCat("d:", absl::FormatCivilTime(day));
    case v1::BOARD_PERIOD_WEEK:
      return absl::StrCat("w:",
                          absl::FormatCivilTime(absl::PrevWeekday(day + 1, absl::Weekday::monday)));
    case v1::BOARD_PERIOD_MONTH:
      return absl::StrCat("m:", absl::FormatCivilTime(absl::CivilMonth(day)));
    case v1::BOARD_PERIOD_SEASON:
      return absl::StrCat("s:", season_id);
    default:
      return "ever";
  }
}

std::vector<std::string> PeriodNames(absl::Time at) {
  std::vector<std::string> names;
  for (const v1::BoardPeriod period : {v1::BOARD_PERIOD_EVER, v1::BOARD_PERIOD_DAY,
                                       v1::BOARD_PERIOD_WEEK, v1::BOARD_PERIOD_MONTH}) {
    names.push_back(PeriodName(period, at));
  }
  return names;
}

}  // namespace selfology::gamification
