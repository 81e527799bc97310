// The Russian rules; see findings.h.
#pragma once

#include "services/growth/task/understanding/findings.h"

namespace selfology::task::russian {

bool FindDate(const Words& words, size_t at, const Finding* before, Finding& finding);
bool FindLater(const Words& words, size_t at, const Finding* before, Finding& finding);
bool FindTime(const Words& words, size_t at, const Finding* before, Finding& finding);
bool FindPart(const Words& words, size_t at, const Finding* before, Finding& finding);
bool FindRepeat(const Words& words, size_t at, const Finding* before, Finding& finding);
bool FindTimes(const Words& words, size_t at, const Finding* before, Finding& finding);
bool FindLasting(const Words& words, size_t at, const Finding* before, Finding& finding);
bool FindReminder(const Words& words, size_t at, const Finding* before, Finding& finding);
bool FindPriority(const Words& words, size_t at, const Finding* before, Finding& finding);

}  // namespace selfology::task::russian
