#include "services/edge/telegram_gateway/routing/update_handler.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/language/language.h"
#include "common/language/tag.h"
#include "common/observe/log.h"
#include "common/observe/span.h"
#include "common/resilience/retry.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/routing/attempt_budget.h"
#include "services/edge/telegram_gateway/routing/context.h"
#include "services/edge/telegram_gateway/routing/dialog_gate.h"
#include "services/edge/telegram_gateway/routing/failure_policy.h"
#include "services/edge/telegram_gateway/routing/frame_texts.h"

namespace selfology::telegram_gateway {
namespace {

using language::LanguageOf;
using postgres::Transaction;

constexpr absl::Duration kButton = absl::Seconds(budget::kButtonSeconds);
// A person may answer a message before Telegram has told us that it was sent.
constexpr absl::Duration kBeingSent = absl::Seconds(1);
constexpr absl::Duration kLookAgain = absl::Milliseconds(20);
// Telegram's dates are rounded down.
constexpr absl::Duration kDateStep = absl::Seconds(1);
// A process that is being replaced is back soon.
constexpr int kAttempts = 3;
constexpr resilience::Backoff kBackoff = {.first = absl::Milliseconds(100),
                                          .max = absl::Seconds(1)};

// Whether it is for whoever listens: everything but commands and buttons, which have owners.
bool IsForTheListener(const Act& act) {
  return !std::holds_alternative<Command>(act) && !std::holds_alternative<Press>(act);
}

// Whether a question of another dialog waits.
bool AnotherAsks(const store::Situation& situation, const Directory& dialogs,
                 std::string_view dialog) {
  return std::any_of(
      situation.hearing.asking.begin(), situation.hearing.asking.end(),
      [&](const std::string& asking) { return asking != dialog && dialogs.CanTalk(asking); });
}

// Whom it is for, as the tables have it; a borrower gets no commands.
std::string_view HearerOf(const store::Situation& situation, const Act& act,
                          const Directory& dialogs) {
  const std::string& borrower = situation.hearing.borrower;
  const bool is_lent = IsForTheListener(act) && dialogs.CanTalk(borrower) &&
                       !AnotherAsks(situation, dialogs, borrower);
  return is_lent ? borrower : situation.focus.dialog;
}

}  // namespace

std::string UpdateHandler::KeyOf(const Update& update) {
  return update.gathered.size() > 1 ? absl::StrCat(update.update_id, ":all")
                                    : absl::StrCat(update.update_id);
}

UpdateHandler::UpdateHandler(Parts parts)
    : parts_(std::move(parts)),
      limits_(parts_.redis, parts_.metrics, parts_.telegram.bot_id()),
      groups_(parts_.database, parts_.telegram, parts_.delivery, parts_.clock),
      channels_(parts_.database, parts_.telegram, parts_.media, parts_.dialogs, parts_.clock,
                parts_.patience.react, parts_.update_keys) {}

absl::StatusOr<Handled> UpdateHandler::Handle(const Call& call, const Update& update,
                                              const Act& act, Attempt attempt) {
  if (std::holds_alternative<InGroup>(act)) {
    return groups_.Handle(call, update, attempt == Attempt::kHeld);
  }
  if (const auto* channel = std::get_if<InChannel>(&act)) {
    return channels_.Handle(call, update, channel->kind, attempt == Attempt::kHeld);
  }
  const absl::Time start = absl::Now();
  observe::Span span;
  {
    absl::MutexLock lock(&mutex_);
    span = observe::Span::Enter(parts_.tracer, observe::SpanKind::kInternal, call.trace(), start,
                                random_);
  }
  absl::StatusOr<Handled> handled =
      HandlePersons(call.WithTrace(span.trace()), update, act, attempt);
  span.End(handled.status().code(), absl::Now(), [&](observe::FinishedSpan& finished) {
    finished.name = "telegram update";
    if (handled.ok()) {
      finished.Add("telegram.outcome", v1::UpdateOutcome_Name(handled->outcome));
    }
  });
  return handled;
}

absl::StatusOr<Handled> UpdateHandler::HandlePersons(const Call& call, const Update& update,
                                                     const Act& act, Attempt attempt) {
  ASSIGN_OR_RETURN(std::shared_ptr<const Directory> dialogs, parts_.dialogs.Await(call));
  ASSIGN_OR_RETURN(store::Situation situation, Look(call, update));
  if (situation.handled) return v1::UPDATE_OUTCOME_DUPLICATE;
  // Telegram brought it once more.
  if (situation.held && attempt != Attempt::kHeld) return v1::UPDATE_OUTCOME_HELD;
  const observe::TraceContext& trace = call.trace();
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
            .reactions = Reactions::ToUpdate(update.user_id, KeyOf(update), trace.Format())};

