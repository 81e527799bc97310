#include "services/platform/analytics/reports/report_content.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "common/timestamps/local_time.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/analytics/reports/report_rules.h"
#include "services/platform/analytics/series.h"
#include "services/platform/analytics/series_store.h"

namespace selfology::analytics {
namespace {

using postgres::Transaction;

constexpr int64_t kDashboardSections = 8;

// Of the whole days before that time; what happened only since is none of them.
absl::StatusOr<std::vector<v1::ReportSection>> DashboardSections(Transaction& tx, int64_t user_id,
                                                                 absl::Time due_at,
                                                                 absl::TimeZone zone, int days) {
  const absl::CivilDay today = absl::ToCivilDay(due_at, zone);
  // Days are counted in UTC.
  const auto day = [](absl::Time time) { return absl::ToCivilDay(time, absl::UTCTimeZone()); };
  ASSIGN_OR_RETURN(const std::vector<std::string> metrics,
                   store::BusiestMetrics(tx, user_id, day(absl::FromCivil(today - days, zone)),
                                         day(absl::FromCivil(today, zone) - absl::Microseconds(1)),
                                         kDashboardSections));
  std::vector<v1::ReportSection> sections;
  for (const std::string& metric : metrics) {
    v1::ReportSection& section = sections.emplace_back();
    section.set_title(TitleOf(metric));
    section.set_metric(metric);
    section.set_step(v1::STEP_DAY);
    section.set_steps(days);
  }
  return sections;
}

}  // namespace

absl::StatusOr<v1::ReportContent> ReadContent(Transaction& tx, const v1::Report& report,
                                              absl::Time due_at, int days) {
  v1::ReportContent content;
  content.set_title(report.title());
  content.set_time_zone(report.time_zone());
  *content.mutable_due_at() = timestamps::ToProto(due_at);
  const int64_t user_id = report.everybody() ? 0 : report.user_id();
  std::vector<v1::ReportSection> sections(report.sections().begin(), report.sections().end());
  if (sections.empty()) {
    ASSIGN_OR_RETURN(sections, DashboardSections(tx, user_id, due_at,
                                                 timestamps::ZoneOf(report.time_zone()), days));
  }
  for (const v1::ReportSection& section : sections) {
    v1::ReportSectionContent& one = *content.add_sections();
    *one.mutable_section() = section;
    const v1::SeriesQuery query = QueryOf(section, report.time_zone(), due_at);
    ASSIGN_OR_RETURN(const Steps steps, ReadQuery(query));
    ASSIGN_OR_RETURN(const std::vector<store::Number> numbers,
                     store::ReadSeries(tx, query, {steps.begins.front(), steps.to}, user_id));
    for (v1::Series& series : MakeSeries(numbers, steps)) {
      if (one.series_size() < kMostLines) *one.add_series() = std::move(series);
    }
  }
  return content;
}

v1::Report DashboardOf(int64_t user_id, const std::string& time_zone) {
  v1::Report report;
  report.set_title("Dashboard");
  report.set_user_id(user_id);
  report.set_everybody(user_id == 0);
  report.set_time_zone(time_zone);
  return report;
}

}  // namespace selfology::analytics
