// What to write to somebody who has not written for a while.
//
//   CheckIn check_in = WriteCheckIn(speech, known, /*informal=*/false);
//
// Asks after the step of the plan that is due, a day that was or is to come, a promise, a goal; else
// how they are. Threads: pure functions.
#pragma once

#include <string>

#include "services/coaching/coach/reply/known.h"
#include "services/coaching/coach/reply/speech.h"

namespace selfology::coach {

struct CheckIn {
  std::string text;
  int step_number = 0;  // Of the plan's step that it asks after; 0: of none.
};
CheckIn WriteCheckIn(const LoadedSpeech& speech, const Known& known, bool informal);

}  // namespace selfology::coach