  // What was let through once is not refused later for coming again.
  std::optional<absl::Duration> too_fast;
  if (attempt == Attempt::kFirst) too_fast = limits_.Wait(turn.call, update.user_id, act);

  // Before anybody is told of them, who may want to read them at once.
  if (!too_fast.has_value()) {
    ASSIGN_OR_RETURN(turn.media, parts_.media.Remember(turn.call, parts_.telegram.bot_id(),
                                                       update.user_id, update.files));
  }

  const bool is_behind = attempt != Attempt::kHeld && turn.situation.first_held != 0;
  // One by one they have seen what was gathered, see gathering.h.
  const bool is_for_guards = HasWords(act) && update.gathered.size() != 1;
  const bool guards_wait = is_for_guards && is_behind && AwaitsGuard(turn);
  bool taken = false;
  if (is_for_guards && !guards_wait) {
    const absl::StatusOr<bool> asked = AskGuards(turn);
    // Who writes without end is not kept waiting for a guard without end.
    if (!asked.ok() && !too_fast.has_value()) return asked.status();
    taken = asked.ok() && *asked;
    if (!taken) RETURN_IF_ERROR(SayAtOnce(turn));
  }
  if (!taken && too_fast.has_value()) return Refuse(turn, *too_fast);
  const Route route = RouteOf(act, *turn.dialogs,
                              turn.dialogs->Listening(HearerOf(turn.situation, act, *turn.dialogs)),
                              turn.situation.about.dialog);
  if (!taken && attempt != Attempt::kHeld) {
    const auto* const ask = std::get_if<AskDialog>(&route);
    const std::optional<GatherRequest> request =
        GatherRequestOf(update, act, ask == nullptr ? nullptr : turn.dialogs->Find(ask->dialog));
    if (request.has_value() && !guards_wait) return Gather(turn, *request);
    if (turn.situation.gathers) {
      Handled after(v1::UPDATE_OUTCOME_HELD);
      after.ended_gathering = after.comes_after = true;
      return after;
    }
  }
  if (is_behind && !taken) return v1::UPDATE_OUTCOME_HELD;
  bool awaits_choice = false;
  if (!taken) {
    if (const auto* ask = std::get_if<AskDialog>(&route)) RETURN_IF_ERROR(Follow(turn, *ask));
    if (const auto* say = std::get_if<Say>(&route)) {
      Follow(turn, *say);
      awaits_choice = say->what == Say::What::kMenu && IsForTheListener(act);
    }
    if (std::holds_alternative<Part>(route)) RETURN_IF_ERROR(TellOfParting(turn));
  }
  // Held, it was answered when it was written down: Telegram shows no second notice.
  if (attempt == Attempt::kHeld) turn.reactions.SayNotice();
  turn.reactions.LeaveOutLanguage(turn.situation.focus.language, update.language);
  if (turn.situation.hearing.borrower.empty()) {
    turn.reactions.LeaveOutFocus(turn.situation.focus.dialog);
  }
  if (awaits_choice) return AwaitChoice(turn);
  ASSIGN_OR_RETURN(const bool first, Commit(turn, v1::UPDATE_OUTCOME_HANDLED));
  if (!first) return v1::UPDATE_OUTCOME_DUPLICATE;
  const auto* const press = std::get_if<Press>(&act);
  if (press != nullptr || turn.reactions.changes_chat()) {
    parts_.delivery.message_changes().Wake(update.user_id);
  }
  parts_.delivery.Wake(update.user_id);
  if (turn.reactions.typing()) parts_.typing.Begin(update.user_id);
  if (press != nullptr) AnswerButton(turn, *press);
  ShowEmoji(turn);
  if (turn.reactions.has_menu() || parts_.menus.IsOutdated(turn.situation.focus, *turn.dialogs)) {
    parts_.menus.Show(update.user_id);
  }
  return v1::UPDATE_OUTCOME_HANDLED;
}

