// What one person said and was told: what they said was taken down once and in order, or refused;
// every message that the mesh promised is in their chat, in order, and says what it should.
#pragma once

#include "tests/chaos/crowd.h"
#include "tests/chaos/facts.h"
#include "tests/chaos/findings.h"

namespace selfology::chaos {

void CheckChat(const Ledger& ledger, const Facts& facts, Report& report);

}  // namespace selfology::chaos
