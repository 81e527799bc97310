#include "services/coaching/question/history.h"

#include <algorithm>
#include <random>

namespace selfology::question {
namespace {

Asked ToAsked(const v1::Question& question, bool answered) {
  return {.domain = question.domain(),
          .depth = question.depth_level(),
          .energy = question.energy_dynamics(),
          .answered = answered};
}

Situation SituationOf(const Bank& bank, const History& history, const Interests& profile,
                      int64_t session_id, int answers_given) {
  Situation situation;
  situation.answers_given = answers_given;
  std::vector<AnswerLength> answers;
  for (const Selected& selected : history) {
    situation.ever_asked.insert(selected.question_id);
    const v1::Question* question = bank.Find(selected.question_id);
    if (question == nullptr) continue;
    if (selected.session_id == session_id) {
      // What a later question followed was answered, also where the answer's length is not known
      // yet.
      const bool answered = selected.answer_length.has_value() ||
                            (selected.replaced_by.empty() && selected.number <= answers_given);
      situation.asked.push_back(ToAsked(*question, answered));
    }
    if (selected.answer_length.has_value()) {
      answers.push_back({question->domain(), *selected.answer_length});
    }
  }
  situation.interests = InterestsOf(profile, answers);
  return situation;
}

std::mt19937_64 SeededFor(int64_t session_id, int number, int64_t already_asked) {
  std::seed_seq seed{session_id & 0xffffffff, session_id >> 32, int64_t{number}, already_asked};
  return std::mt19937_64(seed);
}

}  // namespace

const Selected* Holder(const History& history, int64_t session_id, int number) {
  const auto found = std::find_if(history.begin(), history.end(), [&](const Selected& selected) {
    return selected.session_id == session_id && selected.number == number &&
           selected.replaced_by.empty();
  });
  return found == history.end() ? nullptr : &*found;
}

const Selected* Find(const History& history, int64_t session_id, std::string_view question_id) {
  const auto found = std::find_if(history.begin(), history.end(), [&](const Selected& selected) {
    return selected.session_id == session_id && selected.question_id == question_id;
  });
  return found == history.end() ? nullptr : &*found;
}

void NoteAnswered(History& history, std::string_view question_id, int answer_length) {
  for (Selected& selected : history) {
    if (selected.question_id == question_id) selected.answer_length = answer_length;
  }
}

int LatestNumber(const History& history, int64_t session_id) {
  int latest = 0;
  for (const Selected& selected : history) {
    if (selected.session_id == session_id) latest = std::max(latest, selected.number);
  }
  return latest;
}

std::optional<Selected> Pick(const Bank& bank, const History& history, const Interests& profile,
                             const SessionState& session, int answers_given,
                             const Selected* skipped, absl::Time now, bool heavy_welcome) {
  Situation situation = SituationOf(bank, history, profile, session.session_id, answers_given);
  situation.heavy_welcome = heavy_welcome;
  if (skipped != nullptr) {
    const v1::Question* question = bank.Find(skipped->question_id);
    if (question != nullptr) situation.skipped = ToAsked(*question, /*answered=*/false);
  }
  const int number = answers_given + 1;
  std::mt19937_64 random =
      SeededFor(session.session_id, number, static_cast<int64_t>(history.size()));
  const v1::Question* question = Choose(bank.questions(), situation, random);
  if (question == nullptr) return std::nullopt;
  return Selected{.session_id = session.session_id,
                  .question_id = question->question_id(),
                  .number = number,
                  .strategy = StrategyFor(answers_given),
                  .selected_at = now,
                  .answer_length = std::nullopt,
                  .replaced_by = ""};
}

}  // namespace selfology::question
