#include "services/coaching/coaching_dialog/onboarding_actions.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/text/text.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/coaching_dialog/goal.h"
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

v1::ButtonRow OneButton(const Turn& turn, Text text, std::string data) {
  return Row({{Phrase(turn.language, text), std::move(data)}});
}

Reaction AskForConsent(const Turn& turn, std::string_view policy_version) {
  return Reply(
      Label(turn, Text::kConsentPrompt),
      {OneButton(turn, Text::kButtonAgree, absl::StrCat("consent:yes:", policy_version)),
       OneButton(turn, Text::kButtonWhatIsStored, absl::StrCat("consent:info:", policy_version))});
}

Reaction ExplainConsent(const Turn& turn, std::string_view policy_version) {
  return Reply(Label(turn, Text::kWhatIsStored),
               {Row({{Phrase(turn.language, Text::kButtonAgree),
                      absl::StrCat("consent:yes:", policy_version)},
                     {Phrase(turn.language, Text::kButtonDecline),
                      absl::StrCat("consent:no:", policy_version)}})});
}

template <typename Request>
Request RequestOf(const Turn& turn) {
  Request request;
  request.set_user_id(turn.user_id);
  return request;
}

// Where an onboarding leaves the conversation; `before`: what was known when the owner was asked.
void FollowOnboarding(Conversation& conversation, const Onboarding& onboarding,
                      const Conversation& before) {
  if (!onboarding.language().empty()) conversation.language = onboarding.language();
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
        CompleteSession(conversation);
      }
      break;
    default:
      conversation.state = v1::CONVERSATION_STATE_NEW_USER;
      break;
  }
}

}  // namespace

Reaction OnboardingActions::Start(const Turn& turn, bool restart) {
  auto request = RequestOf<session::v1::StartOnboardingRequest>(turn);
  request.set_idempotency_key(turn.key);
  request.set_language(std::string(TagOf(turn.language)));
  request.set_restart(restart);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.StartOnboarding(once, request); });
  if (!response.ok()) return Fail(turn, response.status());
  Reaction reaction = Show(turn, response->onboarding());
  reaction.set_focus(v1::FOCUS_CHANGE_TAKE);
  reaction.set_remove_buttons(restart);
  return reaction;
}

Reaction OnboardingActions::Consent(const Turn& turn, std::string_view argument) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(argument, absl::MaxSplits(':', 1));
  const auto& [decision, policy_version] = parts;
  if (decision == "info") return ExplainConsent(turn, policy_version);
  const bool granted = decision == "yes";

  auto request = RequestOf<session::v1::RecordConsentRequest>(turn);
  request.set_granted(granted);
  request.set_policy_version(policy_version);
  request.set_language(std::string(TagOf(turn.language)));
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.RecordConsent(once, request); });
  // The text has changed since the button was sent: show the new one.
  if (absl::IsInvalidArgument(response.status())) return Greet(turn);
  if (!response.ok()) return Fail(turn, response.status());

  Reaction reaction = Show(turn, response->onboarding());
  if (!granted) {
    reaction = Reply(turn, Text::kConsentDeclined);
  } else if (response->onboarding().stage() == session::v1::ONBOARDING_STAGE_STARTING) {
    *reaction.mutable_messages(0) = Html(kind::kReply, Label(turn, Text::kConsentThanks));
  }
  if (granted) reaction.set_focus(v1::FOCUS_CHANGE_TAKE);
  reaction.set_remove_buttons(true);
  return reaction;
}

Reaction OnboardingActions::Greet(const Turn& turn) {
  const auto request = RequestOf<session::v1::GetOnboardingRequest>(turn);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.GetOnboarding(once, request); });
  if (!response.ok()) return Fail(turn, response.status());
  return Show(turn, response->onboarding());
}

Reaction OnboardingActions::Show(const Turn& turn, const Onboarding& onboarding) {
  conversations_.Change(turn.call, turn.user_id, [&](Conversation& c) {
    FollowOnboarding(c, onboarding, turn.conversation);
  });
  switch (onboarding.stage()) {
    case session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED:
      return AskForConsent(turn, onboarding.current_policy_version());
    case session::v1::ONBOARDING_STAGE_STARTING: {
      Reaction reaction = Reply(turn, Text::kSessionStarting);
      reaction.set_typing(true);
      return reaction;
    }
    case session::v1::ONBOARDING_STAGE_IN_PROGRESS:
      return WithQuestion(turn, onboarding.session(), Text::kSessionGoesOn);
    case session::v1::ONBOARDING_STAGE_PAUSED:
      return Reply(Label(turn, Text::kPaused), {OneButton(turn, Text::kButtonResume, "resume:")});
    case session::v1::ONBOARDING_STAGE_COMPLETED:
      return Reply(Label(turn, Text::kCompletedBefore),
                   {OneButton(turn, Text::kButtonBeginAgain, "restart:")});
    default:
      return Reply(Label(turn, Text::kNothingOpen),
                   {OneButton(turn, Text::kButtonBegin, "start:")});
  }
}

