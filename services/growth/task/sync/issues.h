// Issues as GitHub's REST API tells them, and what of them and of tasks is kept equal.
//
//   ASSIGN_OR_RETURN(const std::vector<Issue> issues, ParseIssues(body));
//   const SyncFields theirs = FieldsOf(issues[0]);
//   const std::string patch = PatchJson(issues[0], merged);   // Empty: nothing differs.
//
// Both sides are read in a form that each can hold: titles of one line and at most 256 characters,
// notes with plain line ends and at most 20,000, labels of one word in lower case, at most 20. What a
// side has beyond that, it keeps.
//
// Errors: INVALID_ARGUMENT, for what is not as documented. Threads: pure functions.
// Source: https://docs.github.com/rest/issues/issues, version 2022-11-28.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "selfology/task/v1/task.pb.h"
#include "services/growth/task/sync/merge.h"

namespace selfology::task {

struct Issue {
  int64_t number = 0;
  std::string title = {};
  std::string body = {};
  std::vector<std::string> labels = {};
  v1::TaskStatus status = v1::TASK_STATUS_OPEN;
  absl::Time updated_at = {};
  absl::Time closed_at = absl::InfinitePast();
  bool is_pull_request = false;
};

absl::StatusOr<Issue> ParseIssue(std::string_view json);
absl::StatusOr<std::vector<Issue>> ParseIssues(std::string_view json);

SyncFields FieldsOf(const Issue& issue);
SyncFields FieldsOf(const v1::Task& task);

// When its fields were changed last; `versions`: newest first, down to the one that was agreed on.
ChangeTimes ChangedAt(absl::Span<const v1::TaskVersion> versions);

// The word by which an issue that we made is known again; empty: it has none.
std::string MarkOf(const Issue& issue);

// The body of a request that makes an issue, and of one that changes it.
std::string NewIssueJson(const SyncFields& fields, std::string_view mark);
std::string PatchJson(const Issue& issue, const SyncFields& wanted);

// The title, notes and labels; the status has consequences (task_changes.h).
void SetFields(const SyncFields& wanted, v1::Task& task);

}  // namespace selfology::task
