#include "services/coaching/coaching_dialog/event_words.h"

#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/events/event_type.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/coaching_dialog/guide.h"
#include "services/coaching/coaching_dialog/messages.h"
#include "services/coaching/coaching_dialog/settings/wording.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

// Questions are chosen faster than answers are looked at, but "that is interesting" should come
// before the next question. The feedback has 500 ms (R000-8), the question 2 s (R001-16).
constexpr absl::Duration kFeedbackWait = absl::Seconds(1);
// How long feedback is worth reading.
constexpr absl::Duration kFeedbackWorth = absl::Minutes(10);
constexpr absl::Duration kProfile = absl::Seconds(1);
// How long an answer to what the coach asks in a talk is to be expected.
constexpr absl::Duration kChatQuestionWorth = absl::Minutes(30);

std::string FeedbackKey(int64_t session_id, std::string_view question_id) {
  return absl::StrCat("feedback:", session_id, ":", question_id);
}

// `question_id`: the question that has been answered; empty: not known, so nothing is waited for.
void WaitForFeedback(v1::DialogMessage& message, int64_t session_id,
                     const std::string& question_id) {
  if (!question_id.empty()) WaitFor(message, FeedbackKey(session_id, question_id), kFeedbackWait);
}

// Notes the offer of a heavy question that goes with this one. One a session; asked about the same
// question, the answer is the same.
bool OfferHeavy(Conversation& conversation, const events::v1::QuestionSelected& event) {
  const std::string key = guide::HeavyOfferKey(event.session_id(), event.question_id());
  if (conversation.heavy_offer == key) return true;
  const bool offered =
      conversation.heavy_offer.starts_with(guide::HeavyOfferKey(event.session_id(), ""));
  if (offered || !guide::IsTimeForHeavy(event, conversation.answer_length)) return false;
  conversation.heavy_offer = key;
  return true;
}

// Whether the buttons of the message with this key are of no use to somebody who is at `goal`.
// Those of other cards may be, whatever has happened.
bool IsOver(std::string_view key, Goal goal) {
  if (goal == Goal::kUnknown) return false;
  if (absl::StartsWith(key, "question:")) return goal != Goal::kAnswer;
  return absl::StartsWith(key, "resume:") && goal != Goal::kPausedSession;
}

}  // namespace

std::vector<std::string> EventWords::EventTypes() {
  std::vector<std::string> types;
  for (const auto& [type, render] : AllRenders()) types.push_back(type);
  return types;
}

absl::StatusOr<Reaction> EventWords::For(const Call& call, const v1::RenderEventRequest& request) {
  const auto render = AllRenders().find(request.event_type());
  if (render == AllRenders().end()) {
    return status::InvalidField("event_type", "must be one that the dialog describes");
  }
  return render->second(*this, call, request.payload());
}

const EventWords::Renders& EventWords::AllRenders() {
  static const auto& all =
      *new Renders(RendersOf<events::v1::QuestionSelected, events::v1::AnswerAnalyzedInstant,
                             events::v1::SessionCompleted, events::v1::SessionTimeout,
                             events::v1::SessionPaused, events::v1::SessionResumed,
                             events::v1::ConsentDeclined, events::v1::CoachMessageReady,
                             events::v1::InsightReadyForUser, events::v1::UserAccountsLinked>());
  return all;
}

template <typename... Events>
EventWords::Renders EventWords::RendersOf() {
  return {{events::TypeOf<Events>(), &EventWords::RenderAs<Events>}...};
}

template <typename Event>
absl::StatusOr<Reaction> EventWords::RenderAs(EventWords& words, const Call& call,
                                              const std::string& payload) {
  Event event;
  if (!event.ParseFromString(payload)) {
    return status::Error(mesh::v1::ERROR_CODE_INVALID_EVENT_PAYLOAD,
                         absl::StrCat("no ", events::TypeOf<Event>()));
  }
  return words.Of(call, event);
}

