#include "services/growth/task/sync/issues.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/json/value.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/task/tasks/letters.h"
#include "services/growth/task/tasks/task_rules.h"

namespace selfology::task {
namespace {

using Json = nlohmann::json;

constexpr int kMaxIssueTitle = 256;
constexpr std::string_view kMarkBegin = "<!-- selfology:";
constexpr std::string_view kMarkEnd = " -->";

absl::Status Wrong(std::string_view field) {
  return absl::InvalidArgumentError(absl::StrCat("an issue's ", field, " is not as documented"));
}

// The first characters, without splitting one.
std::string_view First(std::string_view utf8, int characters) {
  std::string_view rest = utf8;
  while (characters-- > 0 && !rest.empty()) text::TakeCharacter(rest);
  return utf8.substr(0, utf8.size() - rest.size());
}

absl::StatusOr<std::string> Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::string();
  if (!found->is_string()) return Wrong(name);
  return found->get<std::string>();
}

absl::StatusOr<absl::Time> Time(const Json& object, const char* name, absl::Time otherwise) {
  ASSIGN_OR_RETURN(const std::string text, Text(object, name));
  if (text.empty()) return otherwise;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return Wrong(name);
  return time;
}

absl::StatusOr<std::vector<std::string>> LabelNames(const Json& object) {
  std::vector<std::string> names;
  const auto found = object.find("labels");
  if (found == object.end()) return names;
  if (!found->is_array()) return Wrong("labels");
  for (const Json& label : *found) {
    if (label.is_string()) {
      names.push_back(label.get<std::string>());
    } else if (label.is_object()) {
      ASSIGN_OR_RETURN(names.emplace_back(), Text(label, "name"));
    } else {
      return Wrong("labels");
    }
  }
  return names;
}

absl::StatusOr<Issue> ReadIssue(const Json& object) {
  if (!object.is_object()) return Wrong("form");
  Issue issue;
  const auto number = object.find("number");
  if (number == object.end() || !number->is_number_integer()) return Wrong("number");
  issue.number = number->get<int64_t>();
  ASSIGN_OR_RETURN(issue.title, Text(object, "title"));
  ASSIGN_OR_RETURN(issue.body, Text(object, "body"));
  ASSIGN_OR_RETURN(issue.labels, LabelNames(object));
  ASSIGN_OR_RETURN(const std::string state, Text(object, "state"));
  ASSIGN_OR_RETURN(const std::string reason, Text(object, "state_reason"));
  if (state == "closed") {
    const bool is_dropped = reason == "not_planned" || reason == "duplicate";
    issue.status = is_dropped ? v1::TASK_STATUS_DROPPED : v1::TASK_STATUS_COMPLETED;
  } else if (state != "open") {
    return Wrong("state");
  }
  ASSIGN_OR_RETURN(issue.updated_at, Time(object, "updated_at", absl::InfinitePast()));
  if (issue.updated_at == absl::InfinitePast()) return Wrong("updated_at");
  ASSIGN_OR_RETURN(issue.closed_at, Time(object, "closed_at", absl::InfinitePast()));
  issue.is_pull_request = object.contains("pull_request");
  return issue;
}

std::string CommonTitle(std::string_view title) {
  std::string line(title);
  for (char& c : line) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  const std::string common(text::Trim(First(text::Trim(line), kMaxIssueTitle)));
  return common.empty() ? "?" : common;
}

// Where the mark begins; the size where there is none.
size_t MarkAt(std::string_view body) {
  const size_t begin = body.rfind(kMarkBegin);
  if (begin == std::string_view::npos) return body.size();
  const std::string_view behind = absl::StripAsciiWhitespace(body.substr(begin));
  const bool ends =
      absl::EndsWith(behind, kMarkEnd) && behind.find(kMarkEnd) == behind.size() - kMarkEnd.size();
  return ends ? begin : body.size();
}

// Notes in full, and how much of them both sides can hold.
std::string PlainNotes(std::string_view notes) {
  const std::string plain =
      absl::StrReplaceAll(notes, {{"\r\n", "\n"}, {"\r", "\n"}, {std::string_view("\0", 1), ""}});
  return std::string(absl::StripTrailingAsciiWhitespace(plain.substr(0, MarkAt(plain))));
}
std::string_view Held(std::string_view plain_notes) {
  return absl::StripTrailingAsciiWhitespace(First(plain_notes, kMaxNotes));
}

std::string CommonLabel(std::string_view label) {
  std::string word = LowerCase(text::Trim(label));
  for (char& c : word) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c)) ||
        std::string_view(" ,()\"").find(c) != std::string_view::npos) {
      c = '-';
    }
  }
  return std::string(First(word, kMaxLabel));
}

