#include "tools/load/people.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/journey/answers.h"
#include "tests/journey/words.h"

namespace selfology::load {
namespace {

// An act that is later than this is left out.
constexpr absl::Duration kBehind = absl::Seconds(1);

}  // namespace

int64_t Figures::answered() const {
  int64_t count = 0;
  for (const auto& [what, samples] : milliseconds) count += static_cast<int64_t>(samples.size());
  return count;
}

double Quantile(std::vector<double> samples, double part) {
  if (samples.empty()) return 0;
  const auto place = static_cast<std::ptrdiff_t>(part * static_cast<double>(samples.size() - 1));
  std::nth_element(samples.begin(), samples.begin() + place, samples.end());
  return samples[static_cast<size_t>(place)];
}

void People::Add(int64_t person) {
  if (people_.try_emplace(person).second) free_.push_back(person);
}

std::optional<Act> People::Next(absl::Time now) {
  if (now < next_) return std::nullopt;
  const absl::Duration pause = absl::Seconds(1 / options_.per_second);
  if (free_.empty()) {
    while (next_ + kBehind < now) {
      next_ += pause;
      ++figures_.left_out;
    }
    return std::nullopt;
  }
  next_ += pause;
  const int64_t id = free_.front();
  free_.pop_front();
  Person& person = people_.at(id);
  person.waits = true;
  person.since = now;
  ++waiting_;
  ++figures_.acts;
  return ActOf(id, person);
}

Act People::ActOf(int64_t id, Person& person) const {
  const std::string mark = absl::StrCat(" (", id, ".", ++person.said, ")");
  switch (person.step) {
    case Step::kNew:
      return {.person = id, .text = "/start"};
    case Step::kInvited:
      return {.person = id, .message = person.welcome, .button = std::string(journey::kAgree)};
    case Step::kAsked:
      return {.person = id, .text = absl::StrCat(journey::EnglishAnswer(person.question), mark)};
    case Step::kTalking:
      break;
  }
  return {.person = id, .text = absl::StrCat("I want to paint again. What comes first?", mark)};
}

std::string_view People::NameOf(Step step) {
  switch (step) {
    case Step::kNew:
      return "start";
    case Step::kInvited:
      return "consent";
    case Step::kAsked:
      return "answer";
    case Step::kTalking:
      break;
  }
  return "coach";
}

void People::Hear(int64_t id, int64_t message, std::string_view text, absl::Time now) {
  const auto found = people_.find(id);
  if (found == people_.end()) return;
  Person& person = found->second;
  if (message <= person.heard) return;  // Changed, not new.
  person.heard = message;
  if (journey::IsRefusal(text)) {
    if (!person.waits) return;
    ++figures_.refused;
    return Release(id, person);
  }
  if (const int number = journey::QuestionNumber(text); number > 0) {
    if (number <= person.question) return;
    Answered(id, person, now);
    person.question = number;
    person.step = Step::kAsked;
  } else if (journey::IsLastQuestion(text)) {
    Answered(id, person, now);
    person.step = Step::kTalking;
  } else if (person.step == Step::kNew && journey::IsWelcome(text)) {
    Answered(id, person, now);
    person.welcome = message;
    person.step = Step::kInvited;
  } else if (person.step == Step::kTalking && !journey::IsInPassing(text)) {
    Answered(id, person, now);
  }
}

void People::Answered(int64_t id, Person& person, absl::Time now) {
  if (!person.waits) return;  // It had counted as unanswered.
  figures_.milliseconds[std::string(NameOf(person.step))].push_back(
      absl::ToDoubleMilliseconds(now - person.since));
  Release(id, person);
}

void People::Release(int64_t id, Person& person) {
  person.waits = false;
  --waiting_;
  free_.push_back(id);
}

void People::Failed(int64_t id) {
  const auto found = people_.find(id);
  if (found == people_.end() || !found->second.waits) return;
  ++figures_.failed;
  Release(id, found->second);
}

void People::Expire(absl::Time now) {
  for (auto& [id, person] : people_) {
    if (!person.waits || now < person.since + options_.patience) continue;
    ++figures_.unanswered;
    Release(id, person);
  }
}

}  // namespace selfology::load
