// What a sanitizer said about the mesh's programs, if they were built with one. A program that was
// killed says nothing, so whatever there is to read is a report.
//
//   for (const std::string& report : SanitizerReports(log_folder)) std::puts(report.c_str());
//
// To be asked when the programs have ended: that is when leaks are told. Each report begins with
// its program's name. Threads: may be called from any.
#pragma once

#include <string>
#include <vector>

namespace selfology::chaos {

// Out of the files <program>.log in the folder.
std::vector<std::string> SanitizerReports(const std::string& log_folder);

}  // namespace selfology::chaos
