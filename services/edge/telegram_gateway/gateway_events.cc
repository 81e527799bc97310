#include "services/edge/telegram_gateway/gateway_events.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/onboarding_actions.h"
#include "services/edge/telegram_gateway/texts.h"

namespace selfology::telegram_gateway {
namespace {

// Questions are chosen faster than answers are looked at, but "that is interesting" should come
// before the next question. Spec 000 gives the look 500 ms, and spec 001 the question 2 s.
constexpr absl::Duration kFeedbackWait = absl::Seconds(1);
constexpr absl::Duration kProfile = absl::Seconds(1);
// For updating the conversation in Redis.
constexpr absl::Duration kNote = absl::Seconds(1);

// A call for what is done once the transaction has committed: the event's own forbids waiting while
// others share the transaction, and its time may be over.
std::function<Call()> CallAfter(const events::Handling& handling) {
  return [trace = handling.call().trace()] { return Call::Background(kNote, trace); };
}

}  // namespace

absl::Status GatewayEvents::Ask(const events::v1::QuestionSelected& event,
                                events::Handling& handling) {
  const Language language = LanguageOf(event.language());
  const std::string text = texts::Question(language, {.number = event.question_number(),
                                                      .of = event.max_questions(),
                                                      .domain = event.domain(),
                                                      .text = event.question_text()});
  // The first question follows no answer, nor does one in place of another.
  const bool after_answer = event.question_number() > 1 && event.replaces_question_id().empty();
  const v1::ButtonRow skip =
      Row({{Phrase(language, Text::kButtonSkip), SkipButton(event.question_id())}});
  ChangeOnceCommitted(handling, event.user_id(),
                      [event](Conversation& c) { AskQuestion(c, event); });
  return Enqueue(handling, event.user_id(), Kind::kQuestion, Html(text, {skip}), "",
                 after_answer ? Hold::kForFeedback : Hold::kNo);
}

absl::Status GatewayEvents::GiveFeedback(const events::v1::AnswerAnalyzedInstant& event,
                                         events::Handling& handling) {
  if (event.brief_insight().empty()) return absl::OkStatus();
  return Enqueue(handling, event.user_id(), Kind::kFeedback,
                 Html(texts::Feedback(event.brief_insight())),
                 absl::StrCat("feedback:", event.session_id(), ":", event.question_id()));
}

absl::Status GatewayEvents::Congratulate(const events::v1::SessionCompleted& event,
                                         events::Handling& handling) {
  // Before the transaction is opened. The profile is a present on top; without it the rest is said.
  profile::v1::GetProfileRequest request;
  request.set_user_id(event.user_id());
  const auto profile = peers_.profile.GetProfile(handling.call().WithTimeout(kProfile), request);
  if (!profile.ok())
    observe::Info("completion message without a profile", {{"status", profile.status()}});
  const std::string text = texts::Completion(LanguageOf(event.language()), event.answers_given(),
                                             profile.ok() ? &profile->profile() : nullptr);
  const bool last_answer = event.reason() == session::v1::COMPLETION_REASON_ENOUGH_ANSWERS;
  ChangeOnceCommitted(handling, event.user_id(), &CompleteSession);
  return Enqueue(handling, event.user_id(), Kind::kCompletion, Html(text), "",
                 last_answer ? Hold::kForFeedback : Hold::kNo);
}

absl::Status GatewayEvents::TellOfTimeout(const events::v1::SessionTimeout& event,
                                          events::Handling& handling) {
  const Language language = LanguageOf(event.language());
  const v1::ButtonRow begin = Row({{Phrase(language, Text::kButtonBegin), "start:"}});
  // state.change.requested, which comes with it, sees to the state.
  return Enqueue(handling, event.user_id(), Kind::kReply,
                 Html(texts::TimedOut(language, event.answers_given()), {begin}));
}

absl::Status GatewayEvents::PassOnReply(const events::v1::CoachMessageReady& event,
                                        events::Handling& handling) {
  ChangeOnceCommitted(handling, event.user_id(), [event](Conversation& c) { HearCoach(c, event); });
  return Enqueue(handling, event.user_id(), Kind::kCoach, Plain(event.message_text()));
}

absl::Status GatewayEvents::ShowInsight(const events::v1::InsightReadyForUser& event,
                                        events::Handling& handling) {
  return Enqueue(handling, event.user_id(), Kind::kInsight,
                 Html(texts::Insight(event.message_text())),
                 absl::StrCat("insight:", event.insight_id()));
}

absl::Status GatewayEvents::Send(const events::v1::MessageSendRequested& event,
                                 events::Handling& handling) {
  v1::SendMessageRequest body;
  body.set_message_text(event.message_text());
  body.set_text_format(event.text_format());
  *body.mutable_button_rows() = event.button_rows();
  body.set_silent(event.silent());
  return Enqueue(handling, event.user_id(), Kind::kRequested, std::move(body),
                 event.dedup_key().empty() ? "" : absl::StrCat("requested:", event.dedup_key()));
}

absl::Status GatewayEvents::ChangeState(const events::v1::StateChangeRequested& event,
                                        events::Handling& handling) {
  if (event.state() == v1::CONVERSATION_STATE_UNSPECIFIED) {
    handling.tx().AfterCommit([this, call = CallAfter(handling), user_id = event.user_id()] {
      conversations_.Forget(call(), user_id);
    });
    return absl::OkStatus();
  }
  ChangeOnceCommitted(handling, event.user_id(),
                      [state = event.state(), session_id = event.session_id()](Conversation& c) {
                        c.state = state;
                        if (session_id != 0) c.session_id = session_id;
                      });
  return absl::OkStatus();
}

void GatewayEvents::ChangeOnceCommitted(events::Handling& handling, int64_t user_id,
                                        std::function<void(Conversation&)> change) {
  handling.tx().AfterCommit(
      [this, call = CallAfter(handling), user_id, change = std::move(change)] {
        conversations_.Change(call(), user_id, change);
      });
}

absl::Status GatewayEvents::Enqueue(events::Handling& handling, int64_t user_id, Kind kind,
                                    v1::SendMessageRequest body, std::string key, Hold hold) {
  postgres::Transaction& tx = handling.tx();
  const absl::Time now = clock_();
  absl::Time place_at = now;
  if (hold == Hold::kForFeedback) {
    ASSIGN_OR_RETURN(const bool awaited, store::AwaitsFeedback(tx, user_id));
    if (awaited) place_at = now + kFeedbackWait;
  } else if (kind == Kind::kFeedback) {
    // Ahead of what waits for it.
    place_at = now - absl::Microseconds(1);
    store::ReleaseHeld(tx, user_id, now);
  }
  const Outgoing message{.user_id = user_id,
                         .key = key.empty()
                                    ? absl::StrCat("event:", handling.envelope().id.ToString())
                                    : std::move(key),
                         .kind = kind,
                         .body = std::move(body),
                         .traceparent = handling.call().trace().Format()};
  RETURN_IF_ERROR(store::Enqueue(tx, message, place_at, now));
  tx.AfterCommit([this, user_id] { delivery_.Wake(user_id); });
  return absl::OkStatus();
}

}  // namespace selfology::telegram_gateway
