// Charts for people: PNG, 1080 pixels wide, light, readable on a phone.
//
//   ASSIGN_OR_RETURN(std::string png, picture::DrawRadar({
//       .title = "Your profile",
//       .axes = {{.label = "Openness", .value = 0.8, .spread = 0.1}, {.label = "Warmth"}, ...}}));
//
// Pure: the same data give the same bytes. Labels are drawn as they are, in any script that DejaVu Sans has. Thread-safe.
// Errors: INVALID_ARGUMENT that names the field and the rule.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace selfology::picture {

struct RadarAxis {
  std::string label = {};
  // 0 (the centre) to 1 (the rim). Absent: not known yet; drawn as a gap.
  std::optional<double> value = std::nullopt;
  // How far the value may be off, 0 to 1; drawn as a bar along the axis.
  double spread = 0;
  // Under the label, such as "fairly sure". May be empty.
  std::string note = {};
};

struct Radar {
  std::string title = {};
  std::vector<RadarAxis> axes = {};  // 3 to 12.
  std::string footer = {};           // Small, below; wrapped to three lines.
};
absl::StatusOr<std::string> DrawRadar(const Radar& radar);

struct TrendPoint {
  absl::CivilDay day = {};
  double value = 0;  // 0 to 1.
};

struct TrendLine {
  std::string label = {};
  std::vector<TrendPoint> points = {};  // By day, at least one.
};

struct Trend {
  std::string title = {};
  absl::CivilDay first = {};  // The days of both ends, first < last.
  absl::CivilDay last = {};
  std::vector<TrendLine> lines = {};  // 1 to 6.
  std::vector<std::string> levels =
      {};  // From the lowest to the highest, evenly spaced: "low", "high".
  std::string footer = {};
};
absl::StatusOr<std::string> DrawTrend(const Trend& trend);

}  // namespace selfology::picture
