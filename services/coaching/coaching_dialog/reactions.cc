#include "services/coaching/coaching_dialog/reactions.h"

#include "absl/status/status.h"
#include "services/coaching/coaching_dialog/goal.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

constexpr std::string_view kButtonActions[] = {"consent", "start",    "restart", "skip",
                                               "resume",  "language", "delete"};

Reaction Unavailable(const Turn& turn) {
  return Reply(texts::Failure(turn.language,
                              absl::UnavailableError("where the person stands is not known")));
}

}  // namespace

absl::Span<const std::string_view> ButtonActions() { return kButtonActions; }

bool AsksToBegin(const v1::DialogUpdate& update) {
  if (update.has_command()) return update.command().name() == "start";
  return update.has_button() &&
         (update.button().action() == "start" || update.button().action() == "restart");
}

absl::StatusOr<Reaction> Reactions::To(const Turn& turn, const v1::DialogUpdate& update) {
  switch (update.what_case()) {
    case v1::DialogUpdate::kCommand:
      return ToCommand(turn, update.command());
    case v1::DialogUpdate::kWords:
      return ToWords(turn, update.words());
    case v1::DialogUpdate::kButton:
      return ToButton(turn, update.button());
    case v1::DialogUpdate::kContent:
      return Reply(texts::CannotRead(turn.language, update.content().kind()));
    case v1::DialogUpdate::kEditedWords:
      return Reply(turn, Text::kEditsUnseen);
    case v1::DialogUpdate::kLeft: {
      Reaction reaction;
      reaction.set_drop_waiting(true);
      return reaction;
    }
    case v1::DialogUpdate::WHAT_NOT_SET:
      break;
  }
  return Reaction();
}

Reaction Reactions::ToCommand(const Turn& turn, const v1::GivenCommand& command) {
  const std::string& name = command.name();
  if (name == "start") return onboarding_.Start(turn, /*restart=*/false);
  if (name == "pause") return Pause(turn);
  if (name == "resume") return Resume(turn);
  if (name == "finish") return Finish(turn);
  if (name == "skip") return onboarding_.Skip(turn, "");
  if (name == "profile") return account_.Profile(turn);
  if (name == "language") return account_.SetLanguage(turn, command.argument(), /*in_place=*/false);
  if (name == "delete") return account_.WarnBeforeDelete(turn);
  return Reply(texts::Help(turn.language));
}

absl::StatusOr<Reaction> Reactions::ToWords(const Turn& turn, const std::string& words) {
  switch (GoalOf(turn.conversation.state)) {
    case Goal::kConsent:
      return onboarding_.Greet(turn);
    case Goal::kAnswer:
      return Answer(turn, words);
    case Goal::kPausedSession:
      return Reply(turn, Text::kIsPaused);
    case Goal::kCoach: {
      const absl::StatusOr<bool> answered = onboarding_.WasAnswer(turn);
      if (!answered.ok()) return Reply(texts::Failure(turn.language, answered.status()));
      if (*answered) return Reaction();
      return chat_.Say(turn, words);
    }
    case Goal::kPausedChat:
      return Reply(turn, Text::kChatIsPaused);
    case Goal::kUnknown:
      break;
  }
  return Unavailable(turn);
}

absl::StatusOr<Reaction> Reactions::Answer(const Turn& turn, const std::string& words) {
  bool elsewhere = false;
  absl::StatusOr<Reaction> refusal = onboarding_.Answer(turn, words, elsewhere);
  if (!elsewhere) return refusal;
  // What was remembered was old, as after Redis lost something: the session is over, and the words
  // are for the coach.
  absl::StatusOr<Conversation> owners = conversations_.Get(turn.call, turn.user_id);
  if (!owners.ok() || GoalOf(owners->state) != Goal::kCoach) return refusal;
  Turn again = turn;
  again.conversation = *std::move(owners);
  return chat_.Say(again, words);
}

Reaction Reactions::ToButton(const Turn& turn, const v1::PressedButton& button) {
  const std::string& action = button.action();
  const std::string& argument = button.argument();
  if (action == "consent") return onboarding_.Consent(turn, argument);
  if (action == "start") return onboarding_.Start(turn, /*restart=*/false);
  if (action == "restart") return onboarding_.Start(turn, /*restart=*/true);
  if (action == "skip") return onboarding_.Skip(turn, argument);
  if (action == "language") return account_.SetLanguage(turn, argument, /*in_place=*/true);
  if (action == "delete") return account_.Delete(turn, argument == "yes");
  if (action == "resume") {
    Reaction reaction = Resume(turn);
    reaction.set_remove_buttons(true);
    return reaction;
  }
  return Stale(turn);
}

Reaction Reactions::Pause(const Turn& turn) {
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

Reaction Reactions::Resume(const Turn& turn) {
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

Reaction Reactions::Finish(const Turn& turn) {
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

}  // namespace selfology::coaching_dialog
