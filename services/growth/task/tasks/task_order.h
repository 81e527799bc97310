// In which order a list of tasks is shown, and where a page of it ends.
//
//   ASSIGN_OR_RETURN(const TaskOrder order, TaskOrder::Parse("-due"));
//   std::sort(tasks.begin(), tasks.end(), order);
//   const std::string position = order.PositionOf(tasks.back());
//   order.IsBehind(task, position)        // whether it comes later than that
//
// Errors: INVALID_ARGUMENT naming `sort`. Threads: immutable.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "selfology/task/v1/task.pb.h"

namespace selfology::task {

class TaskOrder {
 public:
  enum class By { kUrgency, kDue, kCreated, kUpdated, kClosed, kTitle, kPriority };

  // Empty: by urgency. See ListTasksRequest.sort.
  static absl::StatusOr<TaskOrder> Parse(std::string_view sort);

  bool operator()(const v1::Task& a, const v1::Task& b) const;

  // Good for the same order only.
  std::string PositionOf(const v1::Task& task) const;
  bool IsBehind(const v1::Task& task, std::string_view position) const;

  By by() const { return by_; }

 private:
  TaskOrder(By by, bool turned) : by_(by), turned_(turned) {}
  std::string KeyOf(const v1::Task& task) const;
  bool Less(const std::string& a, int64_t a_id, const std::string& b, int64_t b_id) const;

  By by_;
  bool turned_;
};

}  // namespace selfology::task
