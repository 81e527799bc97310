// The crisis mode: what a person in danger is shown, until they are safe.
//
//   const Step step = Hear(std::nullopt, Listen("I have the pills here", std::nullopt), now);
//   step.card         // "plan"
//   step.crisis       // from now on
//   Hear(step.crisis, Listen("something else", step.crisis), later).card  // "safe_now"
//   Press(step.crisis, "safe", later).crisis                           // nullopt: it is over
//
// In the mode every message is answered, and no card comes twice in a row (kShort). It ends with the
// button, with "no" to the question whether they think of ending their life, when they say that they
// are safe, that it was meant otherwise, or speak of something else; who was in acute danger is asked
// once more before that. Who was only asked (Level::kAsk) is let go silently, too, with a second
// message in a row that names no danger: it goes on to whomever it was for. Cards are named as in
// services/coaching/lib/safety/cards.h.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "services/coaching/lib/safety/follow_up.h"
#include "services/coaching/lib/safety/safety.h"

namespace selfology::safety_dialog {

// In place of a card that was the last one, too: a line or two of ours (messages.h).
inline constexpr std::string_view kShort = "short";
// How soon after an answer gathered words are those that it answered.
inline constexpr absl::Duration kBurst = absl::Seconds(10);

struct Crisis {
  safety::Danger danger = safety::Danger::kNone;
  safety::Level level = safety::Level::kNone;
  std::string last_card = {};
  absl::Time since = absl::UnixEpoch();
  absl::Time last_at = absl::UnixEpoch();
  friend bool operator==(const Crisis&, const Crisis&) = default;
};

// What a message says.
enum class PlainAnswer { kNone, kYes, kNo };
struct Heard {
  safety::Assessment found;
  safety::FollowUp follow_up = safety::FollowUp::kUnclear;  // Of use in the mode only.
  PlainAnswer answer = PlainAnswer::kNone;
  bool begins_with_no = false;  // "No, I am just tired".
  bool is_whole = false;        // Several messages together; each came alone before.
  bool is_command = false;      // It stood behind a command.
};
// What is_whole and is_command cannot be told from: the words. `question`: what they reply to; may
// be empty.
Heard Listen(std::string_view words, const std::optional<Crisis>& crisis,
             std::string_view question = "");

struct Step {
  std::optional<Crisis> crisis = std::nullopt;  // From now on; nullopt: there is no crisis mode.
  std::string card = {};                        // Empty: nothing is said.
  bool taken = false;                           // The words are nobody else's.
  bool began = false;                           // The mode.
  bool rose = false;                            // Its level.
};

Step Hear(const std::optional<Crisis>& crisis, const Heard& heard, absl::Time now);

// `argument`: of a button under a card, so a card's name or "ending_yes".
Step Press(const std::optional<Crisis>& crisis, std::string_view argument, absl::Time now);

}  // namespace selfology::safety_dialog
