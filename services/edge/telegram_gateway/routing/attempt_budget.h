// How long the attempts at an update may take, in one place: a claim on a held update has to outlast
// all that its holder may still do, or two gateways would work on the same person's updates.
//
//   const Call call = Call::Background(absl::Seconds(budget::kAskingSeconds));
//
// Seconds, as plain numbers, so that the compiler adds them up. Threads: constants.
#pragma once

namespace selfology::telegram_gateway::budget {

// For asking about one update: guards and a dialog that are slow. All attempts of one round at a held
// update share it.
inline constexpr int kAskingSeconds = 20;
// Then each attempt may still show a guard's card, answer a press and commit, in their own time.
inline constexpr int kCommitSeconds = 5;
inline constexpr int kButtonSeconds = 3;
inline constexpr int kAfterAskingSeconds = kCommitSeconds + kButtonSeconds + kCommitSeconds;
// At an update that is refused: perhaps it was chance.
inline constexpr int kAttempts = 3;
// Between them in all, more than intake.cc's pauses.
inline constexpr int kPausesSeconds = 2;
// For writing down what came of it, or the claim itself.
inline constexpr int kNoteSeconds = 5;

inline constexpr int kRoundSeconds =
    kAskingSeconds + kAttempts * kAfterAskingSeconds + kPausesSeconds;
// From when a claim is counted: its own transaction, the round, and the note.
inline constexpr int kClaimSeconds = kNoteSeconds + kRoundSeconds + kNoteSeconds;

}  // namespace selfology::telegram_gateway::budget
