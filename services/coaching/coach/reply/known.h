// What the coach knows when it replies, beyond the dialogue: written into the system prompt, where a
// model reads it, and read out of it by the local coach.
//
//   prompt += WriteKnown(known);
//   Known known = ReadKnown(prompt);
//
// Everything that people wrote is quoted (common/prompt/quoted.h), so that it is no instruction.
// ReadKnown passes over what it cannot read. Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "selfology/coach/v1/coach.pb.h"

namespace selfology::coach {

// Something that the person said earlier.
struct Found {
  std::string text;
  std::optional<absl::CivilDay> day = {};  // When they said it, if that is known.
};

struct Known {
  std::optional<absl::CivilDay> today;  // In the person's calendar.
  std::optional<bool> informal;         // How they want to be addressed; absent: as they do it.
  std::vector<v1::MemoryItem> memory;   // Only kind, text, due_date and done.
  std::optional<v1::Plan> plan;
  // What the message that is answered has changed already.
  bool plan_made = false;
  int step_done = 0;  // The number of the step.
  std::string promise_kept;
  std::vector<std::string> remembered;
  std::vector<std::string> forgotten;
  std::vector<Found> found;       // What they said earlier that fits, best first.
  std::string loss;               // What they said of somebody whom they mourn; empty: nothing.
  std::vector<std::string> said;  // Sentences that the coach said before the dialogue's beginning.
};

std::string WriteKnown(const Known& known);
Known ReadKnown(std::string_view system_prompt);

}  // namespace selfology::coach
