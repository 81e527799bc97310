// When the coach may ask: who only tells is asked in every third reply at most, so that a talk is no
// interrogation and no general question follows a specific one.
//
//   MayAsk(dialogue)                     // false: one of the last two replies did
//   Asks("You wrote “why?”. Go on.")     // false: what is quoted is no question of the coach's
//
// Threads: pure functions.
#pragma once

#include <string_view>

#include "absl/types/span.h"
#include "services/coaching/coach/understanding/listener.h"

namespace selfology::coach {

bool Asks(std::string_view reply);

bool MayAsk(absl::Span<const Said> dialogue);

}  // namespace selfology::coach
