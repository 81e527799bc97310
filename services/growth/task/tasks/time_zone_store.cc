// Tasks whose times are those of a clock in an unknown time zone. See task_store.h.
#include <vector>

#include "common/status/status_macros.h"
#include "services/growth/task/tasks/task_store.h"

namespace selfology::task::store {

using postgres::Transaction;

void NoteOfTheClock(Transaction& tx, int64_t task_id) {
  tx.Queue("UPDATE tasks SET of_the_clock = true WHERE task_id = $1", task_id);
}

void CopyOfTheClock(Transaction& tx, int64_t from, int64_t to) {
  tx.Queue(
      "UPDATE tasks AS t SET of_the_clock = true FROM tasks AS f"
      " WHERE t.task_id = $2 AND f.task_id = $1 AND f.of_the_clock",
      from, to);
}

absl::StatusOr<std::vector<int64_t>> TakeOfTheClock(Transaction& tx, int64_t owner) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("UPDATE tasks SET of_the_clock = false"
                                     " WHERE user_id = $1 AND of_the_clock RETURNING task_id",
                                     owner));
  std::vector<int64_t> ids;
  for (const auto& [id] : rows) ids.push_back(id);
  return ids;
}

}  // namespace selfology::task::store
