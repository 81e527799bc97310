// What a report may ask for, and what its sections ask of the numbers.
//
//   CheckReport(report, bad);
//   const v1::SeriesQuery query = QueryOf(report.sections(0), report.time_zone(), due_at);
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/status/status.h"
#include "selfology/analytics/v1/report.pb.h"

namespace selfology::analytics {

inline constexpr int kMostLines = 8;
// Of all sections: steps by lines. So many fit into a file of 3 MB in any script.
inline constexpr int kMostPoints = 4000;

// Names what is wrong with it in `bad`.
void CheckReport(const v1::Report& report, status::FieldViolations& bad);

// The whole steps of the section that end before `due_at`.
v1::SeriesQuery QueryOf(const v1::ReportSection& section, const std::string& time_zone,
                        absl::Time due_at);

// What people call a metric: "Session completed" for "session.completed", "Read" for "track.read".
std::string TitleOf(std::string_view metric);

// Its sections' totals in a few words: "Sessions: 34; Answers: 120".
std::string SummaryOf(const v1::ReportContent& content);

// "34", "0.25": whole numbers have all their digits, others four.
std::string FormatNumber(double number);

}  // namespace selfology::analytics
