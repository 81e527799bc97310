#include "services/coaching/coach/memory/preparation.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/coaching/coach/memory/extraction.h"
#include "services/coaching/coach/memory/plan.h"
#include "services/coaching/coach/memory/recall.h"
#include "services/coaching/coach/reply/clauses.h"
#include "services/coaching/coach/understanding/dates.h"

namespace selfology::coach {
namespace {

constexpr size_t kMostFound = 2;
// Of these some may be requests, which tell nothing.
constexpr int kMostLookedAt = 12;
// The second find counts when it is nearly as good as the first.
constexpr double kNearlyAsGood = 0.88;
constexpr int kMostQuoted = 240;
// Who lost somebody is met as one who mourns for so long.
constexpr int kMourningDays = 60;
constexpr int kMostFactCharacters = 200;
constexpr size_t kShortQuestion = 8;
constexpr size_t kMostAnswers = 3;
constexpr size_t kShortAnswer = 4;
constexpr int kMostAnswerCharacters = 120;

// The sentence of a passage that a query means.
std::string BestSentence(std::string_view passage, std::string_view query) {
  if (text::Characters(passage) <= kMostQuoted / 2) return std::string(passage);
  const Utterance text(passage);
  std::vector<std::string> sentences;
  Recall recall;
  int begin = 0;
  const int words = static_cast<int>(text.words.size());
  for (int i = 0; i < words; ++i) {
    if (!text.words[i].ends_sentence && i + 1 < words) continue;
    sentences.emplace_back(text.Between(begin, i + 1));
    recall.Add(static_cast<int64_t>(sentences.size()) - 1, sentences.back(), "");
    begin = i + 1;
  }
  const std::vector<Recall::Hit> hits = recall.Find(query, 1);
  const std::string best = hits.empty() ? std::string(passage) : sentences[hits.front().id];
  return std::string(text::Trim(text::Prefix(best, kMostQuoted)));
}

class Preparer {
 public:
  Preparer(const Listener& listener, const Past& past) : listener_(listener), past_(past) {
    Known& known = done_.known;
    known.today = past.today;
    known.memory = past.memory;
    known.plan = past.plan;
    known.said = past.said;
    known.informal = past.informal;
    done_.turn = listener.Listen(past.dialogue, past.language, known);
    if (done_.turn.language == language::Language::kRussian) known.informal = done_.turn.informal;
  }

  Preparation Run() && {
    Remember();
    switch (done_.turn.intent) {
      case FORGET:
        Forget();
        break;
      case CORRECT:
        Correct();
        break;
      case MAKE_PLAN:
        Plan();
        break;
      case STEP_DONE:
        done_.turn.promise.empty() ? TickOff() : KeepPromise();
        break;
      default:
        break;
    }
    done_.turn.intent == ABOUT_ME ? FindAnswers() : FindEarlier();
    FindLoss();
    return std::move(done_);
  }

 private:
  const LoadedSpeech& Written() const {
    return listener_.speech(
        LanguageByLetters(done_.turn.message->text).value_or(done_.turn.language));
  }

  void Remember() {
    const Intent intent = done_.turn.intent;
    if (intent == RECALL || intent == FORGET || intent == ABOUT_ME || intent == SHOW_PLAN ||
        intent == WHO_IS || intent == AGENDA || intent == CORRECT || intent == NO_LOSS) {
      return;
    }
    std::vector<v1::MemoryItem> found = Extract(Written(), *done_.turn.message, past_.today);
    if (intent == REMEMBER) {
      if (absl::c_none_of(found,
                          [](const auto& item) { return item.kind() == v1::MEMORY_KIND_FACT; })) {
        AddFact(found);
      }
      // The fact itself first.
      for (const v1::MemoryItem& item : found) {
        std::vector<std::string>& texts = done_.known.remembered;
        texts.insert(item.kind() == v1::MEMORY_KIND_FACT ? texts.begin() : texts.end(),
                     item.text());
      }
    }
    done_.changed = Merge(found, done_.known.memory);
  }

