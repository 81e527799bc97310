// Whether what a language model says back to an answer keeps to what the person wrote.
//
//   CheckFeedback("You glow where work and love meet.", {.text = "I've had three ECGs this year."})
//   // {FeedbackFault::kNotTheirWords}
//
// Feedback with a fault is not sent; Reflect says something instead. Logs may have the fault's
// name, not the feedback. Threads: pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "services/coaching/lib/reflection/reflection.h"

namespace selfology::reflection {

enum class FeedbackFault {
  kEmpty,
  kTooLong,         // Above 300 characters.
  kWrongLanguage,   // Than the person is spoken to in.
  kNotTheirWords,   // Less than half of what it says is in the answer.
  kAssertsFeeling,  // One that the answer does not name.
  kLosesNegation,   // Of what the answer denies.
  kExclaims,        // Over what weighs heavily.
  kUnsafe,          // By services/coaching/lib/safety/reply_check.h: diagnoses and the like.
  kOutOfPlace,      // There is nothing to say to this answer but what Reflect says.
};

// Each fault at most once; empty for what may be said.
std::vector<FeedbackFault> CheckFeedback(std::string_view feedback, const Answered& answer);

// "not_their_words"
std::string_view NameOf(FeedbackFault fault);

}  // namespace selfology::reflection
