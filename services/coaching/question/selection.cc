#include "services/coaching/question/selection.h"

#include <string_view>

#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/coaching/question/question_store.h"

namespace selfology::question {
namespace {

using postgres::Transaction;

absl::Status Publish(Transaction& tx, const Bank& bank, const SessionState& session,
                     const Selected& selected, std::string_view replaces) {
  ASSIGN_OR_RETURN(const v1::Selection selection, ToProto(selected, bank, session.language));
  const v1::Question& question = selection.question();
  events::v1::QuestionSelected event;
  event.set_user_id(session.user_id);
  event.set_session_id(session.session_id);
  event.set_question_id(question.question_id());
  event.set_question_text(question.question_text());
  event.set_domain(question.domain());
  event.set_depth_level(question.depth_level());
  event.set_energy_dynamics(question.energy_dynamics());
  event.set_language(question.language());
  event.set_question_number(selected.number);
  event.set_max_questions(session.max_questions);
  event.set_strategy(selected.strategy);
  event.set_replaces_question_id(std::string(replaces));
  return events::Publish(tx, event);
}

}  // namespace

absl::StatusOr<std::optional<Selected>> SelectNext(Transaction& tx, const Bank& bank,
                                                   const Person& person,
                                                   const SessionState& session, int answers_given,
                                                   absl::Time now, Effect effect) {
  const Selected* holder = Holder(person.history, session.session_id, answers_given + 1);
  if (holder != nullptr) return *holder;
  std::optional<Selected> selected = Pick(bank, person.history, person.interests, session,
                                          answers_given, /*skipped=*/nullptr, now);
  if (selected.has_value() && effect == Effect::kRecord) {
    store::InsertSelected(tx, session.user_id, *selected);
    RETURN_IF_ERROR(Publish(tx, bank, session, *selected, /*replaces=*/""));
  }
  return selected;
}

absl::StatusOr<std::optional<Selected>> SelectInstead(Transaction& tx, const Bank& bank,
                                                      const Person& person,
                                                      const SessionState& session,
                                                      const Selected& skipped, bool heavy_welcome,
                                                      absl::Time now) {
  std::optional<Selected> selected = Pick(bank, person.history, person.interests, session,
                                          skipped.number - 1, &skipped, now, heavy_welcome);
  if (!selected.has_value()) return selected;
  // First, so that the place is free for the new one.
  store::SaveReplaced(tx, session.user_id, skipped.question_id, selected->question_id);
  store::InsertSelected(tx, session.user_id, *selected);
  RETURN_IF_ERROR(Publish(tx, bank, session, *selected, skipped.question_id));
  return selected;
}

absl::StatusOr<v1::Selection> ToProto(const Selected& selected, const Bank& bank,
                                      std::string_view language) {
  const v1::Question* question = bank.Find(selected.question_id);
  if (question == nullptr) {
    return absl::UnavailableError(
        "the bank was read before this question was added; read it again");
  }
  v1::Selection selection;
  selection.set_session_id(selected.session_id);
  *selection.mutable_question() = InLanguage(*question, language);
  selection.set_question_number(selected.number);
  selection.set_strategy(selected.strategy);
  *selection.mutable_select_time() = timestamps::ToProto(selected.selected_at);
  return selection;
}

}  // namespace selfology::question
