// What is left of a sentence when the words that were understood are taken out.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "services/growth/task/understanding/words.h"

namespace selfology::task {

// `used`: which words were understood. Without marks that stand for themselves at either end, and
// without openings such as "I need to", "не забыть".
std::string TitleOf(const Words& words, const std::vector<bool>& used);

// Groups of words that were not understood and look like a date, a time or a rule.
std::vector<std::string> NotUnderstood(const Words& words, const std::vector<bool>& used);

}  // namespace selfology::task
