#include "common/picture/charts.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/picture/canvas.h"
#include "common/status/status_macros.h"

namespace selfology::picture {
namespace {

using Point = Canvas::Point;

constexpr int kWidth = 1080;
constexpr int kTitleSize = 46;
constexpr int kLabelSize = 32;
constexpr int kNoteSize = 26;
constexpr double kSmallestSize = 20;
constexpr int kMargin = 60;

bool IsPart(double value) { return value >= 0 && value <= 1; }

absl::Status Check(const Radar& radar) {
  if (radar.axes.size() < 3 || radar.axes.size() > 12) {
    return absl::InvalidArgumentError("axes: 3 to 12");
  }
  for (const RadarAxis& axis : radar.axes) {
    if (!IsPart(axis.value.value_or(0))) {
      return absl::InvalidArgumentError("axes.value: 0 to 1");
    }
    if (!IsPart(axis.spread)) return absl::InvalidArgumentError("axes.spread: 0 to 1");
  }
  return absl::OkStatus();
}

absl::Status Check(const Trend& trend) {
  if (trend.first >= trend.last) return absl::InvalidArgumentError("last: after first");
  if (trend.lines.empty() || trend.lines.size() > 6) {
    return absl::InvalidArgumentError("lines: 1 to 6");
  }
  for (const TrendLine& line : trend.lines) {
    if (line.points.empty()) return absl::InvalidArgumentError("lines.points: at least one");
    for (const TrendPoint& point : line.points) {
      if (!IsPart(point.value)) return absl::InvalidArgumentError("lines.points.value: 0 to 1");
      if (point.day < trend.first || point.day > trend.last) {
        return absl::InvalidArgumentError("lines.points.day: from first to last");
      }
    }
  }
  return absl::OkStatus();
}

void DrawTitle(Canvas& canvas, std::string_view title) {
  canvas.Text(canvas.width() / 2.0, kMargin + kTitleSize, kTitleSize, title,
              {.align = Align::kCenter, .bold = true});
}

void DrawFooter(Canvas& canvas, std::string_view footer) {
  const std::vector<std::string> lines =
      canvas.Wrap(footer, kNoteSize, canvas.width() - 2 * kMargin, 3);
  double y = canvas.height() - 40 - (static_cast<double>(lines.size()) - 1) * kNoteSize * 1.35;
  for (const std::string& line : lines) {
    canvas.Text(canvas.width() / 2.0, y, kNoteSize, line,
                {.align = Align::kCenter, .color = kFaintInk});
    y += kNoteSize * 1.35;
  }
}

// Where the axes of a radar lie: the first points up, the others follow clockwise.
struct Wheel {
  Point center;
  double radius = 0;
  size_t axes = 0;