absl::StatusOr<store::Situation> UpdateHandler::Look(const Call& call, const Update& update) {
  // What was pressed or edited says nothing of what the person had seen.
  const bool is_gathered = !update.gathered.empty();
  const int64_t message_id = is_gathered ? update.first_message_id : update.message_id;
  const absl::Time sent_at = is_gathered ? update.first_sent_at : update.sent_at;
  const int64_t shown_before = update.kind == UpdateKind::kMessage ? message_id : 0;
  const absl::Time shown_until = std::min(sent_at + kDateStep, parts_.clock());
  const absl::Time give_up = absl::Now() + kBeingSent;
  while (true) {
    ASSIGN_OR_RETURN(store::Situation situation,
                     parts_.database.Read(call,
                                          [&](Transaction& tx) {
                                            return store::ReadSituation(
                                                tx, parts_.telegram.bot_id(), update.update_id,
                                                update.user_id, shown_before, shown_until,
                                                parts_.clock(), MessageReferredTo(update));
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
  if (const auto* press = std::get_if<Press>(&turn.act)) {
    // It stays where it is, for later.
    const absl::Status answered = parts_.telegram.AnswerCallbackQuery(
        Call::Background(kButton, turn.call.trace()), press->callback_id, /*notice=*/"");
    if (!answered.ok())
      observe::Info("button press not acknowledged to Telegram", {{"status", answered}});
  }
  const auto told = parts_.redis.Command(
      turn.call, {"SET", absl::StrCat("rate_limit:told:", parts_.telegram.bot_id(), ":", user_id),
                  1, "NX", "PX", std::max<int64_t>(1, absl::ToInt64Milliseconds(wait))});
  if (told.ok() && !told->is_nil()) {
    turn.reactions.Say(Notice(frame::TooFast(LanguageOf(turn.language), wait)));
  }
  ASSIGN_OR_RETURN(const bool first, Commit(turn, v1::UPDATE_OUTCOME_RATE_LIMITED));
  if (!first) return v1::UPDATE_OUTCOME_DUPLICATE;
  parts_.delivery.Wake(user_id);
  return v1::UPDATE_OUTCOME_RATE_LIMITED;
}

absl::StatusOr<bool> UpdateHandler::Offer(Turn& turn, const AskDialog& ask,
                                          const std::string& dialog) {
  absl::StatusOr<v1::ReactResponse> response =
      React(turn, dialog, ask.update, parts_.patience.react, kAttempts, /*passed_on=*/true);
  // Nobody else is asked before it is known: it may have taken them.
  if (!response.ok()) return Blame(response.status(), dialog);
  if (response->reaction().passed_on()) return false;
  turn.reactions.Add(dialog, std::move(*response->mutable_reaction()), *turn.dialogs);
  return true;
}

absl::Status UpdateHandler::Follow(Turn& turn, const AskDialog& ask) {
  const std::string& borrower = turn.situation.hearing.borrower;
  const bool is_about_nothing =
      std::holds_alternative<Words>(turn.act) && turn.situation.about.dialog.empty();
  const bool would_borrow = is_about_nothing && borrower != ask.dialog &&
                            turn.dialogs->CanTalk(borrower) &&
                            turn.dialogs->TakesPassedOn(borrower);
  if (would_borrow) {
    ASSIGN_OR_RETURN(const bool taken, Offer(turn, ask, borrower));
    if (taken) return absl::OkStatus();
  }
  absl::StatusOr<v1::ReactResponse> response =
      React(turn, ask.dialog, ask.update, parts_.patience.react, kAttempts);
  if (!response.ok()) return Blame(response.status(), ask.dialog);
  if (response->reaction().passed_on()) {
    for (const std::string& dialog : turn.dialogs->talking()) {
      const bool was_asked = dialog == ask.dialog || (would_borrow && dialog == borrower);
      if (was_asked || !turn.dialogs->TakesPassedOn(dialog)) continue;
      ASSIGN_OR_RETURN(const bool taken, Offer(turn, ask, dialog));
      if (taken) return absl::OkStatus();
    }
  }
  if (ask.chosen && turn.dialogs->HasChoice()) turn.reactions.Choose(ask.dialog);
  turn.reactions.Add(ask.dialog, std::move(*response->mutable_reaction()), *turn.dialogs);
  // The choice has been made.
  if (ask.chosen) turn.reactions.remove_buttons = true;
  return absl::OkStatus();
}

absl::Status UpdateHandler::TellOfParting(Turn& turn) {
  const v1::DialogUpdate told = ToldOf(turn.act);
  for (const std::string& dialog : turn.dialogs->talking()) {
    const absl::Status answered =
        React(turn, dialog, told, parts_.patience.react, kAttempts).status();
    // What it answers would reach nobody, and nobody is to wait for it: they may be back at once.
    if (!answered.ok()) {
      observe::Info("dialog not notified of a user who left",
                    {{"dialog", dialog}, {"status", answered}});
    }
  }
  turn.reactions.DropWaiting();
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
      const bool kept = IsForTheListener(turn.act);
      // Its answer, which is still to come, will have the usual keys.
      return turn.reactions.Say(Html(kReply, frame::WhomToTalkWith(language, kept), choices),
                                absl::StrCat("menu:", turn.update.update_id));
    }
    case Say::What::kHelp: {
      std::vector<Choice> choices;
      if (turn.dialogs->HasChoice()) {
        choices.push_back({.label = std::string(frame::SomethingElse(language)),
                           .data = absl::StrCat(kOpen, ":")});
      }
      v1::DialogMessage help = Html(kReply, frame::Help(turn.language, *turn.dialogs), choices);
      help.set_keep_buttons(true);
      return turn.reactions.Say(std::move(help));
    }
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
                                                       absl::Duration patience, int attempts,
                                                       bool passed_on) {
  v1::ReactRequest request;
  request.set_dialog(dialog);
  request.set_passed_on(passed_on);
  request.set_user_id(turn.situation.person_id);
  // What was gathered comes to guards a second time, as a whole.
  const bool is_whole = turn.update.gathered.size() > 1 && turn.dialogs->IsGuard(dialog);
  request.set_update_key(absl::StrCat(
      parts_.update_keys, is_whole ? KeyOf(turn.update) : absl::StrCat(turn.update.update_id)));
  request.set_update_number(turn.update.update_id);
  *request.mutable_update() = told;
  if (told.has_content()) {
    v1::SentContent& content = *request.mutable_update()->mutable_content();
    content.mutable_media()->Assign(turn.media.begin(), turn.media.end());
  }
  AddContext(turn.update, turn.situation.about, dialog, *request.mutable_update());
  if (turn.update.language.size() <= language::kLongestTag) {
    request.set_language(turn.update.language);
  }
  if (const auto mark = turn.situation.marks.find(dialog); mark != turn.situation.marks.end()) {
    request.set_shown_mark(mark->second);
  }
  request.set_other_question_waits(AnotherAsks(turn.situation, *turn.dialogs, dialog));
  // Who tries held updates sees to it that they are few.
  ASSIGN_OR_RETURN(
      DialogGate::Permit permit,
      parts_.dialogs.gate(dialog).Enter(turn.attempt == Attempt::kHeld ? DialogGate::Limit::kNone
                                                                       : DialogGate::Limit::kMost));
  const bool has_its_time = turn.call.Remaining() >= patience;
  const Call call = turn.call.WithTimeout(patience);
  absl::StatusOr<v1::ReactResponse> response =
      resilience::Retry(call, {.attempts = attempts, .backoff = kBackoff},
                        [&] { return parts_.dialogs.client(dialog).React(call, request); });
  std::move(permit).Finish(response.status(), has_its_time);
  if (!response.ok() && has_its_time) return WithItsTime(response.status());
  return response;
}

void UpdateHandler::AnswerButton(const Turn& turn, const Press& press) {
  const absl::Status answered = parts_.telegram.AnswerCallbackQuery(
      Call::Background(kButton, turn.call.trace()), press.callback_id, turn.reactions.notice);
  if (!answered.ok())
    observe::Info("button press not acknowledged to Telegram", {{"status", answered}});
}

void UpdateHandler::ShowEmoji(const Turn& turn) {
  const Update& update = turn.update;
  const bool is_theirs =
      update.kind == UpdateKind::kMessage || update.kind == UpdateKind::kEditedMessage;
  if (turn.reactions.emoji().empty() || !is_theirs || update.message_id == 0) return;
  const absl::Status shown =
      parts_.telegram.SetMessageReaction(Call::Background(kButton, turn.call.trace()),
                                         update.user_id, update.message_id, turn.reactions.emoji());
  if (!shown.ok()) observe::Info("emoji reaction not sent", {{"status", shown}});
}

}  // namespace selfology::telegram_gateway
