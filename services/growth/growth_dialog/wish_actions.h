// Does what a person asks for in words about tasks that are there (wishes.h).
//
// An answer that depends on a service that is away is that service's error: the gateway asks again.
// Threads: may be used from any.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/postgres/database.h"
#include "services/growth/growth_dialog/peers.h"
#include "services/growth/growth_dialog/task_actions.h"
#include "services/growth/growth_dialog/turn.h"
#include "services/growth/growth_dialog/wishes.h"

namespace selfology::growth_dialog {

class WishActions {
 public:
  // All outlive it.
  WishActions(postgres::Database& database, const Peers& peers, const TaskActions& tasks)
      : database_(database), peers_(peers), tasks_(tasks) {}

  // kDone to kUndo; nullopt: there is no such task, so that the words are one.
  absl::StatusOr<std::optional<telegram::DialogReaction>> Grant(const Turn& turn,
                                                                const Wish& wish) const;

 private:
  using Tasks = std::vector<task::v1::Task>;

  // The tasks that are meant; with words, those that they fit.
  absl::StatusOr<Tasks> Meant(const Turn& turn, const Wish& wish) const;
  // What was completed in the last minutes: the same words again, which may be the same update, say
  // nothing new and are no task.
  absl::StatusOr<Tasks> JustDone(const Turn& turn, const Wish& wish) const;
  // What was touched in the last minutes.
  absl::StatusOr<std::optional<task::v1::Task>> Last(const Turn& turn,
                                                     std::string_view filter) const;
  absl::StatusOr<telegram::DialogReaction> Done(const Turn& turn, const task::v1::Task& task,
                                                const Wish& wish) const;
  absl::StatusOr<telegram::DialogReaction> Move(const Turn& turn, const task::v1::Task& task,
                                                std::string_view when) const;
  absl::StatusOr<telegram::DialogReaction> Undo(const Turn& turn) const;
  // Which task is to be as it was before, as it is; of one update always the same. Only its id,
  // version and status are set.
  absl::StatusOr<std::optional<task::v1::Task>> ToUndo(const Turn& turn) const;

  postgres::Database& database_;
  const Peers& peers_;
  const TaskActions& tasks_;
};

}  // namespace selfology::growth_dialog