  // What a request to remember says to remember, if no rule found it.
  void AddFact(std::vector<v1::MemoryItem>& found) const {
    for (const Understanding& one : done_.turn.understandings) {
      const auto captured = one.match.captures.find("x");
      if (one.frame->intent() != REMEMBER || captured == one.match.captures.end()) continue;
      const Utterance& message = *done_.turn.message;
      const std::string_view words = message.Between(captured->second.begin, captured->second.end);
      if (ContentWords(message, captured->second) == 0) return;
      v1::MemoryItem fact;
      fact.set_kind(v1::MEMORY_KIND_FACT);
      fact.set_text(std::string(text::Trim(text::Prefix(words, kMostFactCharacters))));
      const std::vector<DateMention> dates = FindDates(message, past_.today);
      if (!dates.empty() && dates.front().day >= past_.today) {
        fact.set_due_date(DayText(dates.front().day));
      }
      found.push_back(std::move(fact));
      return;
    }
  }

  void Forget() {
    Recall recall;
    for (size_t i = 0; i < past_.memory.size(); ++i) {
      recall.Add(static_cast<int64_t>(i), past_.memory[i].text(), past_.memory[i].quote());
    }
    // What is only like it must not be forgotten.
    for (const Recall::Hit& hit : recall.Find(done_.turn.message->text, 1, Recall::By::kWords)) {
      if (hit.score < kIsRecalled) break;
      const v1::MemoryItem& item = past_.memory[hit.id];
      done_.forgotten.push_back(item.memory_id());
      done_.known.forgotten.push_back(item.text());
      std::erase_if(done_.known.memory, [&](const v1::MemoryItem& other) {
        return other.memory_id() == item.memory_id() && other.text() == item.text();
      });
    }
  }

  // "Pete isn't my son, he's my nephew"; who is said to be nobody's is let go.
  void Correct() {
    const Utterance& message = *done_.turn.message;
    const bool russian = Written().language() == language::Language::kRussian;
    std::string name;
    std::string relation;
    bool denied = false;
    for (const PersonMention& person : Written().people().Find(message)) {
      if (!person.name.empty()) name = person.name;
      if (person.relation.empty()) continue;
      if (IsDenied(message, person.words.begin)) {
        denied = true;
      } else {
        relation = person.relation;
      }
    }
    if (name.empty()) name = RememberedName(message);
    for (v1::MemoryItem& item : done_.known.memory) {
      if (name.empty() || item.kind() != v1::MEMORY_KIND_PERSON) continue;
      if (!item.text().starts_with(name)) continue;
      if (relation.empty() && denied) {
        done_.forgotten.push_back(item.memory_id());
        done_.known.forgotten.push_back(item.text());
        std::erase_if(done_.known.memory, [&](const v1::MemoryItem& other) {
          return other.kind() == v1::MEMORY_KIND_PERSON && other.text() == item.text();
        });
        return;
      }
      if (relation.empty()) break;
      item.set_text(absl::StrCat(name, russian ? " — " : ", ", relation));
      item.set_quote(message.text);
      done_.changed.push_back(item);
      done_.known.remembered.push_back(item.text());
      return;
    }
    name.empty() || relation.empty() ? PutBack(name)
                                     : Add(absl::StrCat(name, russian ? " — " : ", ", relation));
  }

  // Of somebody remembered, whose name no table may have.
  std::string RememberedName(const Utterance& message) const {
    for (const v1::MemoryItem& item : done_.known.memory) {
      if (item.kind() != v1::MEMORY_KIND_PERSON) continue;
      const Utterance text(item.text());
      if (text.words.empty()) continue;
      for (const Token& word : message.words) {
        if (word.text == text.words.front().text) return std::string(text.Between(0, 1));
      }
    }
    return "";
  }

  // The denial stands up to two words before: "isn't my son", «не мой сын».
  static bool IsDenied(const Utterance& message, int word) {
    for (int i = std::max(0, word - 2); i < word; ++i) {
      const std::string& text = message.words[i].text;
      if (text == "не" || text == "not" || text == "isn't" || text == "wasn't") return true;
    }
    return false;
  }

  void Add(std::string text) {
    v1::MemoryItem person;
    person.set_kind(v1::MEMORY_KIND_PERSON);
    person.set_text(std::move(text));
    person.set_quote(std::string(text::Prefix(done_.turn.message->text, kMostFactCharacters)));
    done_.known.memory.push_back(person);
    done_.known.remembered.push_back(person.text());
    done_.changed.push_back(std::move(person));
  }

  // Somebody who was spoken of in the dialogue and is not remembered; of this name, if it is given.
  void PutBack(std::string_view name) {
    for (auto said = past_.dialogue.rbegin(); said != past_.dialogue.rend(); ++said) {
      if (!said->by_person) continue;
      for (const v1::MemoryItem& item : Extract(Written(), Utterance(said->text), past_.today)) {
        if (item.kind() != v1::MEMORY_KIND_PERSON || !item.text().starts_with(name)) continue;
        const bool known = absl::c_any_of(done_.known.memory, [&](const v1::MemoryItem& other) {
          return other.text() == item.text();
        });
        if (!known) return Add(item.text());
      }
    }
  }

