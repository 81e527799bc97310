// Why an update took no effect, and what is to be done about it.
//
//   return Blame(response.status(), "garden");       // it was that dialog's failure
//   ...
//   if (MayPass(failure)) TryAgain(HoldFor(rounds)); else Park(BlamedDialog(failure));
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace selfology::telegram_gateway {

// The same failure, which names the dialog.
absl::Status Blame(absl::Status failure, std::string_view dialog);
// Empty: no dialog's.
std::string BlamedDialog(const absl::Status& failure);

// Whether the same update may succeed later: what it needs is away, busy, or wrongly set up.
// Otherwise the update itself is refused, and waiting does not help.
bool MayPass(const absl::Status& failure);

// How long an update waits after so many rounds of tries in vain: 1, 2, 4 ... 30 s.
absl::Duration HoldFor(int rounds);

// What an error says, as a table and a protobuf can keep it: whatever a dialog of others wrote
// there, at most 500 characters.
std::string Storable(std::string_view message);

}  // namespace selfology::telegram_gateway
