#include "tests/chaos/sanitizer_reports.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace selfology::chaos {
namespace {

constexpr int kMostLines = 80;  // Of one report; the log has all of it.

bool BelongsToReport(std::string_view line) {
  // "ERROR: AddressSanitizer: ...", "SUMMARY: ThreadSanitizer: ...", "a.cc:1: runtime error: ...".
  return line.find("Sanitizer:") != line.npos || line.find(": runtime error: ") != line.npos;
}

void ReadReports(const std::filesystem::path& log, std::vector<std::string>& reports) {
  std::ifstream file(log);
  std::string line;
  int lines = 0;  // Of the report that goes on; 0: none does.
  while (std::getline(file, line)) {
    const bool belongs = BelongsToReport(line);
    if (belongs && lines == 0) reports.push_back(absl::StrCat(log.stem().string(), ": "));
    if (!belongs && lines == 0) continue;
    if (++lines <= kMostLines) absl::StrAppend(&reports.back(), line, "\n");
    if (line.find("SUMMARY: ") != line.npos) lines = 0;
  }
}

}  // namespace

std::vector<std::string> SanitizerReports(const std::string& log_folder) {
  std::vector<std::filesystem::path> logs;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(log_folder, error)) {
    if (entry.path().extension() == ".log") logs.push_back(entry.path());
  }
  std::sort(logs.begin(), logs.end());
  std::vector<std::string> reports;
  // Logs that cannot be read must not pass for clean ones.
  if (error) reports.push_back(absl::StrCat(log_folder, ": ", error.message()));
  for (const std::filesystem::path& log : logs) ReadReports(log, reports);
  return reports;
}

}  // namespace selfology::chaos
