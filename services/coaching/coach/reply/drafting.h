// What a person wants to have worded, and for whom.
//
//   "how do I tell my mum that I'm not coming?"
//   // {.replies = "draft_tell", .say = "I'm not coming", .greeting = "Mum, "}
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "services/coaching/coach/understanding/listener.h"

namespace selfology::coach {

struct DraftRequest {
  std::string_view replies;  // The name of the replies that it is worded with.
  std::string say;           // Empty: they have not said yet.
  std::string greeting;      // "Mum, "
};

DraftRequest ReadDraft(const LoadedSpeech& speech, const Turn& turn,
                       absl::Span<const Said> dialogue);

}  // namespace selfology::coach