  // "Report tomorrow, choir on Wednesday": what they named themselves are the steps.
  void UseOwnDays(v1::Plan& plan) const {
    const Utterance& message = *done_.turn.message;
    std::vector<v1::PlanStep> steps;
    for (const DateMention& date : FindDates(message, past_.today)) {
      if (date.day < past_.today || static_cast<int>(steps.size()) == plan.steps_size()) continue;
      WordRange clause = date.words;
      while (clause.begin > 0 && !message.words[clause.begin - 1].ends_clause) --clause.begin;
      while (clause.end < static_cast<int>(message.words.size()) &&
             !message.words[clause.end - 1].ends_clause) {
        ++clause.end;
      }
      const WordRange before{clause.begin, date.words.begin};
      const WordRange after{date.words.end, clause.end};
      const WordRange thing =
          ContentWords(message, before) >= ContentWords(message, after) ? before : after;
      if (ContentWords(message, thing) == 0) continue;
      v1::PlanStep& step = steps.emplace_back();
      step.set_number(static_cast<int>(steps.size()));
      step.set_due_date(DayText(date.day));
      step.set_text(std::string(message.Between(thing.begin, thing.end)));
    }
    if (steps.size() < 2) return;
    plan.clear_steps();
    for (v1::PlanStep& step : steps) *plan.add_steps() = std::move(step);
  }

  void Plan() {
    if (done_.turn.goal.empty()) return;
    std::optional<absl::CivilDay> until;
    for (const v1::MemoryItem& item : done_.known.memory) {
      if (item.kind() == v1::MEMORY_KIND_GOAL && item.text() == done_.turn.goal) {
        until = ParseDay(item.due_date());
      }
    }
    for (const DateMention& date : FindDates(*done_.turn.message, past_.today)) {
      if (date.day > past_.today) until = date.day;
    }
    const std::vector<std::string> own = ListedSteps(done_.turn.message->text);
    done_.plan = own.empty() ? MakePlan(listener_.speech(done_.turn.language), done_.turn.goal,
                                        past_.today, until)
                             : OwnPlan(own, done_.turn.goal, past_.today);
    if (own.empty()) UseOwnDays(*done_.plan);
    done_.known.plan = done_.plan;
    done_.known.plan_made = true;
  }

  void TickOff() {
    if (!done_.known.plan.has_value()) return;
    int number = NamedStep(done_.turn.message->text);
    if (number == 0) {
      const v1::PlanStep* next = NextStep(*done_.known.plan);
      if (next == nullptr) return;
      number = next->number();
    }
    for (v1::PlanStep& step : *done_.known.plan->mutable_steps()) {
      if (step.number() == number) step.set_done(true);
    }
    done_.known.step_done = number;
    done_.plan = done_.known.plan;
  }

  void KeepPromise() {
    for (v1::MemoryItem& item : done_.known.memory) {
      if (item.kind() != v1::MEMORY_KIND_PROMISE || item.text() != done_.turn.promise) continue;
      item.set_done(true);
      done_.known.promise_kept = item.text();
      done_.changed.push_back(item);
    }
  }

  // The last of their answers that say something: they are known of them, too.
  void FindAnswers() {
    for (auto passage = past_.passages.rbegin(); passage != past_.passages.rend(); ++passage) {
      if (done_.known.found.size() == kMostAnswers) return;
      if (passage->question.empty()) continue;
      const Utterance answer(passage->text);
      const bool asks =
          absl::c_any_of(answer.words, [](const Token& word) { return word.question; });
      if (asks || answer.words.size() < kShortAnswer) continue;
      std::string text(text::Trim(text::Prefix(passage->text, kMostAnswerCharacters)));
      if (text.size() < text::Trim(passage->text).size()) text += "…";
      done_.known.found.push_back({std::move(text), std::nullopt});
    }
  }

  static bool AsksForADay(const Utterance& message) {
    return absl::c_any_of(message.words, [](const Token& word) {
      return word.text == "when" || word.text == "когда" || word.text == "date" ||
             word.text == "day" || word.text == "числа";
    });
  }

