#include "services/platform/analytics/reports/report_page.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/text/html.h"
#include "common/timestamps/local_time.h"
#include "common/timestamps/timestamp.h"
#include "google/protobuf/util/json_util.h"
#include "services/platform/analytics/reports/report_rules.h"

namespace selfology::analytics {
namespace {

// Of the chart, in units of its viewBox.
constexpr double kWidth = 720;
constexpr double kHeight = 240;
constexpr double kLeft = 64;
constexpr double kRight = 12;
constexpr double kTop = 12;
constexpr double kBottom = 28;
constexpr int kMostLabels = 5;
constexpr int kMostDots = 62;

// The head is longer than what the file service looks at for the type, so that a page is not taken
// for its first chart. Colours: eight that people with a colour deficiency tell apart.
// Source: https://jfly.uni-koeln.de/color/.
constexpr std::string_view kStyle = R"(<style>
:root { color-scheme: light dark; --back: #ffffff; --text: #1b1b1f; --soft: #5c5f66;
  --line: #d9dbe0; --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #cc79a7; --c4: #b38600;
  --c5: #3a86c8; --c6: #6a3d9a; --c7: #4d4d4d; }
@media (prefers-color-scheme: dark) { :root { --back: #16171b; --text: #ececf1; --soft: #a3a6ae;
  --line: #3a3c43; --c0: #56b4e9; --c1: #ff8f45; --c2: #2fcf9f; --c3: #e6a6c9; --c4: #f0e442;
  --c5: #8ec7f2; --c6: #b794e6; --c7: #c9c9c9; } }
body { background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif;
  max-width: 760px; margin: 0 auto; padding: 24px 16px; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 32px 0 8px; }
p { color: var(--soft); margin: 4px 0; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--line); stroke-width: 1; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.area { opacity: 0.12; stroke: none; }
.total { font-size: 1.5rem; color: var(--text); margin: 0; } .total small { color: var(--soft); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: 4px 8px; text-align: left; }
td.number, th.number { text-align: right; } details { margin-top: 8px; }
.key { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 8px; }
@media print { details { display: none; } }
</style>
)";

std::string StepLabel(const v1::ReportContent& content, v1::Step step, absl::Time at) {
  const absl::TimeZone zone = timestamps::ZoneOf(content.time_zone());
  return absl::FormatTime(step == v1::STEP_HOUR    ? "%Y-%m-%d %H:%M"
                          : step == v1::STEP_MONTH ? "%Y-%m"
                                                   : "%Y-%m-%d",
                          at, zone);
}

// For people; machines read the metric's name.
std::string LineName(const v1::ReportSection& section, const v1::Series& series) {
  if (section.split_by().empty()) return section.title();
  return series.dimension().empty() ? "(none)" : series.dimension();
}

std::string_view TotalWord(v1::Measure measure) {
  switch (measure) {
    case v1::MEASURE_PEOPLE:
      return "different people";
    case v1::MEASURE_AVERAGE:
      return "on average";
    default:
      return "in all";
  }
}

// 1, 2 or 5 times a power of ten, at least the number.
double RoundUp(double number) {
  if (!(number > 0)) return 1;
  const double power = std::pow(10, std::floor(std::log10(number)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= number) return factor * power;
  }
  return 10 * power;
}

struct Scale {
  double low = 0;
  double high = 1;
  double Y(double value) const {
    return kTop + (kHeight - kTop - kBottom) * (high - value) / (high - low);
  }
};

Scale ScaleOf(const v1::ReportSectionContent& section) {
  double low = 0;
  double high = 0;
  for (const v1::Series& series : section.series()) {
    for (const v1::Point& point : series.points()) {
      low = std::min(low, point.value());
      high = std::max(high, point.value());
    }
  }
  return {.low = low < 0 ? -RoundUp(-low) : 0, .high = high > 0 || low == 0 ? RoundUp(high) : 0};
}

std::string Chart(const v1::ReportContent& content, const v1::ReportSectionContent& section) {
  const Scale scale = ScaleOf(section);
  const int points = section.series(0).points_size();
  const auto x = [points](int i) {
    return kLeft + (kWidth - kLeft - kRight) * (points < 2 ? 0.5 : i / (points - 1.0));
  };
  std::string svg = absl::StrFormat("<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"%s\">\n",
                                    kWidth, kHeight, text::EscapeHtml(section.section().title()));
  for (int i = 0; i <= 2; ++i) {
    const double value = scale.low + (scale.high - scale.low) * i / 2;
    absl::StrAppendFormat(&svg,
                          "<line class=\"grid\" x1=\"%g\" x2=\"%g\" y1=\"%.1f\" y2=\"%.1f\"/>"
                          "<text x=\"%g\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                          kLeft, kWidth - kRight, scale.Y(value), scale.Y(value), kLeft - 8,
                          scale.Y(value) + 4, FormatNumber(value));
  }
  const auto step = [&](int i) {
    return StepLabel(content, section.section().step(),
                     timestamps::FromProto(section.series(0).points(i).at()));
  };
  for (int s = 0; s < section.series_size(); ++s) {
    const v1::Series& series = section.series(s);
    const int colour = s % kMostLines;
    std::string line;
    for (int i = 0; i < series.points_size(); ++i) {
      absl::StrAppendFormat(&line, "%s%.1f,%.1f", i == 0 ? "" : " ", x(i),
                            scale.Y(series.points(i).value()));
    }
    if (section.series_size() == 1 && points > 1) {
      absl::StrAppendFormat(&svg,
                            "<polygon class=\"area\" fill=\"var(--c%d)\" points=\"%.1f,%.1f %s"
                            " %.1f,%.1f\"/>\n",
                            colour, x(0), scale.Y(0), line, x(points - 1), scale.Y(0));
    }
    if (points > 1) {
      absl::StrAppendFormat(
          &svg, "<polyline class=\"line\" stroke=\"var(--c%d)\" points=\"%s\"/>\n", colour, line);
    }
    // Pointed at, a dot says what it stands for.
    for (int i = 0; points <= kMostDots && i < series.points_size(); ++i) {
      absl::StrAppendFormat(
          &svg,
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%g\" fill=\"var(--c%d)\"><title>%s, %s: %s</title>"
          "</circle>\n",
          x(i), scale.Y(series.points(i).value()), points == 1 ? 4 : 2.5, colour,
          text::EscapeHtml(LineName(section.section(), series)), step(i),
          FormatNumber(series.points(i).value()));
    }
  }
  const int labels = std::min(points, kMostLabels);
  for (int n = 0; n < labels; ++n) {
    const int i = labels == 1 ? 0 : n * (points - 1) / (labels - 1);
    absl::StrAppendFormat(&svg, "<text x=\"%.1f\" y=\"%g\" text-anchor=\"%s\">%s</text>\n", x(i),
                          kHeight - 8,
                          labels == 1       ? "middle"
                          : n == 0          ? "start"
                          : n == labels - 1 ? "end"
                                            : "middle",
                          step(i));
  }
  return svg + "</svg>\n";
}

void AddTables(const v1::ReportContent& content, const v1::ReportSectionContent& section,
               std::string& page) {
  const bool is_split = !section.section().split_by().empty();
  if (!is_split) {
    absl::StrAppend(&page, "<p class=\"total\">", FormatNumber(section.series(0).total()),
                    " <small>", TotalWord(section.section().measure()), "</small></p>\n");
  } else {
    absl::StrAppend(&page, "<table><tr><th>", text::EscapeHtml(section.section().split_by()),
                    "</th><th class=\"number\">", TotalWord(section.section().measure()),
                    "</th></tr>\n");
  }
  for (int s = 0; is_split && s < section.series_size(); ++s) {
    absl::StrAppend(
        &page, "<tr><td><span class=\"key\" style=\"background: var(--c", s % kMostLines,
        ")\"></span>", text::EscapeHtml(LineName(section.section(), section.series(s))),
        "</td><td class=\"number\">", FormatNumber(section.series(s).total()), "</td></tr>\n");
  }
  if (is_split) absl::StrAppend(&page, "</table>\n");
  absl::StrAppend(&page, "<details><summary>All numbers</summary><table>\n<tr><th></th>");
  for (const v1::Series& series : section.series()) {
    absl::StrAppend(&page, "<th class=\"number\">",
                    text::EscapeHtml(LineName(section.section(), series)), "</th>");
  }
  absl::StrAppend(&page, "</tr>\n");
  for (int i = 0; i < section.series(0).points_size(); ++i) {
    absl::StrAppend(&page, "<tr><td>",
                    StepLabel(content, section.section().step(),
                              timestamps::FromProto(section.series(0).points(i).at())),
                    "</td>");
    for (const v1::Series& series : section.series()) {
      absl::StrAppend(&page, "<td class=\"number\">",
                      i < series.points_size() ? FormatNumber(series.points(i).value()) : "",
                      "</td>");
    }
    absl::StrAppend(&page, "</tr>\n");
  }
  absl::StrAppend(&page, "</table></details>\n");
}

// A text as a cell.
std::string Cell(std::string_view text) {
  const bool is_formula = !text.empty() && absl::StrContains("=+-@\t\r", text.substr(0, 1));
  const std::string safe = absl::StrCat(is_formula ? "'" : "", text);
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  return absl::StrCat("\"", absl::StrReplaceAll(safe, {{"\"", "\"\""}}), "\"");
}

}  // namespace

std::string ReportPage(const v1::ReportContent& content) {
  const std::string title = text::EscapeHtml(content.title());
  const std::string zone = content.time_zone().empty() ? "UTC" : content.time_zone();
  std::string page = absl::StrCat(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n",
      "<meta http-equiv=\"Content-Security-Policy\"",
      " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n", kStyle,
      "<title>", title, "</title></head>\n<body><h1>", title, "</h1>\n<p>Up to ",
      absl::FormatTime("%Y-%m-%d %H:%M", timestamps::FromProto(content.due_at()),
                       timestamps::ZoneOf(content.time_zone())),
      ", ", text::EscapeHtml(zone), "</p>\n");
  for (const v1::ReportSectionContent& section : content.sections()) {
    absl::StrAppend(&page, "<section><h2>", text::EscapeHtml(section.section().title()), "</h2>\n");
    if (section.series().empty() || section.series(0).points().empty()) {
      absl::StrAppend(&page, "<p>Nothing happened in this time.</p>\n");
    } else {
      absl::StrAppend(&page, Chart(content, section));
      AddTables(content, section, page);
    }
    absl::StrAppend(&page, "</section>\n");
  }
  if (content.sections().empty()) {
    absl::StrAppend(&page, "<p>", SummaryOf(content), "</p>\n");
  }
  return page + "</body></html>\n";
}

std::string ReportCsv(const v1::ReportContent& content) {
  std::string csv = "section,series,step,value\r\n";
  for (const v1::ReportSectionContent& section : content.sections()) {
    for (const v1::Series& series : section.series()) {
      const std::string begin = absl::StrCat(
          Cell(section.section().title()), ",",
          Cell(section.section().split_by().empty() ? section.section().metric()
                                                    : LineName(section.section(), series)),
          ",");
      for (const v1::Point& point : series.points()) {
        absl::StrAppend(
            &csv, begin,
            StepLabel(content, section.section().step(), timestamps::FromProto(point.at())), ",",
            absl::StrFormat("%.15g", point.value()), "\r\n");
      }
    }
  }
  return csv;
}

std::string ReportJson(const v1::ReportContent& content) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(content, &json, options).ok()) return "{}";
  return json;
}

}  // namespace selfology::analytics
