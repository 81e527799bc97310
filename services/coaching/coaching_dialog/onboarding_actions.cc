#include "services/coaching/coaching_dialog/onboarding_actions.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/text/text.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/coaching_dialog/cards.h"
#include "services/coaching/coaching_dialog/goal.h"
#include "services/coaching/coaching_dialog/guide.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

using session::v1::Onboarding;
using session::v1::Session;

// Reasons that tell: the person is elsewhere than we thought.
constexpr mesh::v1::ErrorCode kOutOfStep[] = {
    mesh::v1::ERROR_CODE_SESSION_NOT_FOUND,   mesh::v1::ERROR_CODE_SESSION_NOT_ACTIVE,
    mesh::v1::ERROR_CODE_NO_QUESTION_PENDING, mesh::v1::ERROR_CODE_QUESTION_NOT_FOUND,
    mesh::v1::ERROR_CODE_CONSENT_REQUIRED,    mesh::v1::ERROR_CODE_ANSWER_ALREADY_SUBMITTED};

bool IsOutOfStep(const absl::Status& failure) {
  const mesh::v1::ErrorCode reason = status::ErrorCodeOf(failure);
  return std::find(std::begin(kOutOfStep), std::end(kOutOfStep), reason) != std::end(kOutOfStep);
}

std::string Label(const Turn& turn, Text text) { return std::string(Phrase(turn.language, text)); }

template <typename Request>
Request RequestOf(const Turn& turn) {
  Request request;
  request.set_user_id(turn.user_id);
  return request;
}

// Its question was skipped, and another is on its way.
bool IsSkipped(const Conversation& conversation) {
  return conversation.state == v1::CONVERSATION_STATE_ONBOARDING_ACTIVE &&
         !conversation.question_id.empty();
}

// An offer to put a heavier question in place of this one is of no use any more.
void SpendHeavyOffer(Reaction& reaction, const Conversation& known, std::string_view question_id) {
  if (known.heavy_offer == guide::HeavyOfferKey(known.session_id, question_id)) {
    Spend(reaction, known.heavy_offer);
  }
}

// "spring_ru", "ru": the languages that we speak.
std::optional<Language> LanguageOfPayload(std::string_view payload) {
  for (const std::string_view part : absl::StrSplit(payload, absl::ByAnyChar("_-"))) {
    for (const Language language : kLanguages) {
      if (part == TagOf(language)) return language;
    }
  }
  return std::nullopt;
}

// Where an onboarding leaves the conversation; `before`: what was known when the owner was asked.
void FollowOnboarding(Conversation& conversation, const Onboarding& onboarding,
                      const Conversation& before) {
  if (!onboarding.language().empty()) conversation.language = onboarding.language();
  NoteEnded(conversation, onboarding.session());
  switch (onboarding.stage()) {
    case session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED:
      conversation.state = v1::CONVERSATION_STATE_GDPR_PENDING;
      break;
    case session::v1::ONBOARDING_STAGE_STARTING:
      // The first question may have been quicker than the answer to our call.
      if (conversation.session_id != before.session_id) break;
      conversation.state = v1::CONVERSATION_STATE_ONBOARDING_ACTIVE;
      conversation.session_id = 0;
      conversation.question_id.clear();
      conversation.answered_question_id.clear();
      break;
    case session::v1::ONBOARDING_STAGE_IN_PROGRESS:
    case session::v1::ONBOARDING_STAGE_PAUSED:
      FollowSession(conversation, onboarding.session());
      break;
    case session::v1::ONBOARDING_STAGE_COMPLETED:
      // The chat may be open or paused, which the onboarding does not know.
      if (GoalOf(conversation.state) != Goal::kCoach &&
          GoalOf(conversation.state) != Goal::kPausedChat) {
        LeaveSession(conversation);
      }
      break;
    default:
      conversation.state = v1::CONVERSATION_STATE_NEW_USER;
      break;
  }
}

}  // namespace