Reaction EventWords::Of(const Call& call, const events::v1::QuestionSelected& event) {
  // Whoever is not remembered may be past this question; and consent may have been given elsewhere.
  absl::StatusOr<Conversation> known = conversations_.Get(call, event.user_id());
  if (known.ok() && known->state == v1::CONVERSATION_STATE_GDPR_PENDING) {
    known = conversations_.Anew(call, event.user_id());
  }
  if (known.ok() && !AskQuestion(*known, event)) return Reaction();
  v1::DialogMessage message = texts::QuestionMessage(
      LanguageOf(event.language()), texts::QuestionKey(event.session_id(), event.question_id()),
      event.question_id(),
      {.number = event.question_number(),
       .of = event.max_questions(),
       .domain = event.domain(),
       .text = event.question_text(),
       .heavy = event.energy_dynamics() == question::v1::ENERGY_DYNAMICS_HEAVY});
  bool asked = true;
  bool offers_heavy = false;
  std::string answered;
  std::string spent;
  v1::ConversationState state = v1::CONVERSATION_STATE_WAITING_FOR_ANSWER;
  conversations_.Change(call, event.user_id(), [&](Conversation& c) {
    asked = AskQuestion(c, event);
    answered = c.answered_question_id;
    state = c.state;
    if (asked) spent = PassButtons(c, message.key());
    offers_heavy = asked && OfferHeavy(c, event);
  });
  if (!asked) return Reaction();
  // The first question follows no answer, nor does one in place of another.
  if (event.question_number() > 1 && event.replaces_question_id().empty()) {
    WaitForFeedback(message, event.session_id(), answered);
  }
  Reaction reaction = Reply(std::move(message));
  Spend(reaction, std::move(spent));
  reaction.set_menu(std::string(MenuOf(state)));
  if (state == v1::CONVERSATION_STATE_WAITING_FOR_ANSWER) {
    OfferMore(call, event, offers_heavy, reaction);
  }
  return reaction;
}

void EventWords::OfferMore(const Call& call, const events::v1::QuestionSelected& event, bool heavy,
                           Reaction& reaction) {
  const Language language = LanguageOf(event.language());
  if (heavy) {
    *reaction.add_messages() = guide::HeavyOffer(language, event.session_id(), event.question_id());
    return;
  }
  if (!guide::IsTimeForStatements(event)) return;
  auto statement = statements_.Offer(
      call, event.user_id(), language, Statements::kWithQuestion, Guide::kStatement,
      absl::StrCat("statement:", event.session_id(), ":", event.question_number()));
  if (statement.has_value()) *reaction.add_messages() = *std::move(statement);
}

Reaction EventWords::Of(const Call& /*call*/, const events::v1::AnswerAnalyzedInstant& event) {
  if (event.brief_insight().empty()) return Reaction();
  v1::DialogMessage message = Html(kind::kFeedback, texts::Feedback(event.brief_insight()));
  message.set_key(FeedbackKey(event.session_id(), event.question_id()));
  message.set_expendable(true);
  ExpireAfter(message, kFeedbackWorth);
  return Reply(std::move(message));
}

Reaction EventWords::Of(const Call& call, const events::v1::SessionCompleted& event) {
  std::string answered;
  conversations_.Change(call, event.user_id(), [&](Conversation& c) {
    CompleteSession(c, event.session_id());
    answered = c.answered_question_id;
  });
  const absl::StatusOr<Conversation> now = conversations_.Get(call, event.user_id());
  if (now.ok() && HasMovedOn(*now, event.session_id())) return Reaction();

  // The profile is a present on top; without it the rest is said.
  profile::v1::GetProfileRequest request;
  request.set_user_id(event.user_id());
  const auto profile = peers_.profile.GetProfile(call.WithTimeout(kProfile), request);
  if (!profile.ok())
    observe::Info("completion message sent without the profile", {{"status", profile.status()}});
  v1::DialogMessage message =
      Html(kind::kCompletion, texts::Completion(LanguageOf(event.language()), event,
                                                profile.ok() ? &profile->profile() : nullptr));
  if (event.reason() == session::v1::COMPLETION_REASON_ENOUGH_ANSWERS) {
    WaitForFeedback(message, event.session_id(), answered);
  }
  Reaction reaction = Reply(std::move(message));
  if (now.ok()) ShowWhere(call, *now, reaction);
  // Who would rather talk is not asked for more.
  if (event.reason() == session::v1::COMPLETION_REASON_BROKEN_OFF) return reaction;
  auto statement = statements_.Offer(call, event.user_id(), LanguageOf(event.language()),
                                     Statements::kInTheEnd, Guide::kStatementsLast,
                                     absl::StrCat("statement:", event.session_id(), ":end"));
  if (statement.has_value()) *reaction.add_messages() = *std::move(statement);
  return reaction;
}

