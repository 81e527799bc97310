// Why an update took no effect, and what is to be done about it.
//
//   return Blame(response.status(), "garden");       // it was that dialog's failure
//   ...
//   if (GivesUp(failure, rounds)) Park(BlamedDialog(failure)); else TryAgain(HoldFor(rounds));
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

// Whether the same update may succeed later: what it needs is away, busy, or wrongly set up, or it
// is not clear what is wrong. Otherwise the update itself is refused, and waiting does not help.
bool MayPass(const absl::Status& failure);
// Whether the failure says neither: UNKNOWN is also what a process gives that stumbles over this
// one update, UNIMPLEMENTED what one of another version gives.
bool IsUnclear(const absl::Status& failure);
// What its dialog was asked, it had all the time for that it may have.
absl::Status WithItsTime(absl::Status failure);
// Whether it may be this one update that its dialog cannot take, or takes too long for, although it
// says otherwise. Only if it serves others meanwhile is that so.
bool MayBeItsOwn(const absl::Status& failure);
// Whether to give up after so many rounds of tries in vain: at once what is refused, and after
// kUnclearRounds what is not clear, or, of rounds in which others were served, may be its own.
inline constexpr int kUnclearRounds = 5;
bool GivesUp(const absl::Status& failure, int rounds);

// Not an attempt at all: the dialog has as many calls as it may have, or fails for everybody, so it
// was not asked. Whoever has to do with it is better held at once than made to wait.
absl::Status NotAsked(absl::Status why, bool crowded);
bool WasNotAsked(const absl::Status& failure);
// The dialog is well, and there was only too much at a time.
bool WasCrowded(const absl::Status& failure);

// How long an update waits after so many rounds of tries in vain: 1, 2, 4 ... 30 s.
absl::Duration HoldFor(int rounds);

// What an error says, as a table and a protobuf can keep it: whatever a dialog of others wrote
// there, at most 500 characters.
std::string Storable(std::string_view message);

}  // namespace selfology::telegram_gateway
