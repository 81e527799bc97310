// What UpdateHandler writes down: the transactions in which an update takes effect.
#include <optional>
#include <variant>

#include "absl/time/time.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/chat_store.h"
#include "services/edge/telegram_gateway/held_store.h"
#include "services/edge/telegram_gateway/routing/attempt_budget.h"
#include "services/edge/telegram_gateway/routing/update_handler.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;

// For what must be written down even when the update's own time is over.
constexpr absl::Duration kCommit = absl::Seconds(budget::kCommitSeconds);

}  // namespace

absl::StatusOr<Handled> UpdateHandler::Gather(Turn& turn, const GatherRequest& request) {
  turn.reactions.LeaveOutLanguage(turn.situation.focus.language, turn.update.language);
  ASSIGN_OR_RETURN(const Gathering gathering,
                   parts_.database.Write(Call::Background(kCommit, turn.call.trace()),
                                         [&](Transaction& tx) -> absl::StatusOr<Gathering> {
                                           const absl::Time now = parts_.clock();
                                           ASSIGN_OR_RETURN(const Gathering gathering,
                                                            GatherInto(tx, parts_.telegram.bot_id(),
                                                                       turn.update, request, now));
                                           store::NoteNewest(tx, parts_.telegram.bot_id(),
                                                             turn.update.user_id,
                                                             turn.update.message_id);
                                           return gathering;
                                         }));
  if (gathering.was_handled) return v1::UPDATE_OUTCOME_DUPLICATE;
  parts_.delivery.Wake(turn.update.user_id);
  Handled handled(v1::UPDATE_OUTCOME_HELD);
  handled.written_down = true;
  handled.gathers_for = gathering.wait;
  handled.gathers_dialog = request.dialog;
  handled.ended_gathering = gathering.ended_another;
  return handled;
}

absl::StatusOr<bool> UpdateHandler::Commit(const Turn& turn, v1::UpdateOutcome outcome) {
  const Call call = Call::Background(kCommit, turn.call.trace());
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<bool> {
    const absl::Time now = parts_.clock();
    const int64_t bot_id = parts_.telegram.bot_id();
    const int64_t update_id = turn.update.update_id;
    // First of all, as whoever discards one does.
    if (turn.attempt == Attempt::kHeld) {
      ASSIGN_OR_RETURN(const bool was_there,
                       store::RemoveHeld(tx, bot_id, update_id, turn.update.user_id));
      // It went with its person, whom the press may have erased: they are told of that all the
      // same.
      if (!was_there) {
        if (turn.reactions.replacement.empty()) return false;
        NotePress(tx, turn, now);
        return true;
      }
    }
    ASSIGN_OR_RETURN(const bool first, store::MarkHandled(tx, bot_id, update_id, outcome, now));
    if (!first) return false;
    if (!turn.update.gathered.empty()) {
      store::MarkGathered(tx, bot_id, turn.update.gathered, outcome, now);
    }
    const Update& update = turn.update;
    NoteHeard(tx, turn, now);
    if (update.kind == UpdateKind::kMessage) {
      store::NoteNewest(tx, bot_id, update.user_id, update.message_id);
    }
    if (outcome == v1::UPDATE_OUTCOME_HANDLED) NotePress(tx, turn, now);
    turn.reactions.Write(tx, bot_id, now);
    return true;
  });
}

void UpdateHandler::NotePress(Transaction& tx, const Turn& turn, absl::Time now) const {
  const auto* const press = std::get_if<Press>(&turn.act);
  if (press == nullptr || press->message_id == 0) return;
  store::NotePress(tx,
                   {.bot_id = parts_.telegram.bot_id(),
                    .chat_id = turn.update.user_id,
                    .message_id = press->message_id,
                    .data = turn.update.text,
                    .remove_buttons = turn.reactions.remove_buttons,
                    .replacement = turn.reactions.replacement,
                    .replacement_buttons = turn.reactions.replacement_buttons},
                   now);
}

void UpdateHandler::NoteHeard(Transaction& tx, const Turn& turn, absl::Time now) const {
  if (!parts_.one_of_several) return;
  if (std::holds_alternative<Left>(turn.act)) {
    store::NoteLeft(tx, parts_.telegram.bot_id(), turn.update.user_id);
  } else {
    store::NoteHeard(tx, parts_.telegram.bot_id(), turn.update.user_id, now);
  }
}

absl::StatusOr<Handled> UpdateHandler::AwaitChoice(const Turn& turn) {
  const absl::Time now = parts_.clock();
  const store::HeldUpdate row{.bot_id = parts_.telegram.bot_id(),
                              .update_id = turn.update.update_id,
                              .user_id = turn.update.user_id,
                              .json = turn.update.json,
                              .held_at = now};
  ASSIGN_OR_RETURN(
      const bool held,
      parts_.database.Write(Call::Background(kCommit, turn.call.trace()),
                            [&](Transaction& tx) -> absl::StatusOr<bool> {
                              ASSIGN_OR_RETURN(
                                  const bool held,
                                  store::HoldForChoice(tx, row, turn.attempt == Attempt::kHeld));
                              if (!held) return false;
                              NoteHeard(tx, turn, now);
                              store::NoteNewest(tx, parts_.telegram.bot_id(), turn.update.user_id,
                                                turn.update.message_id);
                              turn.reactions.Write(tx, parts_.telegram.bot_id(), now);
                              return true;
                            }));
  if (!held) return v1::UPDATE_OUTCOME_DUPLICATE;
  parts_.delivery.Wake(turn.update.user_id);
  Handled handled(v1::UPDATE_OUTCOME_HELD);
  handled.written_down = true;
  return handled;
}

}  // namespace selfology::telegram_gateway
