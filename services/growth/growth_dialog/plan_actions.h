// The steps of the plan that a person made with the coach, offered as tasks one by one: under the day's list stands
// the next one, with a button that takes it and one that does not.
//
//   plan_.Offer(turn, reaction);               // to the list in the reaction
//   plan_.Press(turn, "take:17:2");            // step 2 of plan 17
//
// Without the coach there is nothing to offer. Threads: may be used from any.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/postgres/database.h"
#include "services/growth/growth_dialog/growth_dialog_store.h"
#include "services/growth/growth_dialog/peers.h"
#include "services/growth/growth_dialog/turn.h"

namespace selfology::growth_dialog {

class PlanActions {
 public:
  PlanActions(postgres::Database& database, const Peers& peers)
      : database_(database), peers_(peers) {}

  void Offer(const Turn& turn, telegram::DialogReaction& list) const;
  // Gives the task that was made; nullopt: none, since it was declined or is in the plan no more.
  absl::StatusOr<std::optional<task::v1::Task>> Press(const Turn& turn,
                                                      std::string_view argument) const;

 private:
  absl::StatusOr<coach::v1::Plan> ReadPlan(const Turn& turn) const;

  postgres::Database& database_;
  const Peers& peers_;
};

// The step to offer, after the one that was answered last; nullptr: none.
const coach::v1::PlanStep* NextStep(const coach::v1::Plan& plan, const store::PlanStep& answered);

}  // namespace selfology::growth_dialog
