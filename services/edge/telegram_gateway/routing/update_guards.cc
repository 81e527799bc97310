// What UpdateHandler does with guards: asks them, sends what they say at once, and shows the card of
// one that is away.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/held_store.h"
#include "services/edge/telegram_gateway/routing/attempt_budget.h"
#include "services/edge/telegram_gateway/routing/context.h"
#include "services/edge/telegram_gateway/routing/failure_policy.h"
#include "services/edge/telegram_gateway/routing/update_handler.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;

// For what must be written down even when the update's own time is over.
constexpr absl::Duration kCommit = absl::Seconds(budget::kCommitSeconds);
constexpr int kGuardAttempts = 100;

}  // namespace

absl::StatusOr<bool> UpdateHandler::AskGuards(Turn& turn) {
  const v1::DialogUpdate told = ToldOf(turn.act);
  for (const std::string& guard : turn.dialogs->guards()) {
    absl::StatusOr<v1::ReactResponse> response =
        React(turn, guard, told, parts_.patience.guard, kGuardAttempts);
    if (!response.ok()) {
      // It answers in a moment.
      if (WasCrowded(response.status())) return Blame(response.status(), guard);
      observe::Error("guard dialog unavailable; message held",
                     {{"dialog", guard}, {"status", response.status()}});
      RETURN_IF_ERROR(ShowCard(turn, *turn.dialogs->Find(guard)));
      return Blame(response.status(), guard);
    }
    turn.reactions.Add(guard, std::move(*response->mutable_reaction()), *turn.dialogs);
    if (response->taken()) return true;
  }
  return false;
}

absl::Status UpdateHandler::SayAtOnce(Turn& turn) {
  if (!turn.reactions.has_messages()) return absl::OkStatus();
  const int64_t bot_id = parts_.telegram.bot_id();
  const Update& update = turn.update;
  RETURN_IF_ERROR(parts_.database.Write(
      Call::Background(kCommit, turn.call.trace()), [&](Transaction& tx) -> absl::Status {
        if (turn.attempt == Attempt::kHeld) {
          ASSIGN_OR_RETURN(const bool is_there,
                           store::LockHeld(tx, bot_id, update.update_id, update.user_id));
          if (!is_there) return absl::OkStatus();
        }
        turn.reactions.Write(tx, bot_id, parts_.clock());
        return absl::OkStatus();
      }));
  parts_.delivery.Wake(update.user_id);
  turn.reactions = Reactions::ToUpdate(update.user_id, KeyOf(update), turn.call.trace().Format());
  return absl::OkStatus();
}

bool UpdateHandler::AwaitsGuard(const Turn& turn) {
  const std::vector<std::string>& guards = turn.dialogs->guards();
  return std::find(guards.begin(), guards.end(), turn.situation.held_for) != guards.end();
}

absl::Status UpdateHandler::ShowCard(const Turn& turn, const v1::DialogDescription& guard) {
  const int64_t user_id = turn.update.user_id;
  // Once for all that waits.
  const int64_t first =
      turn.situation.first_held == 0 ? turn.update.update_id : turn.situation.first_held;
  const Outgoing card{
      .user_id = user_id,
      .key = absl::StrCat("guard:", first),
      .dialog = guard.dialog(),
      .body = Html(kGuard, std::string(TextFor(guard.guard().card(), turn.language))),
      .traceparent = turn.call.trace().Format()};
  RETURN_IF_ERROR(parts_.database.Write(
      Call::Background(kCommit, turn.call.trace()), [&](Transaction& tx) -> absl::Status {
        if (turn.attempt == Attempt::kHeld) {
          ASSIGN_OR_RETURN(const bool is_there, store::LockHeld(tx, parts_.telegram.bot_id(),
                                                                turn.update.update_id, user_id));
          if (!is_there) return absl::OkStatus();
        }
        store::Enqueue(tx, parts_.telegram.bot_id(), card, parts_.clock());
        return absl::OkStatus();
      }));
  parts_.delivery.Wake(user_id);
  return absl::OkStatus();
}

}  // namespace selfology::telegram_gateway