Reaction OnboardingActions::Start(const Turn& from, bool restart, std::string_view payload) {
  Turn turn = from;
  const std::optional<Language> asked_for = LanguageOfPayload(payload);
  if (asked_for.has_value()) turn.language = *asked_for;
  auto request = RequestOf<session::v1::StartOnboardingRequest>(turn);
  request.set_idempotency_key(turn.key);
  request.set_language(std::string(TagOf(turn.language)));
  request.set_restart(restart);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.StartOnboarding(once, request); });
  if (!response.ok()) return Fail(from, response.status());
  // What they have chosen counts for more than where they came from.
  const std::string& chosen = response->onboarding().language();
  if (!chosen.empty()) turn.language = LanguageOf(chosen);
  Reaction reaction = Show(turn, response->onboarding());
  if (turn.language != from.language) {
    const std::string tag(TagOf(turn.language));
    conversations_.Change(turn.call, turn.user_id, [&](Conversation& c) { c.language = tag; });
    reaction.set_language(tag);
  }
  reaction.set_focus(v1::FOCUS_CHANGE_TAKE);
  reaction.set_remove_buttons(true);
  return reaction;
}

Reaction OnboardingActions::ShowOnboarding(const Turn& turn) {
  const absl::StatusOr<Onboarding> onboarding = AskOwner(turn);
  if (!onboarding.ok()) return Fail(turn, onboarding.status());
  return Show(turn, *onboarding);
}

absl::StatusOr<Onboarding> OnboardingActions::AskOwner(const Turn& turn) {
  const auto request = RequestOf<session::v1::GetOnboardingRequest>(turn);
  auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.GetOnboarding(once, request); });
  if (!response.ok()) return response.status();
  return std::move(*response->mutable_onboarding());
}

v1::ConversationState OnboardingActions::Follow(const Turn& turn, const Onboarding& onboarding) {
  v1::ConversationState state = StateOf(onboarding, /*chat_is_open=*/false);
  conversations_.Change(turn.call, turn.user_id, [&](Conversation& c) {
    FollowOnboarding(c, onboarding, turn.conversation);
    state = c.state;
  });
  return state;
}

Reaction OnboardingActions::Show(const Turn& turn, const Onboarding& onboarding) {
  const v1::ConversationState state = Follow(turn, onboarding);
  Reaction reaction;
  switch (onboarding.stage()) {
    case session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED:
      reaction = ShowCard(conversations_, turn,
                          ConsentCard(turn, onboarding.current_policy_version(),
                                      Label(turn, Text::kConsentPrompt)));
      break;
    case session::v1::ONBOARDING_STAGE_STARTING:
      reaction = Reply(turn, Text::kSessionStarting);
      reaction.set_typing(true);
      SpendButtons(conversations_, turn, reaction);
      break;
    case session::v1::ONBOARDING_STAGE_IN_PROGRESS:
      reaction = WithQuestion(turn, onboarding.session(), Text::kSessionGoesOn);
      break;
    case session::v1::ONBOARDING_STAGE_PAUSED:
      reaction = ShowCard(conversations_, turn, PausedCard(turn));
      break;
    case session::v1::ONBOARDING_STAGE_COMPLETED:
      reaction = ShowCard(conversations_, turn, ThroughCard(turn, state));
      break;
    default:
      reaction = ShowCard(conversations_, turn, BeginCard(turn));
      break;
  }
  reaction.set_menu(std::string(MenuOf(state)));
  return reaction;
}

absl::StatusOr<Reaction> OnboardingActions::Answer(const Turn& turn, const std::string& text,
                                                   absl::Status& out_of_step) {
  const Conversation& known = turn.conversation;
  const std::string& question_id = turn.shown_question;
  // A question that was skipped takes no answer; whether another one does, its owner knows best.
  if (question_id.empty() || (IsSkipped(known) && question_id == known.question_id)) {
    return AnswerNothing(turn, out_of_step);
  }
  // Before the call, for the next question may come before its answer.
  std::string spent;
  conversations_.Change(turn.call, turn.user_id, [&](Conversation& c) {
    c.answers_until = std::max(c.answers_until, turn.update_number);
    if (c.question_id != question_id) return;
    c.state = v1::CONVERSATION_STATE_PROCESSING_ANSWER;
    c.answer_message_id = turn.message_id;
    c.answer_length = text::Characters(text::Trim(text));
    spent = PassButtons(c, "");
  });
  auto request = RequestOf<session::v1::SubmitAnswerRequest>(turn);
  request.set_idempotency_key(turn.key);
  request.set_question_id(question_id);
  request.set_answer_text(text);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.SubmitAnswer(once, request); });
  const bool is_latest = question_id == known.question_id;
  if (response.ok()) {
    // Taken down before; or the conversation is not where we thought.
    if (!is_latest) conversations_.Forget(turn.call, turn.user_id);
    Reaction reaction = ShowTyping();
    // Also when it comes again, and its buttons are no longer known.
    Spend(reaction,
          spent.empty() ? texts::QuestionKey(known.session_id, question_id) : std::move(spent));
    SpendHeavyOffer(reaction, known, question_id);
    return reaction;
  }
  if (MayHaveHappened(response.status())) return response.status();

  conversations_.Change(turn.call, turn.user_id, [&](Conversation& c) {
    if (c.question_id != question_id) return;
    c.state = known.state;
    c.answer_message_id = known.answer_message_id;
    if (c.open_key.empty()) c.open_key = spent;
  });
  if (IsOutOfStep(response.status())) out_of_step = response.status();
  return Fail(turn, response.status(), text::Characters(text::Trim(text)));
}

