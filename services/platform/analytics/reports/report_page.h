// A report's numbers as files: a page with charts, CSV, JSON.
//
//   const std::string page = ReportPage(content);     // HTML, asks for nothing from elsewhere
//   const std::string table = ReportCsv(content);
//
// The page follows the reader's light or dark setting; its charts are inline SVG, each followed by a
// table for who cannot see them. CSV: RFC 4180; a text that a spreadsheet would take for a formula
// gets a "'" before it.
//
// Threads: pure functions.
// Sources: RFC 4180; https://owasp.org/www-community/attacks/CSV_Injection.
#pragma once

#include <string>

#include "selfology/analytics/v1/report.pb.h"

namespace selfology::analytics {

std::string ReportPage(const v1::ReportContent& content);
std::string ReportCsv(const v1::ReportContent& content);
std::string ReportJson(const v1::ReportContent& content);

}  // namespace selfology::analytics
