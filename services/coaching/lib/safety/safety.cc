#include "services/coaching/lib/safety/safety.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace selfology::safety {
namespace {

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
    } else if (Tells(reading_, "PERHAPS")) {
      Found(Danger::kIndirect, Level::kAsk, About::kPerson, "answered_perhaps", 0, reading_.size());
    }
  }

  void Take(const Hit& hit) {
    Danger danger = NamedBy(hit.rule->finds()).danger;
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
    Found(danger, level, about, hit.rule->name(), hit.begin, hit.end);
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
  int doubts_ = 0;
  int doubted_until_ = 0;  // Words.
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