  // "What do I have on Thursday?"
  void FindDay() {
    for (const DateMention& date : FindDates(*done_.turn.message, past_.today)) {
      for (const v1::MemoryItem& item : past_.memory) {
        if (item.due_date() == DayText(date.day) && !item.done() &&
            done_.known.found.size() < kMostFound) {
          done_.known.found.push_back({item.text(), std::nullopt});
        }
      }
    }
  }

  void FindEarlier() {
    const bool asked = done_.turn.intent == RECALL || done_.turn.intent == WHO_IS;
    if (asked) FindDay();
    if (!done_.known.found.empty()) return;
    const std::string& query = done_.turn.message->text;
    std::vector<std::string> texts;
    std::vector<const Passage*> passages;  // Of the first texts.
    Recall recall;
    const auto add = [&](std::string text, std::string_view question) {
      recall.Add(static_cast<int64_t>(texts.size()), text, question);
      texts.push_back(std::move(text));
    };
    std::set<std::string_view> in_view;
    if (!asked) {
      for (const Said& said : past_.dialogue) in_view.insert(said.text);
    }
    for (const Passage& passage : past_.passages) {
      if (passage.text == query || in_view.contains(passage.text)) continue;
      add(passage.text, passage.question);
      passages.push_back(&passage);
    }
    if (asked && AsksForADay(*done_.turn.message)) {
      for (const v1::MemoryItem& item : past_.memory) {
        const std::optional<absl::CivilDay> day = ParseDay(item.due_date());
        if (!day.has_value()) continue;
        add(absl::StrCat(item.text(), " — ", SpokenDay(*day, past_.today, done_.turn.language)),
            item.quote());
      }
    }
    double best = 0;
    for (const Recall::Hit& hit : recall.Find(query, kMostLookedAt)) {
      if (hit.score < std::max(kIsRecalled, best * kNearlyAsGood)) break;
      const auto index = static_cast<size_t>(hit.id);
      if (index < passages.size() && IsARequest(*passages[index])) continue;
      best = std::max(best, hit.score);
      done_.known.found.push_back({BestSentence(texts[index], query), index < passages.size()
                                                                          ? passages[index]->said_on
                                                                          : std::nullopt});
      // What is put down with its day answers the question.
      if (done_.known.found.size() == kMostFound || index >= passages.size()) break;
    }
  }

  // The last thing that they said of a loss, unless they said since that there was none.
  void FindLoss() {
    for (auto passage = past_.passages.rbegin(); passage != past_.passages.rend(); ++passage) {
      if (passage->said_on.has_value() && past_.today - *passage->said_on > kMourningDays) break;
      const std::optional<language::Language> language = LanguageByLetters(passage->text);
      // An answer to a question about the past may tell of a loss of long ago.
      if (!passage->question.empty() || !language.has_value()) continue;
      const std::vector<Understanding> understood =
          listener_.Understand(listener_.speech(*language), Utterance(passage->text));
      if (understood.empty()) continue;
      const Intent intent = understood.front().frame->intent();
      if (intent == NO_LOSS) return;
      if (intent != GRIEF) continue;
      done_.known.loss = std::string(text::Prefix(passage->text, kMostQuoted));
      return;
    }
  }

  // An earlier question of the person is not what they told.
  bool IsARequest(const Passage& passage) const {
    if (!passage.question.empty()) return false;
    const Utterance message(passage.text);
    if (message.words.size() > 20) return false;
    const std::optional<language::Language> language = LanguageByLetters(passage.text);
    if (!language.has_value()) return true;
    const std::vector<Understanding> understood =
        listener_.Understand(listener_.speech(*language), message);
    if (understood.empty()) return false;
    switch (understood.front().frame->intent()) {
      case GREETING:
      case THANKS:
      case GOODBYE:
      case SMALL_TALK:
      case WHO_ARE_YOU:
      case ABOUT_ME:
      case FORGET:
      case RECALL:
      case WHO_IS:
      case AGENDA:
      case SHOW_PLAN:
      case WHAT_DATE:
      case SPEAK_ENGLISH:
      case SPEAK_RUSSIAN:
      case SET_INFORMAL:
      case SET_FORMAL:
      case PRIVACY:
      case KNOWLEDGE:
        return true;
      default:
        return absl::c_any_of(message.words, [](const Token& word) { return word.question; }) &&
               message.words.size() <= kShortQuestion;
    }
  }

  const Listener& listener_;
  const Past& past_;
  Preparation done_;
};

}  // namespace

Preparation Prepare(const Listener& listener, const Past& past) {
  return Preparer(listener, past).Run();
}

}  // namespace selfology::coach
