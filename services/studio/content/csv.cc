#include "services/studio/content/csv.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/studio/content/post_rules.h"

namespace selfology::content {
namespace {

constexpr size_t kMaxRows = 500;
constexpr std::string_view kColumns[] = {"text", "title", "publish_at", "accounts", "tags"};

std::optional<absl::Time> ReadTime(std::string_view text, const absl::TimeZone& zone) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return time;
  for (const char* format : {"%E4Y-%m-%d %H:%M", "%E4Y-%m-%dT%H:%M", "%E4Y-%m-%d %H:%M:%S"}) {
    if (absl::ParseTime(format, text, zone, &time, &error)) return time;
  }
  return std::nullopt;
}

// Reads one row; false: there is a problem.
bool ReadPost(const std::map<std::string, size_t>& columns, const std::vector<std::string>& fields,
              const absl::TimeZone& zone, ImportedPost& post, std::string& issue) {
  const auto field = [&](const char* name) -> std::string_view {
    const auto at = columns.find(name);
    return at == columns.end() || at->second >= fields.size()
               ? std::string_view()
               : std::string_view(fields[at->second]);
  };
  post.text = field("text");
  post.title = field("title");
  const std::string_view when = absl::StripAsciiWhitespace(field("publish_at"));
  if (!when.empty()) {
    post.publish_at = ReadTime(when, zone);
    if (!post.publish_at.has_value()) {
      issue = "publish_at must be a time such as 2026-11-30 18:00";
      return false;
    }
  }
  for (const absl::string_view word :
       absl::StrSplit(field("accounts"), absl::ByAnyChar(" ;,"), absl::SkipWhitespace())) {
    int64_t account = 0;
    if (!absl::SimpleAtoi(word, &account) || account <= 0) {
      issue = "accounts must be numbers with spaces between";
      return false;
    }
    post.accounts.push_back(account);
  }
  for (const absl::string_view word : absl::StrSplit(field("tags"), ',', absl::SkipWhitespace())) {
    post.tags.emplace_back(absl::StripAsciiWhitespace(word));
  }
  if (post.publish_at.has_value() && post.accounts.empty()) {
    issue = "a post with publish_at needs accounts";
    return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<Table> ReadCsv(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Table table;
  std::vector<std::string> row;
  std::string field;
  bool quoted = false;      // Inside of quotes.
  bool was_quoted = false;  // The field had quotes, which have ended.
  const auto end_field = [&] {
    row.push_back(std::move(field));
    field.clear();
    was_quoted = false;
  };
  const auto end_row = [&] {
    end_field();
    if (row.size() > 1 || !row[0].empty()) table.push_back(std::move(row));
    row.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += '"';
        ++i;
      } else {
        quoted = false;
        was_quoted = true;
      }
    } else if (c == '"' && field.empty() && !was_quoted) {
      quoted = true;
    } else if (c == ',') {
      end_field();
    } else if (c == '\n' || (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')) {
      if (c == '\r') ++i;
      end_row();
    } else if (was_quoted) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", table.size() + 1, ": there is text behind a quote"));
    } else {
      field += c;
    }
  }
  if (quoted) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", table.size() + 1, ": a quote does not end"));
  }
  if (!field.empty() || !row.empty() || was_quoted) end_row();
  return table;
}

absl::StatusOr<ImportedRows> ReadPosts(std::string_view csv, const absl::TimeZone& zone) {
  absl::StatusOr<Table> table = ReadCsv(csv);
  if (!table.ok()) return table.status();
  if (table->empty()) return absl::InvalidArgumentError("must have a header");
  std::map<std::string, size_t> columns;
  for (size_t i = 0; i < table->front().size(); ++i) {
    const std::string name = absl::AsciiStrToLower(absl::StripAsciiWhitespace((*table)[0][i]));
    if (std::find(std::begin(kColumns), std::end(kColumns), name) == std::end(kColumns) ||
        !columns.emplace(name, i).second) {
      return absl::InvalidArgumentError(
          "the header must name text, title, publish_at, accounts and tags, each at most once");
    }
  }
  if (!columns.contains("text")) return absl::InvalidArgumentError("the header must name text");
  if (table->size() - 1 > kMaxRows) {
    return absl::InvalidArgumentError(absl::StrCat("must have at most ", kMaxRows, " rows"));
  }
  ImportedRows rows;
  for (size_t i = 1; i < table->size(); ++i) {
    ImportedPost post{.row = static_cast<int>(i)};
    std::string issue;
    if ((*table)[i].size() > table->front().size()) {
      rows.problems.push_back({post.row, "has more fields than the header"});
    } else if (!ReadPost(columns, (*table)[i], zone, post, issue)) {
      rows.problems.push_back({post.row, issue});
    } else {
      rows.posts.push_back(std::move(post));
    }
  }
  return rows;
}

}  // namespace selfology::content
