// What a person answers while the crisis mode is on.
//
//   ReadFollowUp("my brother is here with me", Danger::kDirect)  // FollowUp::kSafeNow
//   ReadFollowUp("I meant wood carving", Danger::kSelfHarm)      // FollowUp::kMisunderstood
//   ReadFollowUp("ok", Danger::kDirect)                          // FollowUp::kUnclear
//
// Only clear words end the mode: whatever speaks of danger too is kStillInDanger, and what says
// nothing is kUnclear. Threads: pure functions.
#pragma once

#include <string_view>

#include "services/coaching/lib/safety/safety.h"

namespace selfology::safety {

enum class FollowUp {
  kUnclear,
  kStillInDanger,
  kSafeNow,
  kWantsHuman,
  kRefusesHelp,
  kAngryAtBot,
  kQuestionAboutHelp,
  kChangesTopic,
  kJokesItOff,
  kThirdPartyUpdate,
  kMisunderstood,  // "It was a figure of speech", "I am just tired": there was no danger.
  kThanks,         // Thanks, goodbyes.
};
inline constexpr FollowUp kFollowUps[] = {
    FollowUp::kUnclear,           FollowUp::kStillInDanger, FollowUp::kSafeNow,
    FollowUp::kWantsHuman,        FollowUp::kRefusesHelp,   FollowUp::kAngryAtBot,
    FollowUp::kQuestionAboutHelp, FollowUp::kChangesTopic,  FollowUp::kJokesItOff,
    FollowUp::kThirdPartyUpdate,  FollowUp::kMisunderstood, FollowUp::kThanks};

FollowUp ReadFollowUp(std::string_view message, Danger danger);

// "safe_now"
std::string_view NameOf(FollowUp follow_up);

}  // namespace selfology::safety
