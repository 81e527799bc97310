#include "services/coaching/lib/safety/safety.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/coaching/lib/safety/classifier.h"

namespace selfology::safety {
namespace {

// What the classifier has to be sure of, chosen on phrases of authors that it had not learned from
// (docs/coaching.md).
constexpr uint32_t Percent(uint32_t percent) { return kCertain / 100 * percent; }
constexpr uint32_t kDoubtFrom = Percent(75);
constexpr uint32_t kAskFrom = Percent(88);
constexpr uint32_t kAskAnswerFrom =
    Percent(90);                            // Answers to the coach's questions: most are open.
constexpr uint32_t kActFrom = Percent(90);  // And a rule has to have found something, too.
constexpr uint32_t kClassFrom = Percent(80);
constexpr uint32_t kHarmlessBelow = Percent(70);
constexpr int kExplained = 4;  // Words; in so few nothing can tell that it was meant otherwise.

// Grief that nothing in its words tells from a wish to die: always worth the question.
constexpr std::string_view kKept = "joins_the_dead";

struct Named {
  Danger danger;
  std::string_view rule;  // As the rules' `finds` has it.
  std::string_view name;
  int weight;  // Which of two on the same level is told.
};
constexpr Named kNames[] = {
    {Danger::kNone, "", "none", 0},
    {Danger::kDirect, "DIRECT", "direct", 8},
    {Danger::kPlan, "PLAN", "plan", 9},
    {Danger::kIndirect, "INDIRECT", "indirect", 2},
    {Danger::kSelfHarm, "SELF_HARM", "self_harm", 5},
    {Danger::kPast, "PAST", "past", 3},
    {Danger::kThirdParty, "THIRD_PARTY", "third_party", 4},
    {Danger::kAbuse, "ABUSE", "abuse", 6},
    {Danger::kViolence, "VIOLENCE", "violence", 7},
    {Danger::kStarvation, "STARVATION", "starvation", 1},
    {Danger::kMedicalEmergency, "MEDICAL_EMERGENCY", "medical_emergency", 10},
};

const Named& NamedBy(std::string_view rule) {
  for (const Named& named : kNames) {
    if (named.rule == rule) return named;
  }
  return kNames[0];
}

Level LevelOf(const Rule& rule) {
  if (rule.level() == "ACT") return Level::kAct;
  if (rule.level() == "ASK") return Level::kAsk;
  return Level::kDoubt;
}

Level Lower(Level level) {
  return level == Level::kNone ? level : static_cast<Level>(static_cast<int>(level) - 1);
}

// Dangers of a person to themselves, which are a third party's when said of somebody else.
bool IsToOneself(Danger danger) {
  return danger == Danger::kDirect || danger == Danger::kPlan || danger == Danger::kIndirect ||
         danger == Danger::kSelfHarm || danger == Danger::kPast || danger == Danger::kStarvation;
}

class Assessor {
 public:
  Assessor(const Tables& tables, std::string_view message, const Context& context)
      : tables_(tables), context_(context), reading_(tables.vocabulary.Read(message)) {}

  Assessment Run() && {
    if (context_.asked_about_ending_life) Answer();
    for (const Hit& hit : tables_.danger.Match(reading_)) Take(hit);
    // Two doubts are a reason to ask.
    if (result_.level == Level::kDoubt && doubts_ > 1) result_.level = Level::kAsk;
    if (result_.level == Level::kDoubt && context_.in_crisis) result_.level = Level::kAsk;
    Weigh(Classifier::BuiltIn().Judge(reading_));
    return std::move(result_);
  }

 private:
  bool Tells(const Reading& reading, std::string_view name) const {
    const std::optional<int> id = tables_.vocabulary.Find(name);
    return id.has_value() && reading.present.test(*id);
  }

  // "Yes", "sometimes" to the plain question.
  void Answer() {
    constexpr int kShort = 6;
    if (reading_.size() == 0 || reading_.size() > kShort) return;
    if (Tells(reading_, "YES") && !Tells(reading_, "NO")) {
      Found(Danger::kDirect, Level::kAct, About::kPerson, "answered_yes", 0, reading_.size());
      answered_ = true;
    } else if (Tells(reading_, "PERHAPS")) {
      Found(Danger::kIndirect, Level::kAsk, About::kPerson, "answered_perhaps", 0, reading_.size());
      answered_ = true;
    }
  }

