// What one person said and was told: what they said was taken down once and in order, or refused;
// every message that the mesh promised is in their chat, in order, and says what it should; no
// keyboard stays once a button of it was pressed (all of the coach's are for one press).
#pragma once

#include "absl/time/time.h"
#include "tests/chaos/crowd.h"
#include "tests/chaos/facts.h"
#include "tests/chaos/findings.h"

namespace selfology::chaos {

// After the press, while Telegram can be reached.
inline constexpr absl::Duration kKeyboardLeaves = absl::Seconds(2);

void CheckChat(const Ledger& ledger, const Facts& facts, Report& report);

}  // namespace selfology::chaos
