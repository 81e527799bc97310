#include "services/edge/telegram_gateway/update_handler.h"

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/texts.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;

// For what must be written down even when the update's own time is over.
constexpr absl::Duration kCommit = absl::Seconds(5);
constexpr absl::Duration kButton = absl::Seconds(3);

const Press* PressIn(const Intent& intent) { return std::get_if<Press>(&intent); }

// Whether this may begin another journey: /start, or the button for another session.
bool AsksToBegin(const Intent& intent) {
  if (const auto* command = std::get_if<Command>(&intent))
    return command->name == CommandName::kStart;
  const Press* const press = PressIn(intent);
  return press != nullptr && (press->action == "start" || press->action == "restart");
}

Reaction Unavailable(const Turn& turn) {
  return Reply(texts::Failure(turn.language,
                              absl::UnavailableError("where the person stands is not known")));
}

}  // namespace

UpdateHandler::UpdateHandler(Parts parts)
    : parts_(std::move(parts)),
      onboarding_(parts_.peers, parts_.conversations),
      chat_(parts_.peers, parts_.conversations),
      account_(parts_.peers, parts_.conversations, parts_.erase),
      limiter_(&parts_.redis, {.metrics = &parts_.metrics}) {}

absl::StatusOr<v1::UpdateOutcome> UpdateHandler::Handle(const Call& call, const Update& update,
                                                        const Intent& intent) {
  ASSIGN_OR_RETURN(const bool handled, parts_.database.Read(call,
                                                            [&](Transaction& tx) {
                                                              return store::WasHandled(
                                                                  tx, parts_.telegram.bot_id(),
                                                                  update.update_id);
                                                            },
                                                            {.newest = true}));
  if (handled) return v1::UPDATE_OUTCOME_DUPLICATE;
  const auto decision = limiter_.Allow(call, absl::StrCat(update.user_id));
  if (!decision.allowed) return Refuse(call, update, decision.retry_after);

  const Turn turn = Begin(call, update, intent);
  const observe::ScopedTrace scope(turn.call.trace());
  Reaction reaction = React(turn, intent);
  if (const Press* press = PressIn(intent)) AnswerButton(turn, *press, reaction);
  ASSIGN_OR_RETURN(const bool first,
                   Commit(turn, v1::UPDATE_OUTCOME_HANDLED, reaction, Kind::kReply));
  if (!first) return v1::UPDATE_OUTCOME_DUPLICATE;
  parts_.delivery.Wake(turn.user_id);
  if (reaction.typing) parts_.typing.Begin(turn.user_id);
  return v1::UPDATE_OUTCOME_HANDLED;
}

absl::StatusOr<v1::UpdateOutcome> UpdateHandler::Refuse(const Call& call, const Update& update,
                                                        absl::Duration wait) {
  const Turn turn{.call = call,
                  .update_id = update.update_id,
                  .user_id = update.user_id,
                  .language = LanguageOf(update.language),
                  .conversation = {}};
  Reaction reaction;
  const auto told =
      parts_.redis.Command(call, {"SET", absl::StrCat("rate_limit:told:", update.user_id), 1, "NX",
                                  "PX", std::max<int64_t>(1, absl::ToInt64Milliseconds(wait))});
  if (told.ok() && !told->is_nil()) reaction = Reply(texts::TooFast(turn.language, wait));
  ASSIGN_OR_RETURN(const bool first,
                   Commit(turn, v1::UPDATE_OUTCOME_RATE_LIMITED, reaction, Kind::kNotice));
  if (!first) return v1::UPDATE_OUTCOME_DUPLICATE;
  parts_.delivery.Wake(turn.user_id);
  return v1::UPDATE_OUTCOME_RATE_LIMITED;
}

