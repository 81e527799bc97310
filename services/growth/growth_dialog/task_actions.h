// What people do with tasks in the chat: write them, see the day's, complete, put off, open, delete.
//
// An answer that depends on a service that is away is that service's error: the gateway asks again.
// Threads: may be used from any.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/growth/growth_dialog/peers.h"
#include "services/growth/growth_dialog/turn.h"

namespace selfology::growth_dialog {

class TaskActions {
 public:
  explicit TaskActions(const Peers& peers) : peers_(peers) {}

  // Asks for a sentence, and takes what is written next.
  telegram::DialogReaction Ask(const Turn& turn) const;
  // What may be written here, to words that are no task.
  telegram::DialogReaction Hint(const Turn& turn, bool asked) const;
  absl::StatusOr<telegram::DialogReaction> Write(const Turn& turn, std::string_view words) const;
  absl::StatusOr<telegram::DialogReaction> List(const Turn& turn) const;
  // All open tasks, by their dates; a page, from 0.
  absl::StatusOr<telegram::DialogReaction> All(const Turn& turn, size_t page) const;
  // A reminder so long before that task is due, once however often it is asked for.
  absl::StatusOr<telegram::DialogReaction> Remind(const Turn& turn, const task::v1::Task& task,
                                                  int lead_minutes) const;
  // A new task of that name, with such a reminder.
  absl::StatusOr<telegram::DialogReaction> RemindOfNew(const Turn& turn, std::string_view title,
                                                       int lead_minutes) const;
  // A button's argument: "done:12", "wait:12:hour".
  absl::StatusOr<telegram::DialogReaction> Press(const Turn& turn, std::string_view argument) const;

  // The tasks that a filter of docs/growth.md finds, and those of the day.
  absl::StatusOr<task::v1::ListTasksResponse> Find(const Turn& turn, std::string_view filter,
                                                   std::string_view sort, int most) const;
  absl::StatusOr<task::v1::ListTasksResponse> Day(const Turn& turn) const;

 private:
  absl::StatusOr<task::v1::Task> Get(const Turn& turn, int64_t task_id) const;
  absl::StatusOr<telegram::DialogReaction> Complete(const Turn& turn, int64_t task_id) const;
  absl::StatusOr<telegram::DialogReaction> ListWith(const Turn& turn, std::string notice) const;

  const Peers& peers_;
};

}  // namespace selfology::growth_dialog
