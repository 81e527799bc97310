#include "services/edge/telegram_gateway/receiving/held_updates.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/call/call.h"
#include "common/language/language.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/delivery/outgoing.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/routing/attempt_budget.h"
#include "services/edge/telegram_gateway/routing/failure_policy.h"
#include "services/edge/telegram_gateway/routing/frame_texts.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;

constexpr absl::Duration kDatabase = absl::Seconds(budget::kNoteSeconds);
constexpr absl::Duration kButton = absl::Seconds(budget::kButtonSeconds);
constexpr absl::Duration kClaim = absl::Seconds(budget::kClaimSeconds);
// Between two counts: those who read the metric look less often.
constexpr absl::Duration kCount = absl::Seconds(10);
// Updates that may be the only ones of theirs that fail. Those that ended stay among them until
// then.
constexpr size_t kMostStumbles = 10'000;
constexpr std::string_view kMetric = "telegram_updates_held";
constexpr std::string_view kMetricHelp = "Updates that wait to be handled, or are parked";

observe::Labels LabelsOf(const BotApi& telegram, std::string state) {
  return {{"bot", absl::StrCat(telegram.bot_id())}, {"state", std::move(state)}};
}

}  // namespace

HeldUpdates::HeldUpdates(Parts parts)
    : parts_(std::move(parts)),
      waiting_(parts_.metrics.Gauge(kMetric, kMetricHelp, LabelsOf(parts_.telegram, "waiting"))),
      parked_(parts_.metrics.Gauge(kMetric, kMetricHelp, LabelsOf(parts_.telegram, "parked"))) {}

absl::StatusOr<v1::UpdateOutcome> HeldUpdates::Hold(const Update& update, const absl::Status& why) {
  const absl::Time now = parts_.clock();
  return WriteDown(update, {.bot_id = parts_.telegram.bot_id(),
                            .update_id = update.update_id,
                            .user_id = OrderingKeyOf(update),
                            .json = update.json,
                            .dialog = BlamedDialog(why),
                            .reason = Storable(why.message()),
                            .due_at = now,
                            .held_at = now});
}

absl::StatusOr<v1::UpdateOutcome> HeldUpdates::SetAside(const Update& update,
                                                        const absl::Status& failure) {
  store::HeldUpdate row{.bot_id = parts_.telegram.bot_id(),
                        .update_id = update.update_id,
                        .user_id = OrderingKeyOf(update),
                        .json = update.json,
                        .held_at = parts_.clock()};
  Note(row, failure);
  return WriteDown(update, row);
}

absl::StatusOr<std::optional<store::HeldUpdate>> HeldUpdates::Claim(int64_t user_id) {
  return parts_.database.Write(Call::Background(kDatabase), [&](Transaction& tx) {
    const absl::Time now = parts_.clock();
    return store::ClaimHeld(tx, parts_.telegram.bot_id(), user_id, now, now + kClaim);
  });
}

absl::StatusOr<bool> HeldUpdates::Fail(store::HeldUpdate claimed, const Update& update,
                                       const absl::Status& failure) {
  // Of what stands behind others its person was told; of what was gathered, or put aside for a
  // moment or until a choice, nothing was said yet.
  const bool untold = claimed.rounds == 0 && (!claimed.reason.empty() || !update.gathered.empty());
  Note(claimed, failure);
  // A guard's card has said it already.
  const bool tells = claimed.parked || (untold && !IsGuard(claimed.dialog));
  RETURN_IF_ERROR(
      parts_.database.Write(Call::Background(kDatabase), [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(const bool is_there, store::KeepHeld(tx, claimed));
        // Nobody says anything of one that an operator has discarded, or of a person who is erased.
        if (is_there && tells) return Tell(tx, update, claimed.parked);
        return absl::OkStatus();
      }));
  parts_.delivery.Wake(update.user_id);
  return claimed.parked;
}

absl::Status HeldUpdates::Remove(const store::HeldUpdate& claimed) {
  return parts_.database.Write(Call::Background(kDatabase), [&](Transaction& tx) -> absl::Status {
    return store::RemoveHeld(tx, claimed.bot_id, claimed.update_id, claimed.user_id).status();
  });
}

