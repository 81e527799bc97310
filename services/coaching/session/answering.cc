#include "services/coaching/session/answering.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::session {
namespace {

// How soon question.selected follows an answer, generously.
constexpr absl::Duration kNextQuestion = absl::Seconds(1);

absl::Status NothingPending(std::string_view message) {
  return status::Error(mesh::v1::ERROR_CODE_NO_QUESTION_PENDING, message);
}

absl::Status WhyNot(const std::optional<Session>& latest,
                    const std::optional<AskedQuestion>& asked) {
  // First, so that whoever sends the last answer twice learns that it has arrived.
  if (asked.has_value() && asked->answer_id.has_value()) {
    return status::Error(mesh::v1::ERROR_CODE_ANSWER_ALREADY_SUBMITTED,
                         "this question has an answer",
                         {{"answer_id", absl::StrCat(*asked->answer_id)}});
  }
  if (!latest.has_value() || !IsOpen(*latest)) {
    return status::Error(mesh::v1::ERROR_CODE_SESSION_NOT_FOUND, "no session is open");
  }
  if (latest->status != v1::SESSION_STATUS_ACTIVE) {
    return status::Error(mesh::v1::ERROR_CODE_SESSION_NOT_ACTIVE, "the session is paused");
  }
  if (latest->current_question_id.empty()) {
    return status::WithRetryAfter(NothingPending("no question waits for an answer"), kNextQuestion);
  }
  if (!asked.has_value()) {
    // It may have been chosen instead of the one that waits, and question.selected not be here yet.
    return status::WithRetryAfter(status::Error(mesh::v1::ERROR_CODE_QUESTION_NOT_FOUND,
                                                "this question was not asked in this session"),
                                  kNextQuestion);
  }
  if (asked->question_id != latest->current_question_id) {
    return NothingPending("this question was passed over");
  }
  return absl::OkStatus();
}

}  // namespace

void CheckAnswerText(std::string_view text, status::FieldViolations& bad) {
  const int characters = text::Characters(text);
  if (characters < kShortestAnswer || characters > kLongestAnswer) {
    bad.Add("answer_text", absl::StrCat("must be ", kShortestAnswer, " to ", kLongestAnswer,
                                        " characters after trimming white space"));
  }
  if (!text::IsStorable(text)) bad.Add("answer_text", "must not contain the character U+0000");
}

bool Ask(Session& session, const AskedQuestion& question) {
  if (!IsOpen(session) || question.question_number != session.answers_given + 1) return false;
  session.current_question_id = question.question_id;
  return true;
}

absl::StatusOr<Accepted> Accept(const std::optional<Session>& latest,
                                const std::optional<AskedQuestion>& asked, std::string text,
                                const Policy& policy, absl::Time now) {
  ASSIGN_OR_RETURN(Accepted accepted, Withhold(latest, asked, std::move(text), policy, now));
  Session& session = accepted.session;
  session.answers_given += 1;
  session.current_question_id.clear();
  if (session.answers_given >= session.max_answers) {
    Finish(session, v1::COMPLETION_REASON_ENOUGH_ANSWERS, now);
  }
  accepted.answer.answer_number = session.answers_given;
  accepted.answer.withheld = false;
  return accepted;
}

absl::StatusOr<Accepted> Withhold(const std::optional<Session>& latest,
                                  const std::optional<AskedQuestion>& asked, std::string text,
                                  const Policy& policy, absl::Time now) {
  if (absl::Status refusal = WhyNot(latest, asked); !refusal.ok()) return refusal;
  Accepted accepted{.answer = {}, .session = *latest};
  Session& session = accepted.session;
  session.last_activity_at = now;
  session.timeout_at = now + policy.idle_timeout;

  accepted.answer.user_id = session.user_id;
  accepted.answer.session_id = session.session_id;
  accepted.answer.question = *asked;
  accepted.answer.text = std::move(text);
  accepted.answer.language = session.language;
  accepted.answer.created_at = now;
  accepted.answer.withheld = true;
  return accepted;
}

}  // namespace selfology::session
