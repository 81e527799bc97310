#include "services/coaching/lib/safety/follow_up.h"

#include <algorithm>
#include <vector>

namespace selfology::safety {
namespace {

struct Named {
  FollowUp follow_up;
  std::string_view rule;
  std::string_view name;
};
constexpr Named kNames[] = {
    {FollowUp::kUnclear, "", "unclear"},
    {FollowUp::kStillInDanger, "STILL_IN_DANGER", "still_in_danger"},
    {FollowUp::kSafeNow, "SAFE_NOW", "safe_now"},
    {FollowUp::kWantsHuman, "WANTS_HUMAN", "wants_human"},
    {FollowUp::kRefusesHelp, "REFUSES_HELP", "refuses_help"},
    {FollowUp::kAngryAtBot, "ANGRY_AT_BOT", "angry_at_bot"},
    {FollowUp::kQuestionAboutHelp, "QUESTION_ABOUT_HELP", "question_about_help"},
    {FollowUp::kChangesTopic, "CHANGES_TOPIC", "changes_topic"},
    {FollowUp::kJokesItOff, "JOKES_IT_OFF", "jokes_it_off"},
    {FollowUp::kThirdPartyUpdate, "THIRD_PARTY_UPDATE", "third_party_update"},
    {FollowUp::kMisunderstood, "MISUNDERSTOOD", "misunderstood"},
    {FollowUp::kThanks, "THANKS", "thanks"},
};

// Of several that fit, the one named first counts: what asks for care before what lets go.
constexpr FollowUp kOrder[] = {
    FollowUp::kStillInDanger, FollowUp::kWantsHuman, FollowUp::kQuestionAboutHelp,
    FollowUp::kRefusesHelp,   FollowUp::kAngryAtBot, FollowUp::kThirdPartyUpdate,
    FollowUp::kSafeNow,       FollowUp::kJokesItOff, FollowUp::kMisunderstood,
    FollowUp::kChangesTopic,  FollowUp::kThanks,
};

std::string_view RuleOf(FollowUp follow_up) { return kNames[static_cast<int>(follow_up)].rule; }

// Danger that the message itself speaks of.
bool SpeaksOfDanger(std::string_view message) {
  const Assessment found = Assess(message, {});
  return found.level >= Level::kAsk && found.about == About::kPerson;
}

}  // namespace

FollowUp ReadFollowUp(std::string_view message, Danger danger) {
  const Tables& tables = Tables::BuiltIn();
  const std::vector<Hit> hits = tables.follow_up.Match(tables.vocabulary.Read(message));
  const auto told = [&](FollowUp follow_up) {
    return std::any_of(hits.begin(), hits.end(),
                       [&](const Hit& hit) { return hit.rule->finds() == RuleOf(follow_up); });
  };
  if (SpeaksOfDanger(message)) return FollowUp::kStillInDanger;
  for (const FollowUp follow_up : kOrder) {
    if (!told(follow_up)) continue;
    // News of somebody else answers only a card about somebody else.
    const bool about_other = danger == Danger::kThirdParty || danger == Danger::kMedicalEmergency;
    if (follow_up == FollowUp::kThirdPartyUpdate && !about_other) continue;
    return follow_up;
  }
  return FollowUp::kUnclear;
}

std::string_view NameOf(FollowUp follow_up) { return kNames[static_cast<int>(follow_up)].name; }

}  // namespace selfology::safety
