// What a reply says of what is remembered: promises, people, days and plans. See writer.h.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/coaching/coach/memory/extraction.h"
#include "services/coaching/coach/memory/plan.h"
#include "services/coaching/coach/reply/clauses.h"
#include "services/coaching/coach/reply/drafting.h"
#include "services/coaching/coach/reply/phrasing.h"
#include "services/coaching/coach/reply/turn_slots.h"
#include "services/coaching/coach/reply/writer.h"
#include "services/coaching/coach/understanding/dates.h"
#include "services/coaching/lib/stable_hash/stable_hash.h"

namespace selfology::coach {
namespace {

constexpr int kYearNamedAfterDays = 300;

}  // namespace

std::optional<std::string> Writer::TakeUpWhatIsRemembered() const {
  if (LanguageByLetters(message_.text) != turn_.language) return std::nullopt;
  for (const v1::MemoryItem& item : Extract(speech_, message_, today_)) {
    Slots slots = slots_;
    slots["what\""] = Quoted(item.text(), speech_.language());
    std::string_view group;
    if (item.kind() == v1::MEMORY_KIND_PROMISE) {
      group = "tell_promise";
    } else if (item.kind() == v1::MEMORY_KIND_DATE) {
      slots["event"] = slots["Event"] = SpokenEvent(speech_, item, turn_.informal);
      const std::optional<absl::CivilDay> day = ParseDay(item.due_date());
      if (!day.has_value() || !known_.today.has_value()) continue;
      slots["day"] = SpokenDay(*day, today_, speech_.language());
      const bool own = !absl::StrContains(item.text(), "'s ") && !item.text().ends_with(')');
      group = own ? "tell_event" : "tell_their_event";
    } else if (item.kind() == v1::MEMORY_KIND_GOAL) {
      const Utterance goal(item.text());
      slots["goal"] =
          speech_.SaidBack(goal, {0, static_cast<int>(goal.words.size())}, turn_.informal);
      slots["goal\""] = Quoted(slots["goal"], speech_.language());
      group = "tell_goal";
    } else {
      continue;
    }
    if (std::optional<std::string> reply = Choose(speech_.replies(group), slots)) return reply;
  }
  return std::nullopt;
}

std::string Writer::WithReminder(std::string reply) {
  if (turn_.intent != TELL || absl::StrContains(reply, '\n')) return reply;
  for (const v1::MemoryItem& item : known_.memory) {
    if (item.kind() != v1::MEMORY_KIND_PROMISE || item.done()) continue;
    if (absl::StrContains(message_.text, item.text()) || WasReminded(item.text())) continue;
    if (!SpeakOfTheSame(item.text())) continue;
    Slots slots = slots_;
    slots["what\""] = Quoted(item.text(), speech_.language());
    const std::optional<std::string> reminder = phrasing_.Choose("promise_due", slots);
    if (reminder.has_value()) return absl::StrCat(reply, " ", *reminder);
  }
  return reply;
}

bool Writer::WasReminded(const std::string& promise) const {
  return absl::c_any_of(dialogue_, [&](const Said& said) {
    return !said.by_person && absl::StrContains(said.text, promise) &&
           SaysOneOf(speech_, "promise_due", said.text);
  });
}

bool Writer::SpeakOfTheSame(const std::string& promise) const {
  const std::vector<PersonMention> promised = speech_.people().Find(Utterance(promise));
  const std::vector<PersonMention> spoken_of = speech_.people().Find(message_);
  return absl::c_any_of(promised, [&](const PersonMention& one) {
    return absl::c_any_of(spoken_of, [&](const PersonMention& other) {
      return (!one.relation.empty() && one.relation == other.relation) ||
             (!one.name.empty() && one.name == other.name);
    });
  });
}

std::string Writer::AboutMe() {
  const std::string memory = TellMemory(phrasing_, known_);
  std::vector<std::string> answers;
  for (const Found& one : known_.found) answers.push_back(Quoted(one.text, speech_.language()));
  if (memory.empty() && answers.empty()) return Say("about_me_nothing");
  if (memory.empty()) {
    return absl::StrCat(Say("about_me_answers"), "\n", absl::StrJoin(answers, "\n"));
  }
  std::string reply = absl::StrCat(Say("about_me_intro"), "\n", memory);
  if (!answers.empty()) {
    absl::StrAppend(&reply, "\n", speech_.replies("label_notes")[0], absl::StrJoin(answers, "; "),
                    ".");
  }
  return absl::StrCat(reply, "\n", Say("about_me_outro"));
}

std::string Writer::Remember() {
  if (known_.remembered.empty()) return Say("remember_what");
  slots_["what\""] = Quoted(known_.remembered.front(), speech_.language());
  return Say("remembered");
}

std::string Writer::Forget() {
  if (known_.forgotten.empty()) {
    const bool all = absl::c_any_of(message_.words, [](const Token& word) {
      return word.text == "everything" || word.text == "all" || word.text == "все";
    });
    return Say(all ? "forget_all" : "forget_nothing");
  }
  slots_["what\""] = Quoted(known_.forgotten.front(), speech_.language());
  return Say("forgotten");
}

std::string Writer::TellFound() {
  if (known_.found.empty()) {
    const Match* match = MatchOf(RECALL);
    if (match != nullptr && match->captures.contains("x")) {
      const std::string about = AboutWhat(match->captures.at("x"));
      if (!about.empty()) {
        slots_["about"] = about;
        return Say("recall_nothing");
      }
    }
    return Say("recall_nothing_plain");
  }
  const bool of_a_day = !FindDates(message_, today_).empty();
  const Found& found = known_.found.front();
  slots_["found\""] = Quoted(found.text, speech_.language());
  if (found.day.has_value()) slots_["said_day"] = SaidDay(*found.day);
  if (known_.found.size() > 1) {
    const Found& second = known_.found[1];
    slots_["second\""] = Quoted(second.text, speech_.language());
    if (second.day.has_value()) slots_["second_day"] = SaidDay(*second.day);
    if (of_a_day) return Say("recall_day_two");
    return Say(found.day.has_value() && second.day.has_value() ? "recall_two_dated" : "recall_two");
  }
  if (of_a_day) return Say("recall_day");
  return Say(found.day.has_value() ? "recall_dated" : "recall");
}

// As one says when somebody said something: with the year when it is long ago.
std::string Writer::SaidDay(absl::CivilDay day) const {
  std::string spoken = SpokenDay(day, today_, speech_.language());
  if (today_ - day > kYearNamedAfterDays) {
    const bool russian = speech_.language() == language::Language::kRussian;
    absl::StrAppend(&spoken, " ", day.year(), russian ? " года" : "");
  }
  return spoken;
}

// "about HR", «про вашего начальника»; empty when it is not said, or too long.
std::string Writer::AboutWhat(WordRange words) const {
  static constexpr std::string_view kAbout[] = {"about", "regarding", "про",   "о",
                                                "об",    "обо",       "насчет"};
  static constexpr int kMostWords = 6;
  if (words.begin == 0 || words.end - words.begin > kMostWords) return "";
  if (ContentWords(message_, words) == 0) return "";
  if (!absl::c_linear_search(kAbout, message_.words[words.begin - 1].text)) return "";
  return speech_.SaidBack(message_, {words.begin - 1, words.end}, turn_.informal);
}

std::string Writer::TellWho() {
  for (const v1::MemoryItem& item : known_.memory) {
    if (item.kind() != v1::MEMORY_KIND_PERSON) continue;
    const NamedPerson person = ReadPerson(item.text());
    if (person.name.empty() || person.relation.empty() || !IsSpokenOf(person)) continue;
    slots_["name"] = person.name;
    slots_["relation"] = person.relation;
    return Say("who_is");
  }
  return known_.found.empty() ? Say("who_is_unknown") : TellFound();
}

bool Writer::IsSpokenOf(const NamedPerson& person) const {
  return absl::c_any_of(speech_.people().Find(message_),
                        [&](const PersonMention& one) {
                          return one.name == person.name ||
                                 (one.name.empty() && one.relation == person.relation);
                        }) ||
         absl::c_any_of(message_.words, [&](const Token& word) {
           return word.text == Utterance(person.name).words.front().text;
         });
}

std::string Writer::TellAgenda() {
  std::string lines;
  if (known_.plan.has_value()) lines = TellSteps(speech_, *known_.plan, known_);
  std::vector<std::pair<absl::CivilDay, std::string>> days;
  for (const v1::MemoryItem& item : known_.memory) {
    const std::optional<absl::CivilDay> day = ParseDay(item.due_date());
    if (!day.has_value() || item.done() || *day < today_) continue;
    days.emplace_back(*day, item.text());
  }
  absl::c_sort(days);
  for (const auto& [day, text] : days) {
    absl::StrAppend(&lines, lines.empty() ? "" : "\n", "— ", text, ", ",
                    SpokenDay(day, today_, speech_.language()));
  }
  if (lines.empty()) return Say("agenda_empty");
  return absl::StrCat(Say("agenda"), "\n", lines);
}

std::string Writer::TellNewPlan() {
  if (!known_.plan_made || !known_.plan.has_value()) return Say("ask_goal");
  slots_["goal\""] = Quoted(known_.plan->goal(), speech_.language());
  const bool own_days = known_.plan->goal() == speech_.replies("own_days")[0];
  return absl::StrCat(Say(own_days ? "agenda" : "plan_intro"), "\n",
                      TellSteps(speech_, *known_.plan, known_), "\n", Say("plan_outro"));
}

std::string Writer::ShowPlan() {
  if (!known_.plan.has_value()) return Say("plan_none");
  slots_["goal\""] = Quoted(known_.plan->goal(), speech_.language());
  return absl::StrCat(Say("plan_show"), "\n", TellSteps(speech_, *known_.plan, known_));
}

std::string Writer::StepDone() {
  if (!turn_.promise.empty()) {
    slots_["what\""] = Quoted(turn_.promise, speech_.language());
    return Say("promise_kept");
  }
  if (!known_.plan.has_value()) return "";
  for (const v1::PlanStep& step : known_.plan->steps()) {
    if (step.number() != known_.step_done) continue;
    slots_["done_step"] = step.text();
    slots_["done_number"] = absl::StrCat(step.number());
  }
  slots_["goal\""] = Quoted(known_.plan->goal(), speech_.language());
  if (const v1::PlanStep* next = NextStep(*known_.plan)) {
    AddStep(speech_, *known_.plan, *next, known_, slots_);
    return Say("step_done");
  }
  return Say("plan_done");
}

std::string Writer::StepNotDone() {
  if (!turn_.promise.empty()) {
    slots_["c\""] = slots_["prev\""] = Quoted(turn_.promise, speech_.language());
    return Say("no");
  }
  const v1::PlanStep* next = known_.plan.has_value() ? NextStep(*known_.plan) : nullptr;
  if (next == nullptr) return "";
  AddStep(speech_, *known_.plan, *next, known_, slots_);
  // It must not be due yesterday.
  slots_["day"] = SpokenDay(today_ + 1, today_, speech_.language());
  return Say("step_not_done");
}

}  // namespace selfology::coach
