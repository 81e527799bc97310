#include "services/coaching/analysis/answer.h"

#include "common/timestamps/timestamp.h"

namespace selfology::analysis {
namespace {

// What the event and session's own record have in common.
template <typename Message>
Answer From(const Message& message, absl::Time given_at) {
  return {.answer_id = message.answer_id(),
          .user_id = message.user_id(),
          .session_id = message.session_id(),
          .question_id = message.question_id(),
          .question_text = message.question_text(),
          .domain = message.domain(),
          .depth = message.depth_level(),
          .text = message.answer_text(),
          .language = lexicon::LanguageOf(message.language()),
          .number = message.answer_number(),
          .given_at = given_at};
}

}  // namespace

Answer FromEvent(const events::v1::UserAnswerSubmitted& event, absl::Time given_at) {
  return From(event, given_at);
}

Answer FromSession(const session::v1::Answer& answer) {
  return From(answer, timestamps::FromProto(answer.created_at()));
}

}  // namespace selfology::analysis
