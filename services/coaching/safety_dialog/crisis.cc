#include "services/coaching/safety_dialog/crisis.h"

#include <algorithm>
#include <utility>

namespace selfology::safety_dialog {
namespace {

using safety::About;
using safety::Danger;
using safety::FollowUp;
using safety::Level;

constexpr std::string_view kSafe = "safe";
constexpr std::string_view kSafeNow = "safe_now";

// Cards that ask something, and the buttons that "yes" and "no" stand for.
struct Question {
  std::string_view card;
  std::string_view yes;
  std::string_view no;
};
constexpr Question kQuestions[] = {
    {"direct", "with_somebody", "alone"},     {"plan", "with_somebody", "alone"},
    {"indirect", "ending_yes", "ending_no"},  {"past", "ending_yes", "ending_no"},
    {"unclear", kSafe, "still_in_danger"},    {"changes_topic", kSafe, "still_in_danger"},
    {"jokes_it_off", kSafe, "ending_unsure"}, {kSafeNow, kSafe, "stay"},
    {kShort, kSafe, "still_in_danger"},
};

// Buttons that speak of danger: also under an old card they begin the mode.
struct Alarm {
  std::string_view button;
  Danger danger;
  Level level;
};
constexpr Alarm kAlarms[] = {
    {"ending_yes", Danger::kDirect, Level::kAct},
    {"ending_unsure", Danger::kIndirect, Level::kAsk},
    {"still_in_danger", Danger::kIndirect, Level::kAsk},
    {"alone", Danger::kIndirect, Level::kAsk},
    {"stay", Danger::kIndirect, Level::kAsk},
    {"emergency", Danger::kMedicalEmergency, Level::kAct},
    {"cannot_call", Danger::kMedicalEmergency, Level::kAct},
};

bool Asks(std::string_view card, std::string_view button) {
  return std::any_of(std::begin(kQuestions), std::end(kQuestions),
                     [&](const Question& q) { return q.card == card && q.yes == button; });
}

// The button that a plain answer stands for; empty: none.
std::string_view ButtonFor(std::string_view card, PlainAnswer answer) {
  if (answer == PlainAnswer::kNone) return "";
  for (const Question& question : kQuestions) {
    if (question.card == card) return answer == PlainAnswer::kYes ? question.yes : question.no;
  }
  return "";
}

Step Over(std::string_view card) { return {.card = std::string(card), .taken = true}; }

Step Begin(Danger danger, Level level, std::string_view card, absl::Time now) {
  return {.crisis = Crisis{.danger = danger,
                           .level = level,
                           .last_card = std::string(card),
                           .since = now,
                           .last_at = now},
          .card = std::string(card),
          .taken = true,
          .began = true};
}

// The mode goes on with this card.
Step Show(Crisis crisis, std::string_view card, absl::Time now) {
  crisis.last_card = std::string(card);
  crisis.last_at = now;
  return {.crisis = std::move(crisis), .card = std::string(card), .taken = true};
}

Step Escalate(Crisis crisis, Danger danger, Level level, std::string_view card, absl::Time now) {
  const bool rose = level > crisis.level;
  crisis.danger = danger;
  crisis.level = std::max(crisis.level, level);
  Step step = Show(std::move(crisis), card, now);
  step.rose = rose;
  return step;
}

// Another danger, as grave or graver; or the person's own after somebody else's.
bool IsNews(const Crisis& crisis, const safety::Assessment& found) {
  if (found.level < Level::kAsk || found.danger == crisis.danger) return false;
  const bool own_now = crisis.danger == Danger::kThirdParty && found.about == About::kPerson;
  return found.level >= crisis.level || own_now;
}

// Words of somebody who is not in danger.
bool Reassures(FollowUp follow_up) {
  return follow_up == FollowUp::kSafeNow || follow_up == FollowUp::kMisunderstood ||
         follow_up == FollowUp::kChangesTopic || follow_up == FollowUp::kJokesItOff ||
         follow_up == FollowUp::kThanks;
}

// Words that neither name danger nor ask for anything.
bool IsQuiet(FollowUp follow_up) {
  return follow_up == FollowUp::kUnclear || follow_up == FollowUp::kRefusesHelp ||
         follow_up == FollowUp::kAngryAtBot;
}

// The card answered such words.
bool IsForQuiet(std::string_view card) {
  return card == kShort || card == safety::NameOf(FollowUp::kUnclear) ||
         card == safety::NameOf(FollowUp::kRefusesHelp) ||
         card == safety::NameOf(FollowUp::kAngryAtBot);
}

// The card with which the mode began.
bool IsFirst(std::string_view card) {
  return std::any_of(std::begin(safety::kDangers), std::end(safety::kDangers),
                     [&](Danger danger) { return card == safety::NameOf(danger); });
}

Step FollowUpStep(const Crisis& crisis, FollowUp follow_up, absl::Time now) {
  const bool only_asked = crisis.level < Level::kAct;
  if (only_asked && Reassures(follow_up)) {
    if (follow_up == FollowUp::kSafeNow) return Over(kSafe);
    return Over(
        safety::NameOf(follow_up == FollowUp::kThanks ? follow_up : FollowUp::kMisunderstood));
  }
  if (only_asked && IsQuiet(follow_up) && IsForQuiet(crisis.last_card)) return {};
  if (crisis.last_card == kSafeNow && (Reassures(follow_up) || IsQuiet(follow_up))) {
    return Over(kSafe);
  }
  // Of who was in acute danger it is asked once whether they are safe, in whatever words they let go.
  if (Reassures(follow_up)) return Show(crisis, kSafeNow, now);
  const std::string_view card = safety::NameOf(follow_up);
  return Show(crisis, card == crisis.last_card ? kShort : card, now);
}

}  // namespace

Heard Listen(std::string_view words, const std::optional<Crisis>& crisis,
             std::string_view question) {
  Heard heard;
  if (!crisis.has_value()) {
    heard.found = safety::Assess(words, {.question = question});
    return heard;
  }
  heard.found =
      safety::Assess(words, {.question = question,
                             .asked_about_ending_life = Asks(crisis->last_card, "ending_yes"),
                             .in_crisis = true});
  heard.follow_up = safety::ReadFollowUp(words, crisis->danger);
  constexpr int kPlain = 2;  // Words.
  const safety::Vocabulary& vocabulary = safety::Tables::BuiltIn().vocabulary;
  const safety::Reading reading = vocabulary.Read(words);
  const auto says = [&](std::string_view name) {
    const std::optional<int> id = vocabulary.Find(name);
    return id.has_value() && reading.present.test(*id);
  };
  if (const std::optional<int> no = vocabulary.Find("NO"); no.has_value() && reading.size() > 0) {
    heard.begins_with_no = reading.starts[0].test(*no) && reading.tokens[0].ends_clause;
  }
  if (reading.size() >= 1 && reading.size() <= kPlain && says("YES") != says("NO")) {
    heard.answer = says("YES") ? PlainAnswer::kYes : PlainAnswer::kNo;
  }
  return heard;
}

Step Hear(const std::optional<Crisis>& crisis, const Heard& heard, absl::Time now) {
  const safety::Assessment& found = heard.found;
  const bool danger = found.level >= Level::kAsk;
  if (!crisis.has_value()) {
    if (!danger) return {};
    return Begin(found.danger, found.level, safety::NameOf(found.danger), now);
  }
  // A command does what it always does.
  if (heard.is_command && !danger) return {.crisis = crisis};
  if (IsNews(*crisis, found)) {
    return Escalate(*crisis, found.danger, found.level, safety::NameOf(found.danger), now);
  }
  // Graver, and of the same kind.
  if (found.level > crisis->level) {
    return Escalate(*crisis, found.danger, found.level, safety::NameOf(FollowUp::kStillInDanger),
                    now);
  }
  // The same words once more, and they have their answer.
  if (heard.is_whole && now - crisis->last_at < kBurst) return {.crisis = crisis, .taken = true};
  if (danger) return FollowUpStep(*crisis, FollowUp::kStillInDanger, now);
  const std::string_view button = ButtonFor(crisis->last_card, heard.answer);
  if (!button.empty()) return Press(crisis, button, now);
  const bool explained = heard.begins_with_no || heard.answer == PlainAnswer::kNo;
  if (explained && IsFirst(crisis->last_card) && crisis->level < Level::kAct &&
      (IsQuiet(heard.follow_up) || Reassures(heard.follow_up))) {
    return Over(safety::NameOf(FollowUp::kMisunderstood));
  }
  return FollowUpStep(*crisis, heard.follow_up, now);
}

Step Press(const std::optional<Crisis>& crisis, std::string_view argument, absl::Time now) {
  if (argument == kSafe) return Over(kSafe);
  // What "ending_yes" is answered with.
  const std::string_view card =
      argument == "ending_yes" ? safety::NameOf(Danger::kDirect) : argument;
  if (argument == "ending_no" && crisis.has_value() && crisis->level < Level::kAct) {
    return Over(card);
  }
  for (const Alarm& alarm : kAlarms) {
    if (alarm.button != argument) continue;
    if (!crisis.has_value()) return Begin(alarm.danger, alarm.level, card, now);
    if (alarm.level > crisis->level) {
      return Escalate(*crisis, alarm.danger, alarm.level, card, now);
    }
  }
  if (!crisis.has_value()) return Over(card);
  return Show(*crisis, card, now);
}

}  // namespace selfology::safety_dialog
