#include "services/coaching/coaching_dialog/reactions.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/coaching_dialog/cards.h"
#include "services/coaching/coaching_dialog/goal.h"
#include "services/coaching/coaching_dialog/intent.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

constexpr std::string_view kButtonActions[] = {
    "consent", "start",  "restart", "skip",       "why",      "example", "heavy",
    "rate",    "resume", "finish",  "statements", "language", "delete"};

Reaction Unavailable(const Turn& turn) {
  return Reply(texts::Failure(turn.language,
                              absl::UnavailableError("where the person stands is not known")));
}

// Said once of a message, however often it is changed.
Reaction ToEdit(const Turn& turn) {
  const bool is_answer =
      turn.message_id != 0 && turn.message_id == turn.conversation.answer_message_id;
  Reaction reaction = Reply(turn, is_answer ? Text::kAnswerEdited : Text::kEditsUnseen);
  if (turn.message_id != 0) {
    reaction.mutable_messages(0)->set_key(absl::StrCat("edited:", turn.message_id));
  }
  return reaction;
}

Reaction IsPaused(const Turn& turn, Text text) {
  std::vector<v1::ButtonRow> rows = {
      Row({{Phrase(turn.language, Text::kButtonResume), "resume:"}})};
  if (text == Text::kIsPaused) rows.push_back(EndQuestionsRow(turn));
  return Reply(std::string(Phrase(turn.language, text)), std::move(rows));
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
      return ToContent(turn, update.content());
    case v1::DialogUpdate::kEditedWords:
      return ToEdit(turn);
    case v1::DialogUpdate::kLeft: {
      Reaction reaction;
      reaction.set_drop_waiting(true);
      return reaction;
    }
    // A thumbs-up says enough.
    case v1::DialogUpdate::kReaction:
    case v1::DialogUpdate::WHAT_NOT_SET:
      break;
  }
  return Reaction();
}

absl::StatusOr<Reaction> Reactions::ToContent(const Turn& turn, const v1::SentContent& content) {
  if (text::Trim(content.caption()).empty()) {
    // Who would not be heard is not asked for words.
    const Goal goal = GoalOf(turn.conversation.state);
    if (goal == Goal::kPausedSession || goal == Goal::kPausedChat) return ToWords(turn, "");
    return Reply(texts::CannotRead(turn.language, content.kind()));
  }
  ASSIGN_OR_RETURN(Reaction reaction, ToWords(turn, content.caption()));
  // Of words that were not taken it is said why.
  const bool taken = reaction.typing() && reaction.messages().empty();
  if (taken) {
    *reaction.add_messages() =
        Html(kind::kReply, texts::OnlyWordsRead(turn.language, content.kind()));
  }
  return reaction;
}

Reaction Reactions::ToCommand(const Turn& turn, const v1::GivenCommand& command) {
  const std::string& name = command.name();
  if (name == "start") return onboarding_.Start(turn, /*restart=*/false, command.argument());
  if (name == "why") return guide_.Explain(turn, Intent::kWhy, "");
  if (name == "example") return guide_.Explain(turn, Intent::kExample, "");
  if (name == "pause") return Pause(turn);
  if (name == "resume") return Resume(turn);
  if (name == "finish") return Finish(turn);
  if (name == "skip") return onboarding_.Skip(turn, "");
  if (name == "language") return account_.SetLanguage(turn, command.argument(), /*in_place=*/false);
  if (name == "delete") return account_.WarnBeforeDelete(turn);
  return Reply(texts::Help(turn.language));
}

absl::StatusOr<Reaction> Reactions::ToWords(const Turn& turn, const std::string& words) {
  switch (GoalOf(turn.conversation.state)) {
    case Goal::kConsent: {
      const std::optional<Intent> intent = IntentAtConsent(words);
      const bool of_account =
          intent == Intent::kEnglish || intent == Intent::kRussian || intent == Intent::kErase;
      return of_account ? ToRequest(turn, *intent) : onboarding_.Greet(turn, words);
    }
    case Goal::kAnswer: {
      const std::optional<Intent> intent = IntentAtQuestion(words);
      return intent.has_value() ? ToRequest(turn, *intent) : Answer(turn, words);
    }
    case Goal::kPausedSession: {
      const std::optional<Intent> intent = IntentInPause(words);
      return intent.has_value() ? ToRequest(turn, *intent) : IsPaused(turn, Text::kIsPaused);
    }
    case Goal::kCoach: {
      const absl::StatusOr<bool> answered = onboarding_.WasAnswer(turn);
      if (!answered.ok()) return Reply(texts::Failure(turn.language, answered.status()));
      if (*answered) return Reaction();
      if (std::optional<Reaction> reaction = ToRequestInTalk(turn, words)) return *reaction;
      return chat_.Say(turn, words);
    }
    case Goal::kPausedChat:
      return ToRequestInTalk(turn, words).value_or(IsPaused(turn, Text::kChatIsPaused));
    case Goal::kUnknown:
      break;
  }
  return Unavailable(turn);
}

