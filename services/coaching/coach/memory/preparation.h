// What a message changes in what the coach remembers, and what the reply to it is to know.
//
//   Preparation prepared = Prepare(listener, past);
//   // Store prepared.changed, prepared.forgotten and prepared.plan; then
//   input.set_system_prompt(SystemPrompt(..., prepared.known));
//
// The one place where a message's meaning has consequences: who asks for a plan gets one made, who
// is done with a step has it ticked off, who asks to forget is obeyed. Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "selfology/coach/v1/coach.pb.h"
#include "services/coaching/coach/reply/known.h"
#include "services/coaching/coach/understanding/listener.h"

namespace selfology::coach {

// Something that the person said, in chat or as an answer.
struct Passage {
  std::string text;
  std::string question;                        // What it answers; empty in chat.
  std::optional<absl::CivilDay> said_on = {};  // In the person's calendar; absent: not known.
};

struct Past {
  std::vector<Said> dialogue;  // Oldest first; the last is the message to answer.
  std::string language;        // BCP 47; counts where the words say nothing.
  absl::CivilDay today;        // In the person's calendar.
  std::optional<bool> informal;
  std::vector<v1::MemoryItem> memory;  // Oldest first.
  std::optional<v1::Plan> plan;
  std::vector<Passage> passages;  // Before the dialogue and in it, oldest first.
  std::vector<std::string> said;  // By the coach before the dialogue, oldest first.
};

struct Preparation {
  Turn turn;
  Known known;
  std::vector<v1::MemoryItem> changed;  // New items (without an id), and known ones that changed.
  std::vector<int64_t> forgotten;       // Ids.
  std::optional<v1::Plan> plan;         // The plan as it is now, if it changed.
};

Preparation Prepare(const Listener& listener, const Past& past);

}  // namespace selfology::coach
