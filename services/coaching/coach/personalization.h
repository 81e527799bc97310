// How the coach speaks with a person, and what it is told about them.
//
//   ai::v1::CompletionInput input = ReplyInput(context);
//
// Every model gets the same: how to speak, by all five traits, each with its reason; what is
// remembered, planned and was said before (reply/known.h). A trait that is not sure (confidence
// below 0.5) or not pronounced (between 0.4 and 0.6) changes nothing, and is not told.
//
// Pure functions. Requirements: R000-21, R001-13 (threshold 0.6).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "selfology/ai/v1/ai.pb.h"
#include "selfology/profile/v1/profile.pb.h"
#include "services/coaching/coach/reply/known.h"
#include "services/coaching/coach/understanding/listener.h"

namespace selfology::coach {

// How many messages of the past the coach is reminded of.
inline constexpr int kRememberedMessages = 10;
inline constexpr int kRememberedNotes = 10;

// What is known when a reply is due.
struct Context {
  profile::v1::Profile profile;    // Empty: nothing is known yet.
  std::vector<std::string> notes;  // A sentence for each of the latest answers, oldest first.
  std::vector<Said> dialogue;      // The latest, oldest first; the last is the one to answer.
  Known known;
  std::string language;  // BCP 47.
};

std::string SystemPrompt(const Context& context);

ai::v1::CompletionInput ReplyInput(const Context& context);

}  // namespace selfology::coach
