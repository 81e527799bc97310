#include "services/growth/task/tasks/task_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/json/value.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/growth/task/tasks/letters.h"
#include "services/growth/task/tasks/recurrence.h"

namespace selfology::task {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

// The fields that a person may set, and of which versions are compared.
constexpr std::string_view kEditable[] = {"title",
                                          "notes",
                                          "priority",
                                          "list_id",
                                          "parent_task_id",
                                          "labels",
                                          "due_at",
                                          "due_all_day",
                                          "start_at",
                                          "wait_until",
                                          "time_zone",
                                          "reminders",
                                          "recurrence",
                                          "assignee_user_ids",
                                          "column",
                                          "active",
                                          "estimate_minutes",
                                          "file_ids"};

bool IsEditable(std::string_view name) {
  return std::find(std::begin(kEditable), std::end(kEditable), name) != std::end(kEditable);
}

const FieldDescriptor* FieldOf(std::string_view name) {
  return v1::Task::descriptor()->FindFieldByName(std::string(name));
}

// Only that field of the task.
v1::Task Only(const v1::Task& task, const FieldDescriptor* field) {
  v1::Task all = task, only;
  task.GetReflection()->SwapFields(&all, &only, {field});
  return only;
}

void CopyField(const v1::Task& from, const FieldDescriptor* field, v1::Task& to) {
  v1::Task only = Only(from, field);
  to.GetReflection()->SwapFields(&only, &to, {field});
}

bool Differ(const v1::Task& a, const v1::Task& b, const FieldDescriptor* field) {
  return !google::protobuf::util::MessageDifferencer::Equals(Only(a, field), Only(b, field));
}

void CheckLabel(const std::string& label, const std::string& field, status::FieldViolations& bad) {
  if (label.empty() || text::Characters(label) > kMaxLabel || !text::IsStorable(label) ||
      label.find_first_of(" \t\r\n,()\"") != std::string::npos) {
    bad.Add(field, "must be 1 to 50 characters without white space, commas, brackets and quotes");
  }
}

// One before the due date waits for there to be one.
void CheckReminder(const v1::Reminder& reminder, const std::string& field,
                   status::FieldViolations& bad) {
  if (reminder.when_case() == v1::Reminder::WHEN_NOT_SET) {
    bad.Add(field, "must have a time or minutes");
  } else if (reminder.has_minutes_before_due()) {
    if (reminder.minutes_before_due() < 0 || reminder.minutes_before_due() > kMaxMinutes) {
      bad.Add(absl::StrCat(field, ".minutes_before_due"), "must be 0 to 525600");
    }
  }
}

absl::StatusOr<std::string> JsonOf(const v1::Task& task, const FieldDescriptor* field) {
  ASSIGN_OR_RETURN(const std::string text, json::Print(Only(task, field)));
  ASSIGN_OR_RETURN(const nlohmann::json value, json::ParseValue(text));
  if (!value.contains(field->name())) return std::string();
  return value.at(field->name()).dump();
}

}  // namespace

bool FindZone(const std::string& name, absl::TimeZone& zone) {
  zone = absl::UTCTimeZone();
  // Names of files of the zone database; nothing that leads elsewhere.
  if (name.empty()) return true;
  if (name.size() > 64 || name.front() == '/' || name.find("..") != std::string::npos) return false;
  return absl::LoadTimeZone(name, &zone);
}

absl::TimeZone ZoneOf(const std::string& name) {
  absl::TimeZone zone;
  return FindZone(name, zone) ? zone : absl::UTCTimeZone();
}

void CheckZone(const std::string& name, std::string_view field, status::FieldViolations& bad) {
  absl::TimeZone zone;
  if (!FindZone(name, zone)) bad.Add(field, "must be a name of the IANA database, or empty");
}

void Normalise(v1::Task& task) {
  task.set_title(std::string(text::Trim(task.title())));
  task.set_column(std::string(text::Trim(task.column())));
  std::vector<std::string> labels;
  for (const std::string& label : task.labels()) {
    std::string lower = LowerCase(text::Trim(label));
    if (std::find(labels.begin(), labels.end(), lower) == labels.end()) {
      labels.push_back(std::move(lower));
    }
  }
  task.mutable_labels()->Assign(labels.begin(), labels.end());
  const std::set<int64_t> assignees(task.assignee_user_ids().begin(),
                                    task.assignee_user_ids().end());
  task.mutable_assignee_user_ids()->Assign(assignees.begin(), assignees.end());
  if (!task.has_due_at()) task.clear_due_all_day();
  if (task.has_recurrence() && task.has_due_at()) {
    v1::Recurrence& recurrence = *task.mutable_recurrence();
    if (!recurrence.has_start_at()) *recurrence.mutable_start_at() = task.due_at();
    if (recurrence.mode() == v1::RECURRENCE_MODE_UNSPECIFIED) {
      recurrence.set_mode(v1::RECURRENCE_MODE_FIXED);
    }
  }
}

