// What a person was asked, and what follows from it for the next choice. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "selfology/question/v1/question.pb.h"
#include "services/coaching/question/bank.h"
#include "services/coaching/question/interest.h"
#include "services/coaching/question/smart_mix.h"

namespace selfology::question {

// A session, as its events told of it.
struct SessionState {
  int64_t session_id = 0;
  int64_t user_id = 0;
  std::string language;
  int max_questions = 0;
  bool ended = false;
  friend bool operator==(const SessionState&, const SessionState&) = default;
};

// A question that was chosen for a person in a session.
struct Selected {
  int64_t session_id = 0;
  std::string question_id;
  int number = 0;  // From 1. A replacement has the number of what it replaces.
  v1::SelectionStrategy strategy = v1::SELECTION_STRATEGY_UNSPECIFIED;
  absl::Time selected_at;
  std::optional<int> answer_length;  // Characters, once it was answered.
  std::string replaced_by;           // Not empty: skipped, and this was asked instead.
  friend bool operator==(const Selected&, const Selected&) = default;
};

// Of all sessions, oldest first.
using History = std::vector<Selected>;

// What there is to know of a person when a question is chosen.
struct Person {
  History history = {};
  Interests interests = {};
};

// The question that has this place in the session, after what was skipped; nullptr: none yet.
const Selected* Holder(const History& history, int64_t session_id, int number);
const Selected* Find(const History& history, int64_t session_id, std::string_view question_id);
void NoteAnswered(History& history, std::string_view question_id, int answer_length);
// The highest number used in the session; 0 before the first.
int LatestNumber(const History& history, int64_t session_id);

// The next question of a session after so many answers, or instead of one that was skipped;
// nullopt: nothing that fits is left. Chance is seeded by the session and the place in it: asked
// again, in a preview or after a transaction had to be repeated, the choice is the same.
// `heavy_welcome`: see Situation.
std::optional<Selected> Pick(const Bank& bank, const History& history, const Interests& profile,
                             const SessionState& session, int answers_given,
                             const Selected* skipped, absl::Time now, bool heavy_welcome = false);

}  // namespace selfology::question