// Nothing was asked that this could answer, or nobody knows what the person was shown; or it was an
// answer, and noting it failed: the owners know.
Reaction OnboardingActions::AnswerNothing(const Turn& turn, absl::Status& out_of_step) {
  const absl::StatusOr<bool> was_answer = WasAnswer(turn);
  if (!was_answer.ok()) return Fail(turn, was_answer.status());
  if (*was_answer) return ShowTyping();
  // Of a question that was just skipped the owners may not know yet.
  if (IsSkipped(turn.conversation)) return Reply(turn, Text::kNextQuestionComing);

  const absl::StatusOr<Onboarding> onboarding = AskOwner(turn);
  if (!onboarding.ok()) return Fail(turn, onboarding.status());
  switch (onboarding->stage()) {
    case session::v1::ONBOARDING_STAGE_STARTING:
      return AwaitSession(turn);
    case session::v1::ONBOARDING_STAGE_IN_PROGRESS:
      Follow(turn, *onboarding);
      return WithQuestion(turn, onboarding->session(), Text::kWhichQuestion);
    default:
      conversations_.Forget(turn.call, turn.user_id);
      out_of_step = absl::FailedPreconditionError("the person is not in a session");
      return Reply(texts::Failure(turn.language, absl::UnavailableError("see out_of_step")));
  }
}

Reaction OnboardingActions::AwaitSession(const Turn& turn) {
  auto request = RequestOf<session::v1::StartOnboardingRequest>(turn);
  request.set_idempotency_key(turn.key);
  request.set_language(std::string(TagOf(turn.language)));
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.StartOnboarding(once, request); });
  if (!response.ok()) return Fail(turn, response.status());
  Follow(turn, response->onboarding());
  return Reply(turn, Text::kNextQuestionComing);
}

absl::StatusOr<bool> OnboardingActions::WasAnswer(const Turn& turn) {
  const int64_t answers_until = turn.conversation.answers_until;
  if (answers_until != 0 && turn.update_number > answers_until) return false;
  auto request = RequestOf<session::v1::GetAnswerRequest>(turn);
  request.set_idempotency_key(turn.key);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.GetAnswer(once, request); });
  if (response.ok()) return true;
  if (!absl::IsNotFound(response.status())) return response.status();
  conversations_.Change(turn.call, turn.user_id, [&](Conversation& c) {
    c.answers_until = std::max(c.answers_until, turn.update_number - 1);
  });
  return false;
}

Reaction OnboardingActions::Pause(const Turn& turn) {
  const auto request = RequestOf<session::v1::PauseSessionRequest>(turn);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.PauseSession(once, request); });
  if (!response.ok()) return Fail(turn, response.status());
  conversations_.Change(turn.call, turn.user_id,
                        [&](Conversation& c) { FollowSession(c, response->session()); });
  Reaction reaction = ShowCard(conversations_, turn, PausedCard(turn));
  reaction.set_menu(std::string(menu::kPaused));
  return reaction;
}

Reaction OnboardingActions::Resume(const Turn& turn) {
  const auto request = RequestOf<session::v1::ResumeSessionRequest>(turn);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.ResumeSession(once, request); });
  if (!response.ok()) return Fail(turn, response.status());
  conversations_.Change(turn.call, turn.user_id,
                        [&](Conversation& c) { FollowSession(c, response->session()); });
  Reaction reaction = WithQuestion(turn, response->session(), Text::kResumed);
  reaction.set_focus(v1::FOCUS_CHANGE_TAKE);
  reaction.set_menu(std::string(menu::kQuestions));
  reaction.set_remove_buttons(true);
  return reaction;
}

