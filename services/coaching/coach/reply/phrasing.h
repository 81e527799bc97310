// Chooses what to say among replies of the tables, and fills it.
//
//   Phrasing phrasing(speech, said, seed, /*informal=*/false);
//   std::optional<std::string> reply = phrasing.Choose(speech.replies("thanks"), slots);
//
// What was said before is not chosen again while there is another; `Again` takes what was said
// longest ago. Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/coaching/coach/reply/known.h"
#include "services/coaching/coach/reply/speech.h"

namespace selfology::coach {

class Phrasing {
 public:
  // `said`: the coach's replies, latest first. The references must outlive it.
  Phrasing(const LoadedSpeech& speech, std::vector<std::string> said, uint64_t seed, bool informal)
      : speech_(speech), said_(std::move(said)), seed_(seed), informal_(informal) {}

  // One that was not said; nullopt when there is none that can be filled.
  std::optional<std::string> Choose(const ReplyTexts& texts, const Slots& slots) const;
  std::optional<std::string> Choose(std::string_view name, const Slots& slots) const {
    return Choose(speech_.replies(name), slots);
  }
  // The same without a question: what stands before the first one, if that says something.
  std::optional<std::string> ChooseStatement(const ReplyTexts& texts, const Slots& slots) const;
  // The one said longest ago, if none is left; empty only when none can be filled.
  std::string Again(std::string_view name, const Slots& slots) const;

  bool WasSaid(std::string_view words) const;
  bool informal() const { return informal_; }
  const LoadedSpeech& speech() const { return speech_; }

 private:
  // How many replies ago it was made; as many as there are when never.
  size_t LastMade(std::string_view reply) const;

  const LoadedSpeech& speech_;
  const std::vector<std::string> said_;
  const uint64_t seed_;
  const bool informal_;
};

// "Sasha, brother" as {Sasha, brother}; a part is empty when it is not said.
struct NamedPerson {
  std::string name;
  std::string relation;
};
NamedPerson ReadPerson(std::string_view memory_text);

// What is remembered, a line for each kind; empty: nothing.
std::string TellMemory(const Phrasing& phrasing, const Known& known);
// The plan's steps, a line each: "1. Tomorrow: ...".
std::string TellSteps(const LoadedSpeech& speech, const v1::Plan& plan, const Known& known);
// Slots "step", "number", "day", "goal\"" of a step.
void AddStep(const LoadedSpeech& speech, const v1::Plan& plan, const v1::PlanStep& step,
             const Known& known, Slots& slots);
// Something on a day, as one says it: "your driving test".
std::string SpokenEvent(const LoadedSpeech& speech, const v1::MemoryItem& item, bool informal);

}  // namespace selfology::coach