Turn UpdateHandler::Begin(const Call& call, const Update& update, const Intent& intent) {
  absl::StatusOr<Conversation> known = parts_.conversations.Get(call, update.user_id);
  if (!known.ok()) observe::Warning("conversation state unavailable", {{"status", known.status()}});
  Conversation conversation = known.value_or(Conversation{.user_id = update.user_id});
  if (conversation.language.empty()) conversation.language = update.language;
  const bool new_journey =
      !conversation.trace.valid() || (AsksToBegin(intent) && IsBetweenJourneys(conversation.state));
  observe::TraceContext span;
  {
    absl::MutexLock lock(&mutex_);
    if (new_journey) conversation.trace = observe::NewTrace(random_);
    span = conversation.trace.Child(random_);
  }
  if (known.ok() && *known != conversation) KeepJourney(call, conversation);
  return {.call = Call(call.deadline(), span, [call] { return call.Cancelled(); }),
          .update_id = update.update_id,
          .user_id = update.user_id,
          .language = LanguageOf(conversation.language),
          .conversation = std::move(conversation)};
}

void UpdateHandler::KeepJourney(const Call& call, const Conversation& conversation) {
  parts_.conversations.Change(call, conversation.user_id, [&](Conversation& c) {
    c.trace = conversation.trace;
    c.language = conversation.language;
  });
  const absl::Status kept = parts_.database.Write(call, [&](Transaction& tx) {
    store::SaveTrace(tx, conversation.user_id, conversation.trace.Format(), parts_.clock());
    return absl::OkStatus();
  });
  if (!kept.ok()) observe::Warning("trace not stored", {{"status", kept}});
}

Reaction UpdateHandler::React(const Turn& turn, const Intent& intent) {
  if (const auto* command = std::get_if<Command>(&intent)) return ReactTo(turn, *command);
  if (const auto* words = std::get_if<Words>(&intent)) return ReactTo(turn, *words);
  if (const auto* press = PressIn(intent)) return ReactTo(turn, *press);
  if (const auto* other = std::get_if<NotText>(&intent)) {
    return Reply(texts::CannotRead(turn.language, other->content));
  }
  if (std::holds_alternative<Edited>(intent)) return Reply(turn, Text::kEditsUnseen);
  return {.silence = true};
}

Reaction UpdateHandler::ReactTo(const Turn& turn, const Command& command) {
  switch (command.name) {
    case CommandName::kStart:
      return onboarding_.Start(turn, /*restart=*/false);
    case CommandName::kPause:
      return Pause(turn);
    case CommandName::kResume:
      return Resume(turn);
    case CommandName::kFinish:
      return Finish(turn);
    case CommandName::kSkip:
      return onboarding_.Skip(turn, "");
    case CommandName::kProfile:
      return account_.Profile(turn);
    case CommandName::kLanguage:
      return account_.SetLanguage(turn, command.argument, /*in_place=*/false);
    case CommandName::kHelp:
      return Reply(texts::Help(turn.language));
    case CommandName::kDelete:
      return account_.WarnBeforeDelete(turn);
    case CommandName::kUnknown:
      break;
  }
  return Reply(turn, Text::kUnknownCommand);
}

Reaction UpdateHandler::ReactTo(const Turn& turn, const Words& words) {
  switch (GoalOf(turn.conversation.state)) {
    case Goal::kConsent:
      return onboarding_.Greet(turn);
    case Goal::kAnswer:
      return onboarding_.Answer(turn, words.text);
    case Goal::kPausedSession:
      return Reply(turn, Text::kIsPaused);
    case Goal::kCoach: {
      const absl::StatusOr<bool> answered = onboarding_.WasAnswer(turn);
      if (!answered.ok()) return Reply(texts::Failure(turn.language, answered.status()));
      return *answered ? Reaction{} : chat_.Say(turn, words.text);
    }
    case Goal::kPausedChat:
      return Reply(turn, Text::kChatIsPaused);
    case Goal::kUnknown:
      break;
  }
  return Unavailable(turn);
}

