// What of a message is worth remembering: people, days, promises, goals, facts.
//
//   Extract(speech, Utterance("I promised mum to call on Friday"), today)
//   // PROMISE "I promised mum to call on Friday", due 2026-12-04
//
// Only what the words say; a wish that is no goal ("I want to sleep") is none. Texts are short lines
// in the words of the person. Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "selfology/coach/v1/coach.pb.h"
#include "services/coaching/coach/reply/speech.h"
#include "services/coaching/coach/understanding/pattern.h"

namespace selfology::coach {

// Without ids and times.
std::vector<v1::MemoryItem> Extract(const LoadedSpeech& speech, const Utterance& message,
                                    absl::CivilDay today);

// Two items of one kind with the same key are the same: stems, whatever order, case and form.
std::string KeyOf(const v1::MemoryItem& item);

// Adds to `items` what is not there yet; returns the new ones. A person whose name was known gets
// their relation, something on a day its new day.
std::vector<v1::MemoryItem> Merge(const std::vector<v1::MemoryItem>& found,
                                  std::vector<v1::MemoryItem>& items);

}  // namespace selfology::coach
