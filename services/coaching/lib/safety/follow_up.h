// What a person answers while the crisis mode is on.
//
//   ReadFollowUp("my brother is here with me", Danger::kDirect)  // FollowUp::kSafeNow
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
};
inline constexpr FollowUp kFollowUps[] = {
    FollowUp::kUnclear,           FollowUp::kStillInDanger, FollowUp::kSafeNow,
    FollowUp::kWantsHuman,        FollowUp::kRefusesHelp,   FollowUp::kAngryAtBot,
    FollowUp::kQuestionAboutHelp, FollowUp::kChangesTopic,  FollowUp::kJokesItOff,
    FollowUp::kThirdPartyUpdate};

FollowUp ReadFollowUp(std::string_view message, Danger danger);

// "safe_now"
std::string_view NameOf(FollowUp follow_up);

}  // namespace selfology::safety
