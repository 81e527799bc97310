// The rules that a new product begins with. Afterwards rules are data: RuleService changes them.
// Threads: a pure function.
#pragma once

#include <vector>

#include "selfology/gamification/v1/rule.pb.h"

namespace selfology::gamification {

std::vector<v1::RuleDefinition> DefaultRules();

}  // namespace selfology::gamification
