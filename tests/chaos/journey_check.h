// What one person's events did, in the outbox, the inbox and the services' tables: each of them
// once, in order, with the effects that it should have.
#pragma once

#include "tests/chaos/facts.h"
#include "tests/chaos/findings.h"

namespace selfology::chaos {

struct Expected {
  int answers = 0;  // Of each person.
  int turns = 0;    // With the coach, at least.
};

void CheckJourney(const Facts& facts, const Expected& expected, Report& report);

}  // namespace selfology::chaos
