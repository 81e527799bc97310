#include "services/coaching/coaching_dialog/guide_actions.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "common/observe/log.h"
#include "common/text/html.h"
#include "services/coaching/coaching_dialog/cards.h"
#include "services/coaching/coaching_dialog/goal.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

Reaction Say(const Turn& turn, Guide text) {
  return Reply(std::string(Phrase(turn.language, text)));
}

// With the way to the coach.
Reaction OfferTalk(const Turn& turn, Guide text) {
  return Reply(std::string(Phrase(turn.language, text)), {EndQuestionsRow(turn)});
}

}  // namespace

Reaction GuideActions::ToRequest(const Turn& turn, Intent intent) {
  switch (intent) {
    case Intent::kWhy:
    case Intent::kRephrase:
    case Intent::kExample:
      return Explain(turn, intent, "");
    case Intent::kSkip:
      return onboarding_.Skip(turn, "");
    case Intent::kKeep: {
      Reaction reaction = onboarding_.Skip(turn, "");
      // Of what could not be passed over it is said why.
      if (reaction.typing()) reaction.MergeFrom(Say(turn, Guide::kStaysYours));
      return reaction;
    }
    case Intent::kHowLong:
      return HowLong(turn);
    case Intent::kWhoReads:
      return onboarding_.WhatIsStored(turn, "");
    case Intent::kPause:
      return onboarding_.Pause(turn);
    case Intent::kResume:
      return onboarding_.Resume(turn);
    case Intent::kFinish:
      return onboarding_.Finish(turn);
    case Intent::kUnclear:
      return OfferTalk(turn, Guide::kUnclear);
    case Intent::kTalk:
      return OfferTalk(turn, Guide::kTalkLater);
    case Intent::kTask:
      return PassOn(turn);
    case Intent::kComplaint:
      return OfferTalk(turn, Guide::kSorry);
    case Intent::kThanks:
      return Say(turn, Guide::kWelcome);
    case Intent::kInformal:
      return Address(turn, notification::v1::FORM_OF_ADDRESS_INFORMAL);
    case Intent::kFormal:
      return Address(turn, notification::v1::FORM_OF_ADDRESS_FORMAL);
    case Intent::kNormal:
      return SayAndAskAgain(turn, Guide::kNormal);
    case Intent::kHelp:
    case Intent::kYes:
    case Intent::kNo:
    case Intent::kEnglish:
    case Intent::kRussian:
    case Intent::kErase:
      break;  // The last three are the account's.
  }
  return Say(turn, Guide::kHelp);
}

Reaction GuideActions::PassOn(const Turn& turn) {
  Reaction reaction = Say(turn, Guide::kTask);
  reaction.set_passed_on(true);
  return reaction;
}

Reaction GuideActions::Explain(const Turn& turn, Intent intent, std::string_view question) {
  const Conversation& conversation = turn.conversation;
  if (GoalOf(conversation.state) == Goal::kUnknown) {
    return Reply(texts::Failure(turn.language, absl::UnavailableError("no state")));
  }
  std::string meant = turn.shown_question.empty() ? conversation.question_id : turn.shown_question;
  if (!question.empty()) {
    const bool waits = conversation.state == v1::CONVERSATION_STATE_WAITING_FOR_ANSWER &&
                       texts::IsButtonOf(question, conversation.question_id);
    if (!waits) return Stale(turn);
    // Ids in buttons may be cut.
    meant = conversation.question_id;
  }
  const bool is_asked = GoalOf(conversation.state) == Goal::kAnswer && !meant.empty();
  if (!is_asked) return Say(turn, Guide::kNoQuestionNow);

  question::v1::GetQuestionRequest request;
  request.set_question_id(meant);
  request.set_language(std::string(TagOf(turn.language)));
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.question.GetQuestion(once, request); });
  if (!response.ok()) {
    observe::Info("question explanation unavailable", {{"status", response.status()}});
    return Reply(texts::Failure(turn.language, response.status()));
  }
  const question::v1::Question& known = response->question();
  switch (intent) {
    case Intent::kWhy:
      return Reply(guide::Why(turn.language, known));
    case Intent::kRephrase:
      return Reply(guide::Rephrased(turn.language, known));
    default:
      return Reply(guide::Example(turn.language, known));
  }
}

Reaction GuideActions::DecideOnHeavy(const Turn& turn, std::string_view argument) {
  const std::pair<std::string_view, std::string_view> parts =
      absl::StrSplit(argument, absl::MaxSplits(':', 1));
  const auto& [decision, question] = parts;
  if (decision == "yes") return onboarding_.Skip(turn, question, /*heavy_welcome=*/true);
  Reaction reaction;
  reaction.set_remove_buttons(true);
  reaction.set_notice(std::string(Phrase(turn.language, Guide::kNotToday)));
  return reaction;
}

Reaction GuideActions::SayAndAskAgain(const Turn& turn, Guide text) {
  std::string html(Phrase(turn.language, text));
  const Conversation& conversation = turn.conversation;
  const std::string& meant =
      turn.shown_question.empty() ? conversation.question_id : turn.shown_question;
  if (GoalOf(conversation.state) == Goal::kAnswer && !meant.empty()) {
    question::v1::GetQuestionRequest request;
    request.set_question_id(meant);
    request.set_language(std::string(TagOf(turn.language)));
    const auto response = Patiently(
        turn.call, [&](const Call& once) { return peers_.question.GetQuestion(once, request); });
    // It stands above, too.
    if (response.ok()) {
      absl::StrAppend(&html, "\n\n",
                      absl::Substitute(Phrase(turn.language, Guide::kQuestionWaits),
                                       text::EscapeHtml(response->question().question_text())));
    }
  }
  return Reply(std::move(html));
}

Reaction GuideActions::Address(const Turn& turn, notification::v1::FormOfAddress form) {
  notification::v1::UpdatePreferencesRequest request;
  request.mutable_preferences()->set_user_id(turn.user_id);
  request.mutable_preferences()->set_form_of_address(form);
  request.mutable_update_mask()->add_paths("form_of_address");
  const auto changed = Patiently(turn.call, [&](const Call& once) {
    return peers_.preferences.UpdatePreferences(once, request);
  });
  if (!changed.ok()) return Reply(texts::Failure(turn.language, changed.status()));
  return SayAndAskAgain(
      turn, form == notification::v1::FORM_OF_ADDRESS_INFORMAL ? Guide::kInformal : Guide::kFormal);
}

Reaction GuideActions::HowLong(const Turn& turn) {
  session::v1::GetOnboardingRequest request;
  request.set_user_id(turn.user_id);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.GetOnboarding(once, request); });
  if (!response.ok()) return Reply(texts::Failure(turn.language, response.status()));
  const session::v1::Session& session = response->onboarding().session();
  if (session.max_answers() <= 0) return Say(turn, Guide::kHowLongInAll);
  return Reply(absl::Substitute(Phrase(turn.language, Guide::kHowLong),
                                std::min(session.answers_given() + 1, session.max_answers()),
                                session.max_answers()));
}

}  // namespace selfology::coaching_dialog