Reaction UpdateHandler::ReactTo(const Turn& turn, const Press& press) {
  if (press.action == "consent") return onboarding_.Consent(turn, press.argument);
  if (press.action == "start") return onboarding_.Start(turn, /*restart=*/false);
  if (press.action == "restart") return onboarding_.Start(turn, /*restart=*/true);
  if (press.action == "skip") return onboarding_.Skip(turn, press.argument);
  if (press.action == "language")
    return account_.SetLanguage(turn, press.argument, /*in_place=*/true);
  if (press.action == "delete") return account_.Delete(turn, press.argument == "yes");
  if (press.action == "resume") {
    Reaction reaction = Resume(turn);
    reaction.remove_buttons = true;
    return reaction;
  }
  return {.remove_buttons = true, .notice = std::string(Phrase(turn.language, Text::kStaleButton))};
}

Reaction UpdateHandler::Pause(const Turn& turn) {
  switch (GoalOf(turn.conversation.state)) {
    case Goal::kAnswer:
    case Goal::kPausedSession:
      return onboarding_.Pause(turn);
    case Goal::kCoach:
      return chat_.Pause(turn);
    case Goal::kPausedChat:
      return Reply(turn, Text::kChatPaused);
    case Goal::kConsent:
      return Reply(turn, Text::kNothingToPause);
    case Goal::kUnknown:
      break;
  }
  return Unavailable(turn);
}

Reaction UpdateHandler::Resume(const Turn& turn) {
  switch (GoalOf(turn.conversation.state)) {
    case Goal::kAnswer:
    case Goal::kPausedSession:
      return onboarding_.Resume(turn);
    case Goal::kPausedChat:
      return chat_.Resume(turn);
    case Goal::kConsent:
    case Goal::kCoach:
      return Reply(turn, Text::kNothingToResume);
    case Goal::kUnknown:
      break;
  }
  return Unavailable(turn);
}

Reaction UpdateHandler::Finish(const Turn& turn) {
  switch (GoalOf(turn.conversation.state)) {
    case Goal::kAnswer:
    case Goal::kPausedSession:
      return onboarding_.Finish(turn);
    case Goal::kCoach:
    case Goal::kPausedChat:
      return chat_.Finish(turn);
    case Goal::kConsent:
      return Reply(turn, Text::kNothingToFinish);
    case Goal::kUnknown:
      break;
  }
  return Unavailable(turn);
}

absl::StatusOr<bool> UpdateHandler::Commit(const Turn& turn, v1::UpdateOutcome outcome,
                                           const Reaction& reaction, Kind kind) {
  const Call call = Call::Background(kCommit, turn.call.trace());
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<bool> {
    const absl::Time now = parts_.clock();
    ASSIGN_OR_RETURN(const bool first, store::MarkHandled(tx, parts_.telegram.bot_id(),
                                                          turn.update_id, outcome, now));
    if (!first) return false;
    for (size_t i = 0; i < reaction.replies.size(); ++i) {
      const Outgoing message{.user_id = turn.user_id,
                             .key = absl::StrCat("update:", turn.update_id, ":", i),
                             .kind = kind,
                             .body = reaction.replies[i],
                             .traceparent = turn.call.trace().Format()};
      RETURN_IF_ERROR(store::Enqueue(tx, message, now, now));
    }
    if (reaction.silence) RETURN_IF_ERROR(store::DropAll(tx, turn.user_id));
    return true;
  });
}

void UpdateHandler::AnswerButton(const Turn& turn, const Press& press, Reaction& reaction) {
  const Call call = Call::Background(kButton, turn.call.trace());
  const absl::Status answered =
      parts_.telegram.AnswerCallbackQuery(call, press.callback_id, reaction.notice);
  if (!answered.ok()) observe::Info("callback query not answered", {{"status", answered}});
  if (!reaction.in_place.empty()) {
    const absl::Status edited =
        parts_.telegram.EditMessageText(call, turn.user_id, press.message_id, reaction.in_place);
    // It has to be said somewhere.
    if (!edited.ok()) reaction.replies.push_back(Html(reaction.in_place));
  } else if (reaction.remove_buttons) {
    const absl::Status removed =
        parts_.telegram.RemoveButtons(call, turn.user_id, press.message_id);
    if (!removed.ok()) observe::Info("buttons not removed", {{"status", removed}});
  }
}

}  // namespace selfology::telegram_gateway
