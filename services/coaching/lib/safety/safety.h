// Whether a person who writes is in danger: what every message goes through before anything else
// reads it.
//
//   const Assessment found = Assess("I can't do this anymore, I have the pills", {});
//   found.danger  // Danger::kPlan
//   found.level   // Level::kAct
//
// English, Russian, and both mixed; the words say which. The rules look for what is meant (concepts
// in some order and distance), not for sentences; they are in rules_*.textproto, their words in
// words_*.textproto. A classifier (classifier.h) finds what they miss and takes alarms of theirs back
// to a doubt; never what a person says of themselves outright. Alone it only asks: kIndirect and kAsk,
// whatever it takes it for. Rules that find EVERYDAY know what hands do all day ("hang a shelf") and
// take such words out of the others.
//
// kNone means that nothing was found, not that nothing is there: of hard messages a quarter to a
// third is missed, and of hard harmless ones every twentieth is taken for danger (docs/coaching.md).
//
// Logs may have the reasons, which name rules and places, never the message; "learned_direct" and the
// like are the classifier's. Threads: pure functions; a message of 4,096 characters takes some
// milliseconds, a usual one a fifth of one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "services/coaching/lib/safety/tables.h"

namespace selfology::safety {

enum class Danger {
  kNone,
  kDirect,    // Wants to die, says so.
  kPlan,      // With a means, a place or a time.
  kIndirect,  // Being a burden, no way out, not waking up.
  kSelfHarm,
  kPast,        // An attempt or such a time that is over.
  kThirdParty,  // Somebody else may be in danger.
  kAbuse,       // Somebody does it to the person, or to a child.
  kViolence,    // The person may do it to somebody.
  kStarvation,
  kMedicalEmergency,
};
inline constexpr Danger kDangers[] = {Danger::kDirect,     Danger::kPlan,
                                      Danger::kIndirect,   Danger::kSelfHarm,
                                      Danger::kPast,       Danger::kThirdParty,
                                      Danger::kAbuse,      Danger::kViolence,
                                      Danger::kStarvation, Danger::kMedicalEmergency};

enum class Level {
  kNone,
  kDoubt,  // The coach goes on, with an instruction to be careful.
  kAsk,    // Ask plainly, offer help.
  kAct,    // Show where there is help at once.
};

enum class About { kNobody, kPerson, kSomebodyElse };

struct Context {
  // What the person was asked, if the message answers a question.
  std::string_view question;
  // The question was whether they think of ending their life.
  bool asked_about_ending_life = false;
  // The crisis mode is on.
  bool in_crisis = false;
};

struct Reason {
  std::string rule;
  size_t begin = 0;  // Bytes of the message.
  size_t end = 0;
};

struct Assessment {
  Danger danger = Danger::kNone;
  Level level = Level::kNone;
  About about = About::kNobody;
  std::vector<Reason> reasons = {};
};

Assessment Assess(std::string_view message, const Context& context);

// "direct", "medical_emergency", "none"; "act", "doubt"
std::string_view NameOf(Danger danger);
std::string_view NameOf(Level level);

}  // namespace selfology::safety