  Point At(size_t axis, double value) const {
    const double angle =
        2 * std::numbers::pi * static_cast<double>(axis) / static_cast<double>(axes);
    return {center.x + radius * value * std::sin(angle),
            center.y - radius * value * std::cos(angle)};
  }
};

void DrawGrid(Canvas& canvas, const Wheel& wheel) {
  for (const double ring : {0.25, 0.5, 0.75, 1.0}) {
    std::vector<Point> corners;
    for (size_t axis = 0; axis < wheel.axes; ++axis) corners.push_back(wheel.At(axis, ring));
    canvas.Polygon(corners, {1, 1, 1, 0}, kGrid, ring == 0.5 ? 4 : 2);
  }
  for (size_t axis = 0; axis < wheel.axes; ++axis) {
    canvas.Line({wheel.center, wheel.At(axis, 1)}, kGrid, 2);
  }
}

void DrawLabel(Canvas& canvas, const Wheel& wheel, size_t index, const RadarAxis& axis) {
  const Point rim = wheel.At(index, 1.0);
  const Point place = wheel.At(index, 1.08);
  Align align = Align::kCenter;
  if (place.x > wheel.center.x + 1) align = Align::kLeft;
  if (place.x < wheel.center.x - 1) align = Align::kRight;
  double room = canvas.width() - 2.0 * 20;
  if (align == Align::kLeft) room = canvas.width() - 20 - place.x;
  if (align == Align::kRight) room = place.x - 20;
  // Smaller letters for a word that has no room.
  const bool is_bold = axis.value.has_value();
  double size = kLabelSize;
  std::vector<std::string> lines = canvas.Wrap(axis.label, size, room, 2, is_bold);
  const auto widest = [&] {
    double width = 0;
    for (const std::string& line : lines) {
      width = std::max(width, canvas.TextWidth(size, line, is_bold));
    }
    return width;
  };
  while (widest() > room && size > kSmallestSize) {
    size -= 1;
    lines = canvas.Wrap(axis.label, size, room, 2, is_bold);
  }
  const double rows =
      static_cast<double>(lines.size()) * size * 1.2 + (axis.note.empty() ? 0 : kNoteSize * 1.3);
  // Beside the rim the text is centred on it, above and below it ends and begins there.
  const double share = (rim.y - wheel.center.y) / wheel.radius;  // -1 above, 1 below.
  double y = place.y + size * 0.8 - rows * (1 - share) / 2;
  for (const std::string& line : lines) {
    canvas.Text(place.x, y, size, line,
                {.align = align, .color = axis.value ? kInk : kFaintInk, .bold = is_bold});
    y += size * 1.2;
  }
  canvas.Text(place.x, y, kNoteSize, axis.note, {.align = align, .color = kFaintInk});
}

}  // namespace

absl::StatusOr<std::string> DrawRadar(const Radar& radar) {
  RETURN_IF_ERROR(Check(radar));
  ASSIGN_OR_RETURN(Canvas canvas, Canvas::Make(kWidth, kWidth + 100));
  DrawTitle(canvas, radar.title);
  const Wheel wheel{{kWidth / 2.0, 610}, 285, radar.axes.size()};
  DrawGrid(canvas, wheel);

  // The shape joins what is known; what is not leaves no corner.
  std::vector<Point> known;
  for (size_t i = 0; i < radar.axes.size(); ++i) {
    if (radar.axes[i].value) known.push_back(wheel.At(i, *radar.axes[i].value));
  }
  Color fill = kMain;
  fill.alpha = 0.18;
  if (known.size() >= 3) canvas.Polygon(known, fill, kMain, 5);
  if (known.size() == 2) canvas.Line(known, kMain, 5);
  for (size_t i = 0; i < radar.axes.size(); ++i) {
    const RadarAxis& axis = radar.axes[i];
    DrawLabel(canvas, wheel, i, axis);
    if (!axis.value) continue;
    if (axis.spread > 0) {
      Color bar = kMain;
      bar.alpha = 0.45;
      canvas.Line({wheel.At(i, std::max(0.0, *axis.value - axis.spread)),
                   wheel.At(i, std::min(1.0, *axis.value + axis.spread))},
                  bar, 10);
    }
    canvas.Disc(wheel.At(i, *axis.value), 11, kMain);
  }
  DrawFooter(canvas, radar.footer);
  return canvas.Png();
}

absl::StatusOr<std::string> DrawTrend(const Trend& trend) {
  RETURN_IF_ERROR(Check(trend));
  constexpr Color kColors[] = {kMain,
                               kSecond,
                               {0.15, 0.55, 0.40},
                               {0.60, 0.25, 0.60},
                               {0.35, 0.35, 0.35},
                               {0.75, 0.20, 0.25}};
  constexpr double kLegendRow = 46;
  const bool has_legend = trend.lines.size() > 1;
  const double legend = has_legend ? kLegendRow * static_cast<double>(trend.lines.size()) : 0;
  ASSIGN_OR_RETURN(Canvas canvas, Canvas::Make(kWidth, 760 + static_cast<int>(legend)));
  DrawTitle(canvas, trend.title);

  double left = kMargin;
  for (const std::string& level : trend.levels) {
    left = std::max(left, kMargin + 20 + canvas.TextWidth(kNoteSize, level));
  }
  const double right = kWidth - kMargin;
  constexpr double kTop = 170;
  constexpr double kBottom = 570;
  const double days = static_cast<double>(trend.last - trend.first);
  const auto at = [&](const TrendPoint& point) {
    return Point{left + (right - left) * static_cast<double>(point.day - trend.first) / days,
                 kBottom - (kBottom - kTop) * point.value};
  };

  const size_t rows = std::max<size_t>(2, trend.levels.size());
  for (size_t i = 0; i < rows; ++i) {
    const double y =
        kBottom - (kBottom - kTop) * static_cast<double>(i) / static_cast<double>(rows - 1);
    canvas.Line({{left, y}, {right, y}}, kGrid, 2);
    if (i < trend.levels.size()) {
      canvas.Text(left - 20, y + kNoteSize * 0.35, kNoteSize, trend.levels[i],
                  {.align = Align::kRight, .color = kFaintInk});
    }
  }
  const auto label = [](absl::CivilDay day) {
    return absl::StrFormat("%d.%02d.", day.day(), day.month());
  };
  canvas.Text(left, kBottom + 50, kNoteSize, label(trend.first), {.color = kFaintInk});
  canvas.Text(right, kBottom + 50, kNoteSize, label(trend.last),
              {.align = Align::kRight, .color = kFaintInk});

  for (size_t i = 0; i < trend.lines.size(); ++i) {
    std::vector<Point> points;
    for (const TrendPoint& point : trend.lines[i].points) points.push_back(at(point));
    canvas.Line(points, kColors[i], 6);
    for (const Point& point : points) canvas.Disc(point, 9, kColors[i]);
    if (!has_legend) continue;
    const double y = kBottom + 110 + kLegendRow * static_cast<double>(i);
    canvas.Disc({left + 10, y - 10}, 10, kColors[i]);
    canvas.Text(left + 36, y, kNoteSize, trend.lines[i].label, {});
  }
  DrawFooter(canvas, trend.footer);
  return canvas.Png();
}

}  // namespace selfology::picture
