// Whether a model's reply fits the turn that it answers; what does not is not sent.
//
//   std::vector<Misfit> misfits = CheckFit(reply, turn, dialogue, known);
//   if (!misfits.empty()) ...  // The local coach's reply is sent instead.
//
// The gate of services/coaching/lib/safety is a check of its own, before this one. Threads: pure
// functions.
#pragma once

#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "services/coaching/coach/reply/known.h"
#include "services/coaching/coach/understanding/listener.h"

namespace selfology::coach {

enum class Misfit {
  kOtherLanguage,   // Not the person's.
  kRepetition,      // A sentence of an earlier reply again.
  kTooLong,         // More than six sentences or 900 characters; a plan and the like may be longer.
  kTooShort,        // Fewer than two words.
  kBesideThePoint,  // Takes up nothing of the message, the memory, or what the person wants.
  kOnlyRepeats,     // Says nothing but the person's own words.
  kOtherForm,       // "вы" to who says "ты", or the other way round.
};
inline constexpr Misfit kMisfits[] = {
    Misfit::kOtherLanguage,  Misfit::kRepetition,  Misfit::kTooLong,  Misfit::kTooShort,
    Misfit::kBesideThePoint, Misfit::kOnlyRepeats, Misfit::kOtherForm};

// Each at most once; empty for a reply that may be sent.
std::vector<Misfit> CheckFit(std::string_view reply, const Turn& turn,
                             absl::Span<const Said> dialogue, const Known& known);

// "other_language"
std::string_view NameOf(Misfit misfit);

}  // namespace selfology::coach