void CheckTask(const v1::Task& task, std::string_view at, status::FieldViolations& bad) {
  const auto field = [&](std::string_view name) { return absl::StrCat(at, ".", name); };
  const int title = text::Characters(task.title());
  if (title < 1 || title > kMaxTitle || !text::IsStorable(task.title())) {
    bad.Add(field("title"), "must be 1 to 500 characters");
  }
  if (text::Characters(task.notes()) > kMaxNotes || !text::IsStorable(task.notes())) {
    bad.Add(field("notes"), "must be at most 20000 characters");
  }
  if (!v1::TaskPriority_IsValid(task.priority())) bad.Add(field("priority"), "must be a known one");
  if (task.list_id() < 0) bad.Add(field("list_id"), "must be 0 or above");
  if (task.parent_task_id() < 0) bad.Add(field("parent_task_id"), "must be 0 or above");
  if (task.labels_size() > kMaxOfEach) bad.Add(field("labels"), "must be at most 20");
  for (int i = 0; i < task.labels_size() && i < kMaxOfEach; ++i) {
    CheckLabel(task.labels(i), absl::StrCat(field("labels"), "[", i, "]"), bad);
  }
  CheckZone(task.time_zone(), field("time_zone"), bad);
  if (task.reminders_size() > kMaxOfEach) bad.Add(field("reminders"), "must be at most 20");
  for (int i = 0; i < task.reminders_size() && i < kMaxOfEach; ++i) {
    CheckReminder(task.reminders(i), absl::StrCat(field("reminders"), "[", i, "]"), bad);
  }
  if (task.has_recurrence()) {
    if (!task.has_due_at()) bad.Add(field("recurrence"), "needs a due date");
    const absl::Status rule = CheckRule(task.recurrence().rrule());
    if (!rule.ok()) bad.Add(field("recurrence.rrule"), rule.message());
    // Each occurrence is the first of a rule of its own, in which nothing was counted yet.
    if (task.recurrence().mode() == v1::RECURRENCE_MODE_AFTER_COMPLETION &&
        absl::StrContains(absl::AsciiStrToUpper(task.recurrence().rrule()), "COUNT=")) {
      bad.Add(field("recurrence.rrule"), "must have no COUNT when counted from completion");
    }
  }
  if (task.assignee_user_ids_size() > kMaxOfEach) {
    bad.Add(field("assignee_user_ids"), "must be at most 20");
  }
  for (int i = 0; i < task.assignee_user_ids_size() && i < kMaxOfEach; ++i) {
    bad.CheckUserId(task.assignee_user_ids(i),
                    absl::StrCat(field("assignee_user_ids"), "[", i, "]"));
  }
  if (text::Characters(task.column()) > kMaxColumn || !text::IsStorable(task.column())) {
    bad.Add(field("column"), "must be at most 50 characters");
  }
  if (task.estimate_minutes() < 0 || task.estimate_minutes() > kMaxMinutes) {
    bad.Add(field("estimate_minutes"), "must be 0 to 525600");
  }
  if (task.file_ids_size() > kMaxOfEach) bad.Add(field("file_ids"), "must be at most 20");
}

void Apply(const v1::Task& update, const google::protobuf::FieldMask& mask, v1::Task& task,
           status::FieldViolations& bad) {
  std::set<std::string> names;
  if (mask.paths().empty()) {
    std::vector<const FieldDescriptor*> set;
    update.GetReflection()->ListFields(update, &set);
    for (const FieldDescriptor* field : set) {
      if (IsEditable(field->name()) || field->name() == "status") names.insert(field->name());
    }
  } else {
    names.insert(mask.paths().begin(), mask.paths().end());
  }
  for (const std::string& name : names) {
    if (name == "status") {
      // Completing has consequences of its own; see CompleteTask.
      if (task.status() == v1::TASK_STATUS_COMPLETED || update.status() == task.status() ||
          (update.status() != v1::TASK_STATUS_OPEN && update.status() != v1::TASK_STATUS_DROPPED)) {
        if (update.status() == task.status()) continue;
        bad.Add("task.status", "must be OPEN or DROPPED, of a task that is not completed");
        continue;
      }
      task.set_status(update.status());
    } else if (IsEditable(name)) {
      CopyField(update, FieldOf(name), task);
    } else {
      bad.Add("update_mask", "must name fields of Task that can be set");
    }
  }
}

