#include "services/edge/telegram_gateway/routing/update_handler.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/language/language.h"
#include "common/language/tag.h"
#include "common/observe/log.h"
#include "common/resilience/retry.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/held_store.h"
#include "services/edge/telegram_gateway/routing/frame_texts.h"
#include "services/edge/telegram_gateway/routing/setback.h"

namespace selfology::telegram_gateway {
namespace {

using language::LanguageOf;
using postgres::Transaction;

// For what must be written down even when the update's own time is over.
constexpr absl::Duration kCommit = absl::Seconds(5);
constexpr absl::Duration kButton = absl::Seconds(3);
// A person may answer a message before Telegram has told us that it was sent.
constexpr absl::Duration kBeingSent = absl::Seconds(1);
constexpr absl::Duration kLookAgain = absl::Milliseconds(20);
// Telegram's dates are rounded down.
constexpr absl::Duration kDateStep = absl::Seconds(1);
// A process that is being replaced is back soon.
constexpr int kAttempts = 3;
constexpr int kGuardAttempts = 100;
constexpr resilience::Backoff kBackoff = {.first = absl::Milliseconds(100),
                                          .max = absl::Seconds(1)};

}  // namespace

UpdateHandler::UpdateHandler(Parts parts)
    : parts_(std::move(parts)), limiter_(&parts_.redis, {.metrics = &parts_.metrics}) {}

absl::StatusOr<v1::UpdateOutcome> UpdateHandler::Handle(const Call& call, const Update& update,
                                                        const Act& act, Attempt attempt) {
  ASSIGN_OR_RETURN(std::shared_ptr<const Directory> dialogs, parts_.dialogs.Await(call));
  ASSIGN_OR_RETURN(store::Situation situation, Look(call, update));
  if (situation.handled) return v1::UPDATE_OUTCOME_DUPLICATE;
  // Telegram brought it once more.
  if (situation.held && attempt != Attempt::kHeld) return v1::UPDATE_OUTCOME_HELD;
  observe::TraceContext trace;
  {
    absl::MutexLock lock(&mutex_);
    trace = call.trace().Child(random_);
  }
  const observe::ScopedTrace scope(trace);
  std::string language =
      situation.focus.language.empty() ? update.language : situation.focus.language;
  Turn turn{.call = Call(call.deadline(), trace, [call] { return call.Cancelled(); }),
            .update = update,
            .act = act,
            .attempt = attempt,
            .dialogs = std::move(dialogs),
            .situation = std::move(situation),
            .language = std::move(language),
            .reactions = Reactions::ToUpdate(update.user_id, update.update_id, trace.Format())};

  // What was let through once is not refused later for coming again.
  if (attempt == Attempt::kFirst) {
    const auto decision = limiter_.Allow(turn.call, absl::StrCat(update.user_id));
    if (!decision.allowed) return Refuse(turn, decision.retry_after);
  }

  const bool is_behind = attempt != Attempt::kHeld && turn.situation.first_held != 0;
  bool taken = false;
  if (HasWords(act) && !(is_behind && AwaitsGuard(turn))) {
    ASSIGN_OR_RETURN(taken, AskGuards(turn));
  }
  if (is_behind && !taken) return v1::UPDATE_OUTCOME_HELD;
  if (!taken) {
    const Route route =
        RouteOf(act, *turn.dialogs, turn.dialogs->Listening(turn.situation.focus.dialog));
    if (const auto* ask = std::get_if<AskDialog>(&route)) RETURN_IF_ERROR(Follow(turn, *ask));
    if (const auto* say = std::get_if<Say>(&route)) Follow(turn, *say);
    if (std::holds_alternative<Drop>(route)) turn.reactions.DropWaiting();
  }
  if (const auto* press = std::get_if<Press>(&act)) AnswerButton(turn, *press);
  turn.reactions.LeaveOutLanguage(turn.situation.focus.language, update.language);
  ASSIGN_OR_RETURN(const bool first, Commit(turn, v1::UPDATE_OUTCOME_HANDLED));
  if (!first) return v1::UPDATE_OUTCOME_DUPLICATE;
  parts_.delivery.Wake(update.user_id);
  if (turn.reactions.typing()) parts_.typing.Begin(update.user_id);
  return v1::UPDATE_OUTCOME_HANDLED;
}

absl::StatusOr<store::Situation> UpdateHandler::Look(const Call& call, const Update& update) {
  // What was pressed or edited says nothing of what the person had seen.
  const int64_t shown_before = update.kind == UpdateKind::kMessage ? update.message_id : 0;
  const absl::Time shown_until = std::min(update.sent_at + kDateStep, parts_.clock());
  const absl::Time give_up = absl::Now() + kBeingSent;
  while (true) {
    ASSIGN_OR_RETURN(store::Situation situation,
                     parts_.database.Read(call,
                                          [&](Transaction& tx) {
                                            return store::ReadSituation(
                                                tx, parts_.telegram.bot_id(), update.update_id,
                                                update.user_id, shown_before, shown_until);
                                          },
                                          {.newest = true}));
    const bool known = shown_before == 0 || !situation.marks_may_change;
    if (situation.handled || known || absl::Now() >= give_up ||
        !resilience::WaitUnlessCancelled(call, kLookAgain)) {
      return situation;
    }
  }
}

absl::StatusOr<v1::UpdateOutcome> UpdateHandler::Refuse(Turn& turn, absl::Duration wait) {
  const int64_t user_id = turn.update.user_id;
  const auto told = parts_.redis.Command(
      turn.call, {"SET", absl::StrCat("rate_limit:told:", user_id), 1, "NX", "PX",
                  std::max<int64_t>(1, absl::ToInt64Milliseconds(wait))});
  if (told.ok() && !told->is_nil()) {
    turn.reactions.Say(Notice(frame::TooFast(LanguageOf(turn.language), wait)));
  }
  ASSIGN_OR_RETURN(const bool first, Commit(turn, v1::UPDATE_OUTCOME_RATE_LIMITED));
  if (!first) return v1::UPDATE_OUTCOME_DUPLICATE;
  parts_.delivery.Wake(user_id);
  return v1::UPDATE_OUTCOME_RATE_LIMITED;
}

absl::StatusOr<bool> UpdateHandler::AskGuards(Turn& turn) {
  const v1::DialogUpdate told = ToldOf(turn.act);
  for (const std::string& guard : turn.dialogs->guards()) {
    absl::StatusOr<v1::ReactResponse> response =
        React(turn, guard, told, parts_.patience.guard, kGuardAttempts);
    if (!response.ok()) {
      observe::Error("guard does not answer; words are held",
                     {{"dialog", guard}, {"status", response.status()}});
      RETURN_IF_ERROR(ShowCard(turn, *turn.dialogs->Find(guard)));
      return Blame(absl::UnavailableError("a guard does not answer"), guard);
    }
    turn.reactions.Add(guard, std::move(*response->mutable_reaction()), *turn.dialogs);
    if (response->taken()) return true;
  }
  return false;
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
  RETURN_IF_ERROR(parts_.database.Write(Call::Background(kCommit, turn.call.trace()),
                                        [&](Transaction& tx) -> absl::Status {
                                          store::Enqueue(tx, card, parts_.clock());
                                          return absl::OkStatus();
                                        }));
  parts_.delivery.Wake(user_id);
  return absl::OkStatus();
}

absl::Status UpdateHandler::Follow(Turn& turn, const AskDialog& ask) {
  absl::StatusOr<v1::ReactResponse> response =
      React(turn, ask.dialog, ask.update, parts_.patience.react, kAttempts);
  if (!response.ok()) return Blame(response.status(), ask.dialog);
  if (ask.chosen && turn.dialogs->HasChoice()) turn.reactions.Choose(ask.dialog);
  turn.reactions.Add(ask.dialog, std::move(*response->mutable_reaction()), *turn.dialogs);
  // The choice has been made.
  if (ask.chosen) turn.reactions.remove_buttons = true;
  return absl::OkStatus();
}

void UpdateHandler::Follow(Turn& turn, const Say& say) {
  const language::Language language = LanguageOf(turn.language);
  switch (say.what) {
    case Say::What::kMenu: {
      std::vector<Choice> choices;
      for (const std::string& dialog : turn.dialogs->talking()) {
        choices.push_back(
            {.label = std::string(TextFor(turn.dialogs->Find(dialog)->titles(), turn.language)),
             .data = absl::StrCat(kOpen, ":", dialog)});
      }
      return turn.reactions.Say(
          Html(kReply, std::string(frame::WhomToTalkWith(language)), choices));
    }
    case Say::What::kHelp:
      return turn.reactions.Say(Html(kReply, frame::Help(turn.language, *turn.dialogs)));
    case Say::What::kUnknownCommand:
      return turn.reactions.Say(Html(kReply, frame::UnknownCommand(language, say.nearest)));
    case Say::What::kNothingToCancel:
      return turn.reactions.Say(Html(kReply, std::string(frame::NothingToCancel(language))));
    case Say::What::kNothingToSet:
      return turn.reactions.Say(Html(kReply, std::string(frame::NothingToSet(language))));
    case Say::What::kStaleButton:
      turn.reactions.remove_buttons = true;
      turn.reactions.notice = std::string(frame::StaleButton(language));
      return;
  }
}

absl::StatusOr<v1::ReactResponse> UpdateHandler::React(const Turn& turn, const std::string& dialog,
                                                       const v1::DialogUpdate& told,
                                                       absl::Duration patience, int attempts) {
  v1::ReactRequest request;
  request.set_dialog(dialog);
  request.set_user_id(turn.update.user_id);
  request.set_update_key(absl::StrCat("tg:", turn.update.update_id));
  request.set_update_number(turn.update.update_id);
  *request.mutable_update() = told;
  if (turn.update.language.size() <= language::kLongestTag) {
    request.set_language(turn.update.language);
  }
  if (const auto mark = turn.situation.marks.find(dialog); mark != turn.situation.marks.end()) {
    request.set_shown_mark(mark->second);
  }
  const Call call = turn.call.WithTimeout(patience);
  return resilience::Retry(call, {.attempts = attempts, .backoff = kBackoff},
                           [&] { return parts_.dialogs.client(dialog).React(call, request); });
}

void UpdateHandler::AnswerButton(Turn& turn, const Press& press) {
  const Call call = Call::Background(kButton, turn.call.trace());
  const int64_t user_id = turn.update.user_id;
  Reactions& reactions = turn.reactions;
  const absl::Status answered =
      parts_.telegram.AnswerCallbackQuery(call, press.callback_id, reactions.notice);
  if (!answered.ok()) observe::Info("callback query not answered", {{"status", answered}});
  if (!reactions.replacement.empty()) {
    const absl::Status edited =
        parts_.telegram.EditMessageText(call, user_id, press.message_id, reactions.replacement);
    // It has to be said somewhere.
    if (!edited.ok()) reactions.Say(Html(kReply, reactions.replacement));
  } else if (reactions.remove_buttons) {
    const absl::Status removed = parts_.telegram.RemoveButtons(call, user_id, press.message_id);
    if (!removed.ok()) observe::Info("buttons not removed", {{"status", removed}});
  }
}

absl::StatusOr<bool> UpdateHandler::Commit(const Turn& turn, v1::UpdateOutcome outcome) {
  const Call call = Call::Background(kCommit, turn.call.trace());
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<bool> {
    const absl::Time now = parts_.clock();
    const int64_t bot_id = parts_.telegram.bot_id();
    const int64_t update_id = turn.update.update_id;
    // First of all, as whoever discards one does.
    if (turn.attempt == Attempt::kHeld) {
      store::RemoveHeld(tx, bot_id, update_id, turn.update.user_id);
    }
    ASSIGN_OR_RETURN(const bool first, store::MarkHandled(tx, bot_id, update_id, outcome, now));
    if (first) turn.reactions.Write(tx, now);
    return first;
  });
}

}  // namespace selfology::telegram_gateway