Reaction OnboardingActions::Finish(const Turn& turn, bool with_few_answers) {
  auto request = RequestOf<session::v1::CompleteSessionRequest>(turn);
  request.set_session_id(turn.conversation.session_id);
  request.set_reason(with_few_answers ? session::v1::COMPLETION_REASON_BROKEN_OFF
                                      : session::v1::COMPLETION_REASON_REQUESTED);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.CompleteSession(once, request); });
  if (status::ErrorCodeOf(response.status()) == mesh::v1::ERROR_CODE_SESSION_TOO_SHORT) {
    return Reply(texts::Failure(turn.language, response.status()), {EndQuestionsRow(turn)});
  }
  if (!response.ok()) return Fail(turn, response.status());
  // session.completed brings the rest.
  return ShowTyping();
}

Reaction OnboardingActions::Skip(const Turn& turn, std::string_view question, bool heavy_welcome) {
  const Conversation& conversation = turn.conversation;
  if (GoalOf(conversation.state) == Goal::kUnknown) {
    return Reply(texts::Failure(turn.language, absl::UnavailableError("no state")));
  }
  // The command means what the person was shown.
  const std::string_view meant = question.empty() ? turn.shown_question : question;
  const bool is_latest = meant.empty() || texts::IsButtonOf(meant, conversation.question_id);
  if (conversation.state != v1::CONVERSATION_STATE_WAITING_FOR_ANSWER || !is_latest) {
    return question.empty() ? Reply(turn, Text::kNothingToSkip) : Stale(turn);
  }
  auto request = RequestOf<question::v1::SkipQuestionRequest>(turn);
  request.set_session_id(conversation.session_id);
  request.set_question_id(conversation.question_id);
  request.set_heavy_welcome(heavy_welcome);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.question.SkipQuestion(once, request); });
  if (!response.ok()) return Fail(turn, response.status());
  std::string spent;
  conversations_.Change(turn.call, turn.user_id, [&](Conversation& c) {
    if (c.question_id != conversation.question_id) return;
    c.state = v1::CONVERSATION_STATE_ONBOARDING_ACTIVE;
    spent = PassButtons(c, "");
  });
  Reaction reaction = ShowTyping();
  // Also when its buttons are not known.
  Spend(reaction, spent.empty()
                      ? texts::QuestionKey(conversation.session_id, conversation.question_id)
                      : std::move(spent));
  SpendHeavyOffer(reaction, conversation, conversation.question_id);
  reaction.set_remove_buttons(!question.empty());
  return reaction;
}

Reaction OnboardingActions::WithQuestion(const Turn& turn, const Session& session,
                                         Text introduction) {
  // What introduces a question says nothing without one.
  Reaction without;
  if (introduction == Text::kResumed) without = Reply(turn, introduction);
  if (session.current_question_id().empty()) {
    *without.add_messages() = Html(kind::kReply, Label(turn, Text::kNextQuestionComing));
    return without;
  }
  question::v1::GetQuestionRequest request;
  request.set_question_id(session.current_question_id());
  request.set_language(session.language());
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.question.GetQuestion(once, request); });
  if (!response.ok()) {
    observe::Warning("question could not be shown to the user", {{"status", response.status()}});
    *without.add_messages() =
        Html(kind::kReply, introduction == Text::kWhichQuestion
                               ? texts::Failure(turn.language, response.status())
                               : Label(turn, Text::kQuestionUnavailable));
    return without;
  }
  Reaction question =
      ShowCard(conversations_, turn,
               texts::QuestionMessage(turn.language, CardKey("question", turn),
                                      session.current_question_id(),
                                      {.number = session.answers_given() + 1,
                                       .of = session.max_answers(),
                                       .domain = response->question().domain(),
                                       .text = response->question().question_text(),
                                       .heavy = response->question().energy_dynamics() ==
                                                question::v1::ENERGY_DYNAMICS_HEAVY}));
  Reaction reaction = Reply(turn, introduction);
  reaction.MergeFrom(question);
  return reaction;
}

Reaction OnboardingActions::Fail(const Turn& turn, const absl::Status& failure, int characters) {
  observe::Info("user request could not be completed", {{"status", failure}});
  if (IsOutOfStep(failure)) conversations_.Forget(turn.call, turn.user_id);
  return Reply(texts::Failure(turn.language, failure, characters));
}

}  // namespace selfology::coaching_dialog
