// How the coach speaks with a person, and what it is told about them.
//
//   ai::v1::CompletionInput input = ReplyInput(context);
//
// Pure functions. Source: spec 001, "Coach Interaction Service", personalization logic (threshold
// 0.6).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "selfology/ai/v1/ai.pb.h"
#include "selfology/coach/v1/coach.pb.h"
#include "selfology/profile/v1/profile.pb.h"

namespace selfology::coach {

// How many messages of the past the coach is reminded of.
inline constexpr int kRememberedMessages = 10;
inline constexpr int kRememberedNotes = 10;

// What is known when a reply is due.
struct Context {
  profile::v1::Profile profile;       // Empty: nothing is known yet.
  std::vector<std::string> notes;     // A sentence for each of the latest answers, oldest first.
  std::vector<v1::Message> messages;  // The latest, oldest first; the last is the one to answer.
  std::string language;               // BCP 47.
};

// Style, format and tone by the Big Five; without a trait, the plainer one.
std::string SystemPrompt(const Context& context);

ai::v1::CompletionInput ReplyInput(const Context& context);

// For when no model could be had.
std::string Apology(std::string_view language);

}  // namespace selfology::coach