Reaction EventWords::Of(const Call& call, const events::v1::SessionTimeout& event) {
  absl::StatusOr<Conversation> now = conversations_.Get(call, event.user_id());
  if (now.ok() && !HasMovedOn(*now, event.session_id())) {
    now = conversations_.Anew(call, event.user_id());
  }
  if (now.ok() && HasMovedOn(*now, event.session_id())) return Reaction();

  const Language language = LanguageOf(event.language());
  // Another session, whether one was completed before or not.
  v1::DialogMessage card = Card(absl::StrCat("begin:", event.session_id()),
                                texts::TimedOut(language, event.answers_given()),
                                {Row({{Phrase(language, Text::kButtonBegin), "restart:"}})});
  std::string spent = conversations_.PassButtons(call, event.user_id(), card.key());
  Reaction reaction = Reply(std::move(card));
  Spend(reaction, std::move(spent));
  if (now.ok()) reaction.set_menu(std::string(MenuOf(now->state)));
  return reaction;
}

Reaction EventWords::Of(const Call& call, const events::v1::SessionPaused& event) {
  return FollowOwners(call, event.user_id(), Goal::kPausedSession);
}

Reaction EventWords::Of(const Call& call, const events::v1::SessionResumed& event) {
  return FollowOwners(call, event.user_id(), Goal::kAnswer);
}

Reaction EventWords::Of(const Call& call, const events::v1::ConsentDeclined& event) {
  return FollowOwners(call, event.user_id(), Goal::kConsent);
}

Reaction EventWords::FollowOwners(const Call& call, int64_t user_id, Goal goal) {
  Reaction reaction;
  absl::StatusOr<Conversation> now = conversations_.Get(call, user_id);
  if (now.ok() && GoalOf(now->state) != goal) now = conversations_.Anew(call, user_id);
  if (!now.ok()) return reaction;
  ShowWhere(call, *now, reaction);
  return reaction;
}

void EventWords::ShowWhere(const Call& call, const Conversation& now, Reaction& reaction) {
  reaction.set_menu(std::string(MenuOf(now.state)));
  if (!IsOver(now.open_key, GoalOf(now.state))) return;
  Spend(reaction, now.open_key);
  conversations_.Change(call, now.user_id, [&](Conversation& c) {
    if (c.open_key == now.open_key) c.open_key.clear();
  });
}

Reaction EventWords::Of(const Call& call, const events::v1::CoachMessageReady& event) {
  conversations_.Change(call, event.user_id(), [&](Conversation& c) { HearCoach(c, event); });
  Reaction reaction = Reply(Plain(kind::kCoach, event.message_text()));
  if (absl::StrContains(event.message_text(), '?')) {
    reaction.set_question(v1::DIALOG_QUESTION_WAITS);
    *reaction.mutable_question_worth() = ToProto(kChatQuestionWorth);
  }
  return reaction;
}

Reaction EventWords::Of(const Call& call, const events::v1::InsightReadyForUser& event) {
  // Who has paused the chat was promised silence.
  const absl::StatusOr<Conversation> now = conversations_.Get(call, event.user_id());
  if (now.ok() && GoalOf(now->state) == Goal::kPausedChat) return Reaction();
  v1::DialogMessage message = Html(kind::kInsight, texts::Insight(event.message_text()));
  message.set_key(absl::StrCat("insight:", event.insight_id()));
  message.set_expendable(true);
  return Reply(std::move(message));
}

Reaction EventWords::Of(const Call& call, const events::v1::UserAccountsLinked& event) {
  absl::StatusOr<Conversation> now = conversations_.Get(call, event.user_id());
  // Of a web account nothing may be known here yet: it is told in the language of the chat.
  if (now.ok() && now->language.empty()) now = conversations_.Get(call, event.telegram_id());
  const Language language = now.ok() ? LanguageOf(now->language) : Language::kEnglish;
  return Reply(std::string(Phrase(language, Wording::kLinked)));
}

}  // namespace selfology::coaching_dialog
