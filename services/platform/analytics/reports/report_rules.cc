#include "services/platform/analytics/reports/report_rules.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/text/text.h"
#include "common/timestamps/local_time.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/analytics/facts.h"
#include "services/platform/analytics/steps.h"

namespace selfology::analytics {
namespace {

constexpr int kUsualSteps = 30;
constexpr int kMostSteps = 400;
constexpr int kMostSections = 12;
constexpr int kTitleLength = 100;
constexpr int kSummarySections = 4;
constexpr std::string_view kWord = "must be 1 to 64 characters of a-z, 0-9, \"_\", \"-\" and \".\"";

int StepsOf(const v1::ReportSection& section) {
  return section.steps() == 0 ? kUsualSteps : section.steps();
}

bool IsTitle(const std::string& title) {
  return !text::Trim(title).empty() && text::Characters(title) <= kTitleLength;
}

void CheckSection(const v1::ReportSection& section, bool everybody, const std::string& field,
                  status::FieldViolations& bad) {
  if (!IsTitle(section.title())) bad.Add(field + ".title", "must be 1 to 100 characters");
  if (!IsWord(section.metric())) bad.Add(field + ".metric", kWord);
  const bool has_number =
      section.measure() == v1::MEASURE_SUM || section.measure() == v1::MEASURE_AVERAGE;
  if (!v1::Measure_IsValid(section.measure())) {
    bad.Add(field + ".measure", "must be one that the contract names");
  } else if (section.measure() == v1::MEASURE_PEOPLE && !everybody) {
    bad.Add(field + ".measure", "must not be people in a report about one person");
  }
  if (has_number ? !IsWord(section.number()) : !section.number().empty()) {
    bad.Add(field + ".number", "must be a number's name for sums and averages, else empty");
  }
  if (!section.split_by().empty() && !IsWord(section.split_by())) {
    bad.Add(field + ".split_by", kWord);
  }
  if (!v1::Step_IsValid(section.step())) {
    bad.Add(field + ".step", "must be one that the contract names");
  }
  if (section.steps() < 0 || section.steps() > kMostSteps) {
    bad.Add(field + ".steps", "must be 1 to 400, or 0");
  }
}

void CheckSchedule(const v1::ReportSchedule& schedule, status::FieldViolations& bad) {
  const v1::Recurrence recurrence = schedule.recurrence();
  if (!v1::Recurrence_IsValid(recurrence) || recurrence == v1::RECURRENCE_UNSPECIFIED) {
    bad.Add("report.schedule.recurrence", "must be daily, weekly or monthly");
  }
  if (schedule.minute_of_day() < 0 || schedule.minute_of_day() >= timestamps::kMinutesOfDay) {
    bad.Add("report.schedule.minute_of_day", "must be 0 to 1,439");
  }
  if (recurrence == v1::RECURRENCE_WEEKLY ? schedule.weekday() < 1 || schedule.weekday() > 7
                                          : schedule.weekday() != 0) {
    bad.Add("report.schedule.weekday", "must be 1 to 7 for weekly, else 0");
  }
  if (recurrence == v1::RECURRENCE_MONTHLY
          ? schedule.day_of_month() < 1 || schedule.day_of_month() > 31
          : schedule.day_of_month() != 0) {
    bad.Add("report.schedule.day_of_month", "must be 1 to 31 for monthly, else 0");
  }
}

}  // namespace

void CheckReport(const v1::Report& report, status::FieldViolations& bad) {
  if (!IsTitle(report.title())) bad.Add("report.title", "must be 1 to 100 characters");
  if (report.sections_size() > kMostSections) {
    bad.Add("report.sections", "must be at most 12");
  }
  int64_t points = 0;
  for (int i = 0; i < report.sections_size() && i < kMostSections; ++i) {
    const v1::ReportSection& section = report.sections(i);
    CheckSection(section, report.everybody(), absl::StrCat("report.sections[", i, "]"), bad);
    points += int64_t{StepsOf(section)} * (section.split_by().empty() ? 1 : kMostLines);
  }
  if (points > kMostPoints) {
    bad.Add("report.sections",
            "must have at most 4,000 steps together; those of a section with "
            "split_by count 8 times");
  }
  if (!ReadZone(report.time_zone()).ok()) {
    bad.Add("report.time_zone", "must be a time zone such as Europe/Berlin, or empty");
  }
  if (report.has_schedule()) CheckSchedule(report.schedule(), bad);
}

v1::SeriesQuery QueryOf(const v1::ReportSection& section, const std::string& time_zone,
                        absl::Time due_at) {
  const absl::TimeZone zone = timestamps::ZoneOf(time_zone);
  const absl::Time to = StepBegin(due_at, section.step(), zone);
  absl::Time from = to;
  for (int i = 0; i < StepsOf(section); ++i) {
    from = StepBegin(from - absl::Microseconds(1), section.step(), zone);
  }
  v1::SeriesQuery query;
  query.set_metric(section.metric());
  query.set_measure(section.measure());
  query.set_number(section.number());
  query.set_split_by(section.split_by());
  query.set_step(section.step());
  query.set_time_zone(time_zone);
  *query.mutable_from() = timestamps::ToProto(from);
  *query.mutable_to() = timestamps::ToProto(to);
  return query;
}

std::string TitleOf(std::string_view metric) {
  if (absl::StartsWith(metric, "track.")) metric.remove_prefix(6);
  std::string title = absl::StrReplaceAll(metric, {{".", " "}, {"_", " "}, {"-", " "}});
  if (!title.empty()) title[0] = absl::ascii_toupper(static_cast<unsigned char>(title[0]));
  return title;
}

std::string SummaryOf(const v1::ReportContent& content) {
  if (content.sections().empty()) return "Nothing happened in this time.";
  std::string summary;
  for (int i = 0; i < content.sections_size() && i < kSummarySections; ++i) {
    const v1::ReportSectionContent& section = content.sections(i);
    const bool has_lines = !section.section().split_by().empty();
    absl::StrAppend(&summary, i == 0 ? "" : "; ", section.section().title(), ": ");
    if (section.series().empty()) {
      absl::StrAppend(&summary, "0");
    } else {
      absl::StrAppend(&summary, has_lines ? section.series(0).dimension() : "",
                      has_lines ? " " : "", FormatNumber(section.series(0).total()));
    }
  }
  if (content.sections_size() > kSummarySections) absl::StrAppend(&summary, "; …");
  return summary;
}

std::string FormatNumber(double number) {
  if (std::abs(number) < 1e15 && number == std::floor(number)) {
    return absl::StrCat(static_cast<int64_t>(number));
  }
  return absl::StrFormat("%.4g", number);
}

}  // namespace selfology::analytics