absl::Status HeldUpdates::EndGathering(int64_t user_id) {
  return parts_.database.Write(Call::Background(kDatabase), [&](Transaction& tx) -> absl::Status {
    store::EndGathering(tx, parts_.telegram.bot_id(), user_id, parts_.clock());
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<store::HeldPerson>> HeldUpdates::PeopleDue(int limit) {
  return parts_.database.Read(Call::Background(kDatabase),
                              [&](Transaction& tx) {
                                return store::PeopleDue(tx, parts_.telegram.bot_id(),
                                                        parts_.clock(), limit);
                              },
                              {.newest = true});
}

void HeldUpdates::RunCounts(service::StopSignal& stop) {
  do {
    const absl::StatusOr<store::HeldCounts> counts = parts_.database.Read(
        Call::Background(kDatabase),
        [&](Transaction& tx) { return store::CountHeld(tx, parts_.telegram.bot_id()); },
        {.newest = true});
    if (!counts.ok()) {
      observe::Warning("held Telegram updates could not be counted", {{"status", counts.status()}});
      continue;
    }
    waiting_.Set(static_cast<double>(counts->waiting));
    parked_.Set(static_cast<double>(counts->parked));
  } while (!stop.WaitFor(kCount));
}

void HeldUpdates::Note(store::HeldUpdate& row, const absl::Status& failure) {
  row.dialog = BlamedDialog(failure);
  row.code = absl::StatusCodeToString(failure.code());
  row.reason = Storable(failure.message());
  ++row.rounds;
  row.due_at = parts_.clock() + HoldFor(row.rounds);
  row.parked = GivesUp(failure, MayBeItsOwn(failure) ? OwnRounds(row) : row.rounds);
  if (row.parked) {
    observe::Error("Telegram update failed permanently; kept for an operator",
                   {{"update", row.update_id}, {"dialog", row.dialog}});
  } else if (row.rounds == 1) {
    observe::Warning("Telegram update failed; stored for retry",
                     {{"update", row.update_id}, {"dialog", row.dialog}});
  }
}

int HeldUpdates::OwnRounds(const store::HeldUpdate& row) {
  const int64_t served = parts_.dialogs.gate(row.dialog).served();
  absl::MutexLock lock(&mutex_);
  if (stumbles_.size() >= kMostStumbles) stumbles_.clear();
  const auto [stumble, is_first] = stumbles_.try_emplace(row.update_id);
  // One that serves nobody says nothing of this update.
  if (is_first || stumble->second.served != served) ++stumble->second.rounds;
  stumble->second.served = served;
  const int rounds = stumble->second.rounds;
  if (rounds >= kUnclearRounds) stumbles_.erase(stumble);
  return rounds;
}

absl::StatusOr<v1::UpdateOutcome> HeldUpdates::WriteDown(const Update& update,
                                                         const store::HeldUpdate& row) {
  ASSIGN_OR_RETURN(const bool is_held,
                   parts_.database.Write(
                       Call::Background(kDatabase), [&](Transaction& tx) -> absl::StatusOr<bool> {
                         ASSIGN_OR_RETURN(const store::Holding holding, store::Hold(tx, row));
                         if (holding.was_handled) return false;
                         // A guard's card has said it already; what only stays behind has others
                         // before it.
                         const bool first =
                             holding.is_first && row.rounds > 0 && !IsGuard(row.dialog);
                         if (holding.is_new && (row.parked || first)) {
                           RETURN_IF_ERROR(Tell(tx, update, row.parked));
                         }
                         return true;
                       }));
  parts_.delivery.Wake(update.user_id);
  // Else the button that was pressed would look as if nothing came of it.
  if (!update.callback_id.empty()) {
    const absl::Status answered = parts_.telegram.AnswerCallbackQuery(
        Call::Background(kButton), update.callback_id, /*notice=*/"");
    if (!answered.ok())
      observe::Info("button press not acknowledged to Telegram", {{"status", answered}});
  }
  return is_held ? v1::UPDATE_OUTCOME_HELD : v1::UPDATE_OUTCOME_DUPLICATE;
}

absl::Status HeldUpdates::Tell(Transaction& tx, const Update& update, bool parked) const {
  // In groups and channels nothing is said unasked.
  if (OrderingKeyOf(update) <= 0) return absl::OkStatus();
  const int64_t bot_id = parts_.telegram.bot_id();
  ASSIGN_OR_RETURN(const store::Focus focus, store::ReadFocus(tx, bot_id, update.user_id));
  const language::Language language =
      language::LanguageOf(focus.language.empty() ? update.language : focus.language);
  // Not the keys of its answer, which is still to come.
  Outgoing message{.user_id = update.user_id,
                   .key = absl::StrCat(parked ? "parked:" : "held:", update.update_id)};
  message.body = parked ? Html(kReply, std::string(frame::Failure(language)))
                        : Notice(std::string(frame::TakesAWhile(language)));
  store::Enqueue(tx, bot_id, message, parts_.clock());
  return absl::OkStatus();
}

bool HeldUpdates::IsGuard(std::string_view dialog) const {
  const std::shared_ptr<const Directory> dialogs = parts_.dialogs.now();
  if (dialogs == nullptr) return false;
  const v1::DialogDescription* const description = dialogs->Find(dialog);
  return description != nullptr && description->has_guard();
}

}  // namespace selfology::telegram_gateway
