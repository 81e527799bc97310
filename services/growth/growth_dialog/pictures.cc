#include "services/growth/growth_dialog/pictures.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/picture/canvas.h"
#include "common/status/status_macros.h"

namespace selfology::growth_dialog {
namespace {

using picture::Align;
using picture::Canvas;
using picture::Color;

constexpr int kWidth = 1080;
constexpr int kHeight = 810;
constexpr double kLeft = 90, kRight = 990, kTop = 220, kBottom = 640;
constexpr Color kGold{0.93, 0.72, 0.18};
constexpr Color kDarkGold{0.70, 0.50, 0.08};

void Box(Canvas& canvas, double left, double top, double right, double bottom, Color fill) {
  canvas.Polygon({{left, top}, {right, top}, {right, bottom}, {left, bottom}}, fill, fill, 1);
}

}  // namespace

absl::StatusOr<std::string> DrawWeek(const Week& week, Language language) {
  ASSIGN_OR_RETURN(Canvas canvas, Canvas::Make(kWidth, kHeight));
  const int total = std::accumulate(week.done.begin(), week.done.end(), 0);
  const int most = std::max(1, *std::max_element(week.done.begin(), week.done.end()));
  canvas.Text(kLeft, 110, 52, In(language, "Your week", "Ваша неделя"), {.bold = true});
  std::string line = absl::StrCat(CountedTasks(total, language), In(language, " done", ""));
  if (language == Language::kRussian)
    line = absl::StrCat("Сделано: ", CountedTasks(total, language));
  if (week.streak_days > 0) {
    absl::StrAppend(&line, In(language, "  ·  streak: ", "  ·  серия: "),
                    CountedDays(week.streak_days, language));
  }
  if (week.level > 0)
    absl::StrAppend(&line, In(language, "  ·  level ", "  ·  уровень "), week.level);
  canvas.Text(kLeft, 170, 32, line, {.color = picture::kFaintInk});
  canvas.Line({{kLeft, kBottom}, {kRight, kBottom}}, picture::kGrid, 3);
  const double step = (kRight - kLeft) / 7;
  const auto best = std::max_element(week.done.begin(), week.done.end()) - week.done.begin();
  for (int i = 0; i < 7; ++i) {
    const double middle = kLeft + step * (i + 0.5);
    const double height = (kBottom - kTop) * week.done[i] / most;
    if (week.done[i] > 0) {
      Box(canvas, middle - step * 0.3, kBottom - height, middle + step * 0.3, kBottom,
          i == best ? picture::kSecond : picture::kMain);
      canvas.Text(middle, kBottom - height - 16, 34, absl::StrCat(week.done[i]),
                  {.align = Align::kCenter, .bold = true});
    }
    const absl::CivilDay day = week.first + i;
    static constexpr std::string_view kEnglish[] = {"Mon", "Tue", "Wed", "Thu",
                                                    "Fri", "Sat", "Sun"};
    static constexpr std::string_view kRussian[] = {"пн", "вт", "ср", "чт", "пт", "сб", "вс"};
    const auto weekday = static_cast<size_t>(absl::GetWeekday(day));
    canvas.Text(middle, kBottom + 50, 32, In(language, kEnglish[weekday], kRussian[weekday]),
                {.align = Align::kCenter});
    canvas.Text(middle, kBottom + 92, 26, absl::StrCat(day.day()),
                {.align = Align::kCenter, .color = picture::kFaintInk});
  }
  return canvas.Png();
}

absl::StatusOr<std::string> DrawBadge(const BadgePicture& badge, Language language) {
  ASSIGN_OR_RETURN(Canvas canvas, Canvas::Make(kWidth, kWidth));
  const Canvas::Point centre = {kWidth / 2.0, 400};
  // A star within a medal.
  canvas.Disc(centre, 270, kDarkGold);
  canvas.Disc(centre, 250, kGold);
  std::vector<Canvas::Point> star;
  for (int i = 0; i < 10; ++i) {
    const double angle = -std::numbers::pi / 2 + i * std::numbers::pi / 5;
    const double radius = i % 2 == 0 ? 185 : 78;
    star.push_back({centre.x + radius * std::cos(angle), centre.y + radius * std::sin(angle)});
  }
  canvas.Polygon(star, picture::kPaper, kDarkGold, 6);
  double y = 780;
  for (const std::string& line : canvas.Wrap(badge.called, 60, 900, 2, true)) {
    canvas.Text(centre.x, y, 60, line, {.align = Align::kCenter, .bold = true});
    y += 72;
  }
  for (const std::string& line : canvas.Wrap(badge.criteria, 34, 900, 2)) {
    canvas.Text(centre.x, y, 34, line, {.align = Align::kCenter, .color = picture::kFaintInk});
    y += 44;
  }
  if (!badge.day.empty()) {
    canvas.Text(centre.x, kWidth - 40, 28,
                absl::StrCat(In(language, "earned ", "получен "), badge.day),
                {.align = Align::kCenter, .color = picture::kFaintInk});
  }
  return canvas.Png();
}

}  // namespace selfology::growth_dialog