absl::StatusOr<Reaction> OnboardingActions::Answer(const Turn& turn, const std::string& text,
                                                   bool& elsewhere) {
  const Conversation& known = turn.conversation;
  const std::string question_id =
      turn.shown_question.empty() ? known.question_id : turn.shown_question;
  // A question that was skipped takes no answer; whether another one does, its owner knows best.
  const bool skipped =
      known.state == v1::CONVERSATION_STATE_ONBOARDING_ACTIVE && question_id == known.question_id;
  if (question_id.empty() || skipped) return AnswerNothing(turn);

  // Before the call, for the next question may come before its answer.
  conversations_.Change(turn.call, turn.user_id, [&](Conversation& c) {
    c.answers_until = std::max(c.answers_until, turn.update_number);
    if (c.question_id != question_id) return;
    c.state = v1::CONVERSATION_STATE_PROCESSING_ANSWER;
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
    return ShowTyping();
  }
  if (MayHaveHappened(response.status())) return response.status();

  conversations_.Change(turn.call, turn.user_id, [&](Conversation& c) {
    if (c.question_id != question_id) return;
    c.state = known.state;
  });
  elsewhere = IsOutOfStep(response.status());
  return Fail(turn, response.status(), text::Characters(text::Trim(text)));
}

// Nothing was asked that this could answer; or it was, and noting it failed: the owners know.
Reaction OnboardingActions::AnswerNothing(const Turn& turn) {
  const absl::StatusOr<bool> was_answer = WasAnswer(turn);
  if (!was_answer.ok()) return Fail(turn, was_answer.status());
  if (*was_answer) return ShowTyping();
  // Of a question that was just skipped the owners may not know yet.
  if (turn.conversation.question_id.empty()) conversations_.Forget(turn.call, turn.user_id);
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
  return Reply(Label(turn, Text::kPaused), {OneButton(turn, Text::kButtonResume, "resume:")});
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
  return reaction;
}

Reaction OnboardingActions::Finish(const Turn& turn) {
  auto request = RequestOf<session::v1::CompleteSessionRequest>(turn);
  request.set_session_id(turn.conversation.session_id);
  request.set_reason(session::v1::COMPLETION_REASON_REQUESTED);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.CompleteSession(once, request); });
  if (!response.ok()) return Fail(turn, response.status());
  // session.completed brings the rest.
  return ShowTyping();
}

Reaction OnboardingActions::Skip(const Turn& turn, std::string_view question) {
  const Conversation& conversation = turn.conversation;
  // The command means what the person was shown.
  const std::string_view meant = question.empty() ? turn.shown_question : question;
  const bool is_latest =
      meant.empty() || texts::SkipButton(meant) == texts::SkipButton(conversation.question_id);
  if (conversation.state != v1::CONVERSATION_STATE_WAITING_FOR_ANSWER || !is_latest) {
    return question.empty() ? Reply(turn, Text::kNothingToSkip) : Stale(turn);
  }
  auto request = RequestOf<question::v1::SkipQuestionRequest>(turn);
  request.set_session_id(conversation.session_id);
  request.set_question_id(conversation.question_id);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.question.SkipQuestion(once, request); });
  if (!response.ok()) return Fail(turn, response.status());
  conversations_.Change(turn.call, turn.user_id, [&](Conversation& c) {
    if (c.question_id != conversation.question_id) return;
    c.state = v1::CONVERSATION_STATE_ONBOARDING_ACTIVE;
  });
  Reaction reaction = ShowTyping();
  reaction.set_remove_buttons(!question.empty());
  return reaction;
}

Reaction OnboardingActions::WithQuestion(const Turn& turn, const Session& session,
                                         Text introduction) {
  Reaction reaction = Reply(turn, introduction);
  if (session.current_question_id().empty()) {
    *reaction.add_messages() = Html(kind::kReply, Label(turn, Text::kNextQuestionComing));
    return reaction;
  }
  question::v1::GetQuestionRequest request;
  request.set_question_id(session.current_question_id());
  request.set_language(session.language());
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.question.GetQuestion(once, request); });
  if (!response.ok()) {
    *reaction.add_messages() = Html(kind::kReply, texts::Failure(turn.language, response.status()));
    return reaction;
  }
  *reaction.add_messages() = texts::QuestionMessage(turn.language, session.current_question_id(),
                                                    {.number = session.answers_given() + 1,
                                                     .of = session.max_answers(),
                                                     .domain = response->question().domain(),
                                                     .text = response->question().question_text()});
  return reaction;
}

Reaction OnboardingActions::Fail(const Turn& turn, const absl::Status& failure, int characters) {
  observe::Info("user request failed", {{"status", failure}});
  if (IsOutOfStep(failure)) conversations_.Forget(turn.call, turn.user_id);
  return Reply(texts::Failure(turn.language, failure, characters));
}

}  // namespace selfology::coaching_dialog
