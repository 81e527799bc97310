// What makes a task acceptable, and how one version differs from another.
//
//   Normalise(task);
//   CheckTask(task, "task", bad);
//   RETURN_IF_ERROR(bad.ToStatus());
//   const std::vector<std::string> changed = ChangedFields(before, task);
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "google/protobuf/field_mask.pb.h"
#include "selfology/task/v1/task.pb.h"

namespace selfology::task {

inline constexpr int kMaxTitle = 500;  // Unicode code points, as below.
inline constexpr int kMaxNotes = 20'000;
inline constexpr int kMaxLabel = 50;
inline constexpr int kMaxColumn = 50;
inline constexpr int kMaxOfEach = 20;  // Labels, reminders, assignees, files.
inline constexpr int kMaxMinutes = 525'600;
inline constexpr int kMaxLevels = 8;

// UTC for an empty name; false: there is no such zone.
bool FindZone(const std::string& name, absl::TimeZone& zone);
// The same, UTC for those that there are not.
absl::TimeZone ZoneOf(const std::string& name);
void CheckZone(const std::string& name, std::string_view field, status::FieldViolations& bad);

// Trims; labels become lower case, each once, in their order.
void Normalise(v1::Task& task);

// All that a person may set. `at`: what the field's names begin with, such as "task".
void CheckTask(const v1::Task& task, std::string_view at, status::FieldViolations& bad);

// Takes the fields of `update` that `mask` names, or, if it names none, those that are set. Adds to
// `bad` what may not be set.
void Apply(const v1::Task& update, const google::protobuf::FieldMask& mask, v1::Task& task,
           status::FieldViolations& bad);

// The same task without what is computed or said by other columns: what is kept.
v1::Task Kept(v1::Task task);

// Names of the fields that a person may set and that differ, in the order of the contract; and the
// status.
std::vector<std::string> ChangedFields(const v1::Task& before, const v1::Task& after);
absl::StatusOr<std::vector<v1::TaskDifference>> Differences(const v1::Task& before,
                                                            const v1::Task& after);
// Makes of `task` what `old` was, its status and dates of closing apart.
void Restore(const v1::Task& old, v1::Task& task);

// The moment from which on an open task is overdue: the end of the day for one that is due on a day.
absl::Time OverdueFrom(const v1::Task& task);

// When to remind of it, each time once, only what is later than `after`. None if it is not open.
std::vector<absl::Time> ReminderTimes(const v1::Task& task, absl::Time after);

// What of a task moves when it is due at another time: start, wait and reminders at fixed times, by
// the same number of days and time of the day.
void MoveDue(absl::Time due, v1::Task& task);

// Gives it that zone, in which its times are what they were in the zone before: 9 o'clock stays 9
// o'clock.
void MoveToZone(const std::string& zone, v1::Task& task);

}  // namespace selfology::task