v1::Task Kept(v1::Task task) {
  task.clear_task_id();
  task.clear_user_id();
  task.clear_urgency();
  task.clear_urgency_reasons();
  task.clear_blocked_by_task_ids();
  task.clear_blocking_count();
  task.clear_comment_count();
  task.clear_subtask_count();
  task.clear_closed_subtask_count();
  return task;
}

std::vector<std::string> ChangedFields(const v1::Task& before, const v1::Task& after) {
  std::vector<std::string> changed;
  for (const std::string_view name : kEditable) {
    if (Differ(before, after, FieldOf(name))) changed.emplace_back(name);
  }
  if (before.status() != after.status()) changed.emplace_back("status");
  return changed;
}

absl::StatusOr<std::vector<v1::TaskDifference>> Differences(const v1::Task& before,
                                                            const v1::Task& after) {
  std::vector<v1::TaskDifference> differences;
  for (const std::string& name : ChangedFields(before, after)) {
    v1::TaskDifference& difference = differences.emplace_back();
    difference.set_field(name);
    ASSIGN_OR_RETURN(*difference.mutable_before_json(), JsonOf(before, FieldOf(name)));
    ASSIGN_OR_RETURN(*difference.mutable_after_json(), JsonOf(after, FieldOf(name)));
  }
  return differences;
}

void Restore(const v1::Task& old, v1::Task& task) {
  for (const std::string_view name : kEditable) CopyField(old, FieldOf(name), task);
}

absl::Time OverdueFrom(const v1::Task& task) {
  if (!task.has_due_at()) return absl::InfiniteFuture();
  const absl::Time due = timestamps::FromProto(task.due_at());
  if (!task.due_all_day()) return due;
  const absl::TimeZone zone = ZoneOf(task.time_zone());
  return absl::FromCivil(absl::CivilDay(absl::ToCivilDay(due, zone)) + 1, zone);
}

std::vector<absl::Time> ReminderTimes(const v1::Task& task, absl::Time after) {
  std::set<absl::Time> times;
  if (task.status() != v1::TASK_STATUS_OPEN) return {};
  for (const v1::Reminder& reminder : task.reminders()) {
    absl::Time at = absl::InfinitePast();
    if (reminder.has_at()) {
      at = timestamps::FromProto(reminder.at());
    } else if (task.has_due_at()) {
      at = timestamps::FromProto(task.due_at()) - absl::Minutes(reminder.minutes_before_due());
    }
    if (at > after) times.insert(at);
  }
  return {times.begin(), times.end()};
}

void MoveDue(absl::Time due, v1::Task& task) {
  const absl::TimeZone zone = ZoneOf(task.time_zone());
  const absl::CivilSecond before = absl::ToCivilSecond(timestamps::FromProto(task.due_at()), zone);
  const absl::CivilSecond after = absl::ToCivilSecond(due, zone);
  const auto move = [&](google::protobuf::Timestamp& time) {
    const absl::CivilSecond at = absl::ToCivilSecond(timestamps::FromProto(time), zone);
    time = timestamps::ToProto(ToTime({at + (after - before), zone}));
  };
  if (task.has_start_at()) move(*task.mutable_start_at());
  if (task.has_wait_until()) move(*task.mutable_wait_until());
  for (v1::Reminder& reminder : *task.mutable_reminders()) {
    if (reminder.has_at()) move(*reminder.mutable_at());
  }
  *task.mutable_due_at() = timestamps::ToProto(due);
}

void MoveToZone(const std::string& zone, v1::Task& task) {
  const absl::TimeZone from = ZoneOf(task.time_zone());
  const absl::TimeZone to = ZoneOf(zone);
  const auto move = [&](google::protobuf::Timestamp& time) {
    const absl::CivilSecond at = absl::ToCivilSecond(timestamps::FromProto(time), from);
    time = timestamps::ToProto(ToTime({at, to}));
  };
  if (task.has_due_at()) move(*task.mutable_due_at());
  if (task.has_start_at()) move(*task.mutable_start_at());
  if (task.has_wait_until()) move(*task.mutable_wait_until());
  if (task.recurrence().has_start_at()) move(*task.mutable_recurrence()->mutable_start_at());
  for (v1::Reminder& reminder : *task.mutable_reminders()) {
    if (reminder.has_at()) move(*reminder.mutable_at());
  }
  task.set_time_zone(zone);
}

}  // namespace selfology::task
