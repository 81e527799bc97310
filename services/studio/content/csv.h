// Tables as CSV, and what rows of posts say.
//
//   ASSIGN_OR_RETURN(Table table, ReadCsv(text));
//   table[1][0];                                  // second row, first field
//   ASSIGN_OR_RETURN(ImportedRows rows, ReadPosts(text, zone));
//
// Threads: pure functions. Source: RFC 4180, and lines that end with LF alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::content {

using Table = std::vector<std::vector<std::string>>;

// A byte order mark is passed over, empty lines are left out. INVALID_ARGUMENT: a quote that does not
// end, or text behind one; the message names the row.
absl::StatusOr<Table> ReadCsv(std::string_view text);

struct ImportedPost {
  int row = 0;  // From 1, the header not counted.
  std::string title = {};
  std::string text = {};
  std::optional<absl::Time> publish_at = std::nullopt;
  std::vector<int64_t> accounts = {};
  std::vector<std::string> tags = {};
};
struct ImportProblem {
  int row = 0;
  std::string issue = {};
};
struct ImportedRows {
  std::vector<ImportedPost> posts = {};
  std::vector<ImportProblem> problems = {};
};
// By the header's names; see ImportPosts in the contract. INVALID_ARGUMENT: no table, no or a wrong
// header, more than 500 rows.
absl::StatusOr<ImportedRows> ReadPosts(std::string_view csv, const absl::TimeZone& zone);

}  // namespace selfology::content
