#include "services/growth/task/tasks/task_order.h"

#include <bit>
#include <cstdint>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/task/tasks/letters.h"

namespace selfology::task {
namespace {

constexpr std::pair<std::string_view, TaskOrder::By> kNames[] = {
    {"urgency", TaskOrder::By::kUrgency},  {"due", TaskOrder::By::kDue},
    {"created", TaskOrder::By::kCreated},  {"updated", TaskOrder::By::kUpdated},
    {"closed", TaskOrder::By::kClosed},    {"title", TaskOrder::By::kTitle},
    {"priority", TaskOrder::By::kPriority}};

// Texts that compare as the numbers do.
std::string Ordered(uint64_t number) { return absl::StrCat(absl::Hex(number, absl::kZeroPad16)); }
std::string Ordered(int64_t number) {
  return Ordered(static_cast<uint64_t>(number) ^ (uint64_t{1} << 63));
}
std::string Ordered(double number) {
  const uint64_t bits = std::bit_cast<uint64_t>(number == 0 ? 0.0 : number);
  return Ordered((bits >> 63) != 0 ? ~bits : bits | (uint64_t{1} << 63));
}
std::string Ordered(const google::protobuf::Timestamp& time) {
  return Ordered(absl::ToUnixMicros(timestamps::FromProto(time)));
}
// Comes behind every other key, whichever way round: what has none is shown last.
constexpr std::string_view kNone = "~";

}  // namespace

absl::StatusOr<TaskOrder> TaskOrder::Parse(std::string_view sort) {
  const bool turned = absl::StartsWith(sort, "-");
  if (turned) sort.remove_prefix(1);
  if (sort.empty() && !turned) return TaskOrder(By::kUrgency, false);
  for (const auto& [name, by] : kNames) {
    if (sort == name) return TaskOrder(by, turned);
  }
  return status::InvalidField("sort",
                              "must be urgency, due, created, updated, closed, title or priority");
}

std::string TaskOrder::KeyOf(const v1::Task& task) const {
  switch (by_) {
    case By::kUrgency:
      return Ordered(-task.urgency());
    case By::kDue:
      return task.has_due_at() ? Ordered(task.due_at()) : std::string(kNone);
    case By::kCreated:
      return Ordered(-absl::ToUnixMicros(timestamps::FromProto(task.created_at())));
    case By::kUpdated:
      return Ordered(-absl::ToUnixMicros(timestamps::FromProto(task.updated_at())));
    case By::kClosed:
      return task.has_closed_at()
                 ? Ordered(-absl::ToUnixMicros(timestamps::FromProto(task.closed_at())))
                 : std::string(kNone);
    case By::kTitle:
      // Hexadecimal keeps the order of the bytes, and any title apart from kNone.
      return absl::BytesToHexString(FoldCase(task.title()));
    case By::kPriority:
      return Ordered(-static_cast<int64_t>(task.priority()));
  }
  return std::string(kNone);
}

bool TaskOrder::Less(const std::string& a, int64_t a_id, const std::string& b, int64_t b_id) const {
  if (a == b) return a_id < b_id;
  if (a == kNone || b == kNone) return b == kNone;
  return turned_ ? b < a : a < b;
}

bool TaskOrder::operator()(const v1::Task& a, const v1::Task& b) const {
  return Less(KeyOf(a), a.task_id(), KeyOf(b), b.task_id());
}

std::string TaskOrder::PositionOf(const v1::Task& task) const {
  return absl::StrCat(task.task_id(), "/", KeyOf(task));
}

bool TaskOrder::IsBehind(const v1::Task& task, std::string_view position) const {
  const size_t slash = position.find('/');
  int64_t id = 0;
  if (slash == position.npos || !absl::SimpleAtoi(position.substr(0, slash), &id)) return false;
  return Less(std::string(position.substr(slash + 1)), id, KeyOf(task), task.task_id());
}

}  // namespace selfology::task