template <typename Labels>
std::vector<std::string> CommonLabels(const Labels& labels) {
  std::set<std::string> words;
  for (const std::string& label : labels) {
    std::string word = CommonLabel(label);
    if (!word.empty()) words.insert(std::move(word));
  }
  std::vector<std::string> first(words.begin(), words.end());
  if (first.size() > static_cast<size_t>(kMaxOfEach)) first.resize(kMaxOfEach);
  return first;
}

bool Has(const std::vector<std::string>& labels, const std::string& label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

// Those of the side that are wanted or beyond what both can hold, as the side writes them, and then
// what it has not yet.
template <typename Labels>
std::vector<std::string> LabelsFor(const Labels& have, const std::vector<std::string>& wanted) {
  const std::vector<std::string> common = CommonLabels(have);
  std::vector<std::string> labels;
  for (const std::string& label : have) {
    const std::string word = CommonLabel(label);
    if (Has(wanted, word) || !Has(common, word)) labels.push_back(label);
  }
  for (const std::string& word : wanted) {
    if (!Has(common, word)) labels.push_back(word);
  }
  return labels;
}

void SetState(v1::TaskStatus status, Json& json) {
  json["state"] = status == v1::TASK_STATUS_OPEN ? "open" : "closed";
  if (status == v1::TASK_STATUS_COMPLETED) json["state_reason"] = "completed";
  if (status == v1::TASK_STATUS_DROPPED) json["state_reason"] = "not_planned";
}

}  // namespace

absl::StatusOr<Issue> ParseIssue(std::string_view json) {
  ASSIGN_OR_RETURN(const Json value, json::ParseValue(json));
  return ReadIssue(value);
}

absl::StatusOr<std::vector<Issue>> ParseIssues(std::string_view json) {
  ASSIGN_OR_RETURN(const Json value, json::ParseValue(json));
  if (!value.is_array()) return Wrong("list");
  std::vector<Issue> issues;
  for (const Json& object : value) {
    ASSIGN_OR_RETURN(issues.emplace_back(), ReadIssue(object));
  }
  return issues;
}

SyncFields FieldsOf(const Issue& issue) {
  return {.title = CommonTitle(issue.title),
          .notes = std::string(Held(PlainNotes(issue.body))),
          .labels = CommonLabels(issue.labels),
          .status = issue.status};
}

SyncFields FieldsOf(const v1::Task& task) {
  return {.title = CommonTitle(task.title()),
          .notes = std::string(Held(PlainNotes(task.notes()))),
          .labels = CommonLabels(task.labels()),
          .status = task.status()};
}

ChangeTimes ChangedAt(absl::Span<const v1::TaskVersion> versions) {
  ChangeTimes at;
  // The oldest first, so that the last change stays.
  for (size_t i = versions.size(); i-- > 1;) {
    const SyncFields before = FieldsOf(versions[i].task()),
                     after = FieldsOf(versions[i - 1].task());
    const absl::Time when = timestamps::FromProto(versions[i - 1].at());
    if (before.title != after.title) at.title = when;
    if (before.notes != after.notes) at.notes = when;
    if (before.status != after.status) at.status = when;
  }
  return at;
}

std::string MarkOf(const Issue& issue) {
  const size_t begin = MarkAt(issue.body);
  if (begin == issue.body.size()) return "";
  std::string_view mark = absl::StripAsciiWhitespace(std::string_view(issue.body).substr(begin));
  mark.remove_prefix(kMarkBegin.size());
  mark.remove_suffix(kMarkEnd.size());
  return std::string(mark);
}

std::string NewIssueJson(const SyncFields& fields, std::string_view mark) {
  Json json;
  json["title"] = fields.title;
  json["body"] =
      absl::StrCat(fields.notes, fields.notes.empty() ? "" : "\n\n", kMarkBegin, mark, kMarkEnd);
  json["labels"] = fields.labels;
  return json.dump();
}

std::string PatchJson(const Issue& issue, const SyncFields& wanted) {
  const SyncFields have = FieldsOf(issue);
  Json json = Json::object();
  if (have.title != wanted.title) json["title"] = wanted.title;
  if (have.notes != wanted.notes) {
    // What did not fit here stays there.
    const std::string plain = PlainNotes(issue.body);
    json["body"] = absl::StrCat(wanted.notes, plain.substr(Held(plain).size()));
  }
  if (have.labels != wanted.labels) json["labels"] = LabelsFor(issue.labels, wanted.labels);
  if (have.status != wanted.status) SetState(wanted.status, json);
  return json.empty() ? "" : json.dump();
}

void SetFields(const SyncFields& wanted, v1::Task& task) {
  const SyncFields have = FieldsOf(task);
  if (have.title != wanted.title) task.set_title(wanted.title);
  if (have.notes != wanted.notes) task.set_notes(wanted.notes);
  if (have.labels == wanted.labels) return;
  const std::vector<std::string> labels = LabelsFor(task.labels(), wanted.labels);
  task.mutable_labels()->Assign(labels.begin(), labels.end());
}

}  // namespace selfology::task
