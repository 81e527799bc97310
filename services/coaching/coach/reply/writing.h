// Writes the local coach's reply to a turn.
//
//   std::string reply = Write(listener, turn, dialogue, known);
//
// A reply takes up what the message says: it quotes the person's own clause, or says it back, and
// asks something that fits it. It asserts no feeling, and says no sentence of the dialogue (or of
// Known::said) again as long as there is another. The same input gives the same reply. Threads: pure
// functions.
#pragma once

#include <string>

#include "absl/types/span.h"
#include "services/coaching/coach/reply/known.h"
#include "services/coaching/coach/understanding/listener.h"

namespace selfology::coach {

std::string Write(const Listener& listener, const Turn& turn, absl::Span<const Said> dialogue,
                  const Known& known);

}  // namespace selfology::coach