  void Take(const Hit& hit) {
    Danger danger = NamedBy(hit.rule->finds()).danger;
    if (danger == Danger::kNone) {  // "everyday_cutting": what was meant is explained.
      everyday_.push_back({hit.begin, hit.end});
      return;
    }
    Level level = LevelOf(*hit.rule);
    const bool any = hit.rule->who() == "ANY";
    About about = hit.person == Person::kOther ? About::kSomebodyElse : About::kPerson;
    if (IsToOneself(danger) && !any) {
      if (hit.person == Person::kOther) {
        danger = Danger::kThirdParty;
        if (level == Level::kAct) level = Level::kAsk;
      } else if (hit.person == Person::kPeople || hit.person == Person::kYou) {
        // "People who want to die", "you want to die?"
        about = About::kNobody;
        level = Level::kNone;
      }
    }
    if (hit.doubtful) level = std::min(level, Level::kDoubt);
    level = InItsContext(hit, danger, level);
    if (level == Level::kNone) return;
    if (danger == Danger::kThirdParty) about = About::kSomebodyElse;
    if (level == Level::kDoubt) CountDoubt(hit);
    if (level >= Level::kAsk) ruled_.push_back(danger);
    kept_ |= level >= Level::kAsk && hit.rule->name() == kKept;
    outright_ |= level == Level::kAct && about == About::kPerson &&
                 (danger == Danger::kDirect || danger == Danger::kPlan) &&
                 hit.person == Person::kSelf;
    Found(danger, level, about, hit.rule->name(), hit.begin, hit.end);
  }

  // What was learned from phrases adds to what the rules found, and takes their alarms back where
  // it is surely harmless; never what a person says of themselves outright.
  void Weigh(const Verdict& verdict) {
    if (IsDenial()) return;
    auto danger = static_cast<Danger>(verdict.likeliest + 1);
    const Level ruled = result_.level;
    Level learned = LearnedLevel(verdict, danger, ruled > Level::kNone);
    if (ruled == Level::kNone && IsEveryday(verdict)) learned = std::min(learned, Level::kDoubt);
    // Without any rule it is asked about plainly: of those who are asked most mean something else.
    if (ruled == Level::kNone || (IsParticular(danger) && !IsRuled(danger))) {
      danger = ruled >= Level::kAsk ? result_.danger : Danger::kIndirect;
    }
    if (learned >= Level::kAsk || learned > ruled) {
      const About about = danger == Danger::kThirdParty ? About::kSomebodyElse : About::kPerson;
      Found(danger, learned, about, absl::StrCat("learned_", NameOf(danger)), verdict.where.begin,
            verdict.where.end);
      // It tells classes apart better than the rules do.
      if (ruled >= Level::kAsk && verdict.danger >= kClassFrom && MayBeCalled(danger)) {
        result_.danger = danger;
        result_.about = about;
      }
    } else if (ruled >= Level::kAsk && verdict.danger < kHarmlessBelow &&
               reading_.size() >= kExplained && !outright_ && !kept_ && !answered_ &&
               !context_.in_crisis) {
      result_.level = Level::kDoubt;
    }
  }

  // Dangers whose cards speak of a wound, of hunger, of what others do: only a rule may say so.
  static bool IsParticular(Danger danger) {
    return danger == Danger::kSelfHarm || danger == Danger::kStarvation ||
           danger == Danger::kAbuse || danger == Danger::kViolence ||
           danger == Danger::kThirdParty || danger == Danger::kMedicalEmergency;
  }
  bool IsRuled(Danger danger) const {
    return std::find(ruled_.begin(), ruled_.end(), danger) != ruled_.end();
  }

  // What was learned was learned of words whose everyday meaning a rule knows.
  bool IsEveryday(const Verdict& verdict) const {
    return std::any_of(everyday_.begin(), everyday_.end(), [&](const Words& words) {
      return words.begin < verdict.where.end && words.end > verdict.where.begin;
    });
  }

  // Whether what the rules found may be another danger after all.
  bool MayBeCalled(Danger danger) const {
    if (result_.danger == Danger::kMedicalEmergency || answered_) return false;
    return !outright_ || danger == Danger::kDirect || danger == Danger::kPlan;
  }

