// Pictures of the dialog: a week of tasks as bars, and a badge. PNG, readable on a phone.
//
//   ASSIGN_OR_RETURN(std::string png, DrawWeek({.first = day, .done = {1, 0, 3, 2, 0, 4, 1}}, language));
//
// Errors: of the canvas. Threads: pure functions; the same data give the same bytes.
#pragma once

#include <array>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "services/growth/growth_dialog/texts.h"

namespace selfology::growth_dialog {

struct Week {
  absl::CivilDay first = {};
  std::array<int, 7> done = {};  // Tasks completed on each day.
  int streak_days = 0;           // 0: not known.
  int level = 0;                 // 0: not known.
};
absl::StatusOr<std::string> DrawWeek(const Week& week, Language language);

struct BadgePicture {
  std::string called = {};
  std::string criteria = {};
  std::string day = {};  // "5 May 2026".
};
absl::StatusOr<std::string> DrawBadge(const BadgePicture& badge, Language language);

}  // namespace selfology::growth_dialog