Reaction Reactions::ToRequest(const Turn& turn, Intent intent) {
  switch (intent) {
    case Intent::kErase:
      return account_.WarnBeforeDelete(turn);
    case Intent::kEnglish:
      return ChangeLanguage(turn, Language::kEnglish);
    case Intent::kRussian:
      return ChangeLanguage(turn, Language::kRussian);
    default:
      return guide_.ToRequest(turn, intent);
  }
}

std::optional<Reaction> Reactions::ToRequestInTalk(const Turn& turn, const std::string& words) {
  const std::optional<Intent> intent = IntentInTalk(words);
  if (!intent.has_value()) return std::nullopt;
  if (intent == Intent::kErase) return account_.WarnBeforeDelete(turn);
  if (intent == Intent::kTask) return guide_.PassOn(turn);
  const Language language = intent == Intent::kRussian ? Language::kRussian : Language::kEnglish;
  // «Русский» may be what they teach.
  if (language == turn.language) return std::nullopt;
  return account_.SetLanguage(turn, TagOf(language), /*in_place=*/false);
}

Reaction Reactions::ChangeLanguage(const Turn& turn, Language language) {
  Reaction reaction = account_.SetLanguage(turn, TagOf(language), /*in_place=*/false);
  if (reaction.language().empty()) return reaction;
  // What waits is asked again, in the language that they read.
  Turn again = turn;
  again.language = language;
  again.conversation.language = reaction.language();
  reaction.MergeFrom(onboarding_.Start(again, /*restart=*/false));
  return reaction;
}

absl::StatusOr<Reaction> Reactions::Answer(const Turn& turn, const std::string& words) {
  absl::Status out_of_step;
  absl::StatusOr<Reaction> refusal = onboarding_.Answer(turn, words, out_of_step);
  if (out_of_step.ok()) return refusal;
  // What was remembered was old, as after Redis lost something.
  absl::StatusOr<Conversation> owners = conversations_.Get(turn.call, turn.user_id);
  if (!owners.ok()) return refusal;
  Turn again = turn;
  again.conversation = *std::move(owners);
  switch (GoalOf(again.conversation.state)) {
    case Goal::kAnswer:
      if (status::ErrorCodeOf(out_of_step) == mesh::v1::ERROR_CODE_ANSWER_ALREADY_SUBMITTED) {
        return Reply(turn, Text::kAnswerIsThereNextComing);
      }
      return refusal;
    case Goal::kCoach:
      // The session is over, and the words are for the coach.
      return chat_.Say(again, words);
    case Goal::kConsent:
    case Goal::kPausedSession:
    case Goal::kPausedChat:
      return ToWords(again, words);
    case Goal::kUnknown:
      break;
  }
  return refusal;
}

Reaction Reactions::ToButton(const Turn& turn, const v1::PressedButton& button) {
  const std::string& action = button.action();
  const std::string& argument = button.argument();
  if (action == "consent") return onboarding_.Consent(turn, argument);
  if (action == "start") return onboarding_.Start(turn, /*restart=*/false);
  if (action == "restart") return onboarding_.Start(turn, /*restart=*/true);
  if (action == "skip") return onboarding_.Skip(turn, argument);
  if (action == "why") return guide_.Explain(turn, Intent::kWhy, argument);
  if (action == "example") return guide_.Explain(turn, Intent::kExample, argument);
  if (action == "heavy") return guide_.DecideOnHeavy(turn, argument);
  if (action == "rate") return statements_.Rate(turn, argument);
  if (action == "statements") return statements_.Decline(turn);
  if (action == "language") return account_.SetLanguage(turn, argument, /*in_place=*/true);
  if (action == "delete") return account_.Delete(turn, argument == "yes");
  if (action == "resume") return Resume(turn);
  if (action == "finish") return FinishByButton(turn);
  return Stale(turn);
}

Reaction Reactions::Pause(const Turn& turn) {
  switch (GoalOf(turn.conversation.state)) {
    case Goal::kAnswer:
    case Goal::kPausedSession:
      return onboarding_.Pause(turn);
    case Goal::kCoach:
    case Goal::kPausedChat:
      return chat_.Pause(turn);
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
    case Goal::kCoach: {
      Reaction reaction = Reply(turn, Text::kNothingToResume);
      reaction.set_remove_buttons(true);
      return reaction;
    }
    case Goal::kUnknown:
      break;
  }
  return Unavailable(turn);
}

Reaction Reactions::FinishByButton(const Turn& turn) {
  const Goal goal = GoalOf(turn.conversation.state);
  // It was about the questions, which may be over.
  if (goal != Goal::kAnswer && goal != Goal::kPausedSession) return Stale(turn);
  Reaction reaction = onboarding_.Finish(turn, /*with_few_answers=*/true);
  reaction.set_remove_buttons(true);
  return reaction;
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