  // "I have never wanted to kill myself", and nothing else: the rules, which read negation better
  // than what was learned, saw the words and found no danger.
  bool IsDenial() const {
    constexpr int kShort = 16;  // Words.
    constexpr std::string_view kOutright[] = {"SUICIDE", "SUICIDAL", "END_LIFE", "DIE", "KILL"};
    if (!result_.reasons.empty() || reading_.size() > kShort) return false;
    bool denied = false;
    const auto look = [&](int concept_id, int at) {
      const std::string& name = tables_.vocabulary.Name(concept_id);
      if (std::find(std::begin(kOutright), std::end(kOutright), name) == std::end(kOutright)) {
        return true;
      }
      denied |= reading_.negated[at];
      return static_cast<bool>(reading_.negated[at]);
    };
    for (int i = 0; i < reading_.size(); ++i) {
      const Concepts& starts = reading_.starts[i];
      for (size_t id = starts._Find_first(); id < starts.size(); id = starts._Find_next(id)) {
        if (!look(static_cast<int>(id), i)) return false;
      }
    }
    for (const Phrase& phrase : reading_.phrases) {
      if (!look(phrase.concept_id, phrase.begin)) return false;
    }
    return denied;
  }

  Level LearnedLevel(const Verdict& verdict, Danger danger, bool a_rule_fits) const {
    const bool at_once =
        danger == Danger::kDirect || danger == Danger::kPlan || danger == Danger::kMedicalEmergency;
    if (at_once && a_rule_fits && verdict.danger >= kActFrom) return Level::kAct;
    if (verdict.danger >= (context_.question.empty() ? kAskFrom : kAskAnswerFrom)) {
      return Level::kAsk;
    }
    return verdict.danger >= kDoubtFrom ? Level::kDoubt : Level::kNone;
  }

  // Two rules that doubt the same words are one doubt.
  void CountDoubt(const Hit& hit) {
    if (hit.begin >= doubted_until_) ++doubts_;
    doubted_until_ = std::max(doubted_until_, hit.end);
  }

  // Stories, games, work and jokes make it less likely that it is meant.
  Level InItsContext(const Hit& hit, Danger danger, Level level) const {
    const bool strong = hit.person == Person::kSelf && LevelOf(*hit.rule) == Level::kAct;
    const bool story = Tells(reading_, "FICTION") || Tells(reading_, "GAME");
    const bool work = Tells(reading_, "WORK_TOPIC");
    if (story && Tells(reading_, "GAME") && !strong) return Level::kNone;
    if ((story || work) && danger != Danger::kMedicalEmergency) {
      if (hit.person != Person::kSelf) {
        return level == Level::kAct ? Level::kDoubt : Level::kNone;
      }
      if (!strong || Tells(reading_, "GAME")) level = Lower(level);
    }
    if (Tells(reading_, "LAUGH") && danger != Danger::kPlan &&
        danger != Danger::kMedicalEmergency) {
      level = danger == Danger::kViolence ? std::min(level, Level::kDoubt) : Lower(level);
    }
    if (!context_.question.empty() && AboutFear() && danger == Danger::kIndirect &&
        hit.person != Person::kSelf && level < Level::kAct) {
      level = Lower(level);
    }
    return level;
  }

  // "What are you afraid of?": the answer may name the worst without meaning it.
  bool AboutFear() const { return Tells(Question(), "FEAR"); }
  const Reading& Question() const {
    if (!question_.has_value()) question_ = tables_.vocabulary.Read(context_.question);
    return *question_;
  }

  void Found(Danger danger, Level level, About about, std::string rule, int begin, int end) {
    result_.reasons.push_back({.rule = std::move(rule),
                               .begin = reading_.tokens[begin].begin,
                               .end = reading_.tokens[end - 1].end});
    const auto weight = [](Danger one) { return kNames[static_cast<int>(one)].weight; };
    if (level > result_.level ||
        (level == result_.level && weight(danger) > weight(result_.danger))) {
      result_.danger = danger;
      result_.level = level;
      result_.about = about;
    }
  }

  const Tables& tables_;
  const Context& context_;
  const Reading reading_;
  mutable std::optional<Reading> question_;
  Assessment result_;
  struct Words {
    int begin;
    int end;
  };
  std::vector<Words> everyday_;
  std::vector<Danger> ruled_;  // What rules found, and not as a doubt.
  int doubts_ = 0;
  int doubted_until_ = 0;  // Words.
  bool outright_ = false;  // The person says that they want to die.
  bool kept_ = false;      // kKept was found.
  bool answered_ = false;  // The plain question.
};

}  // namespace

Assessment Assess(std::string_view message, const Context& context) {
  return Assessor(Tables::BuiltIn(), message, context).Run();
}

std::string_view NameOf(Danger danger) { return kNames[static_cast<int>(danger)].name; }

std::string_view NameOf(Level level) {
  constexpr std::string_view kLevels[] = {"none", "doubt", "ask", "act"};
  return kLevels[static_cast<int>(level)];
}

}  // namespace selfology::safety
