#include "services/growth/gamification/progress/levels.h"

#include <algorithm>
#include <cmath>

namespace selfology::gamification {

int64_t BeginOfLevel(int64_t level) { return 50 * level * (level - 1); }

int32_t LevelOf(int64_t xp) {
  if (xp < BeginOfLevel(2)) return 1;
  // The root of 50·n·(n-1) = xp, and then exactly, since a double does not hold every int64.
  auto level = static_cast<int64_t>((1 + std::sqrt(1 + static_cast<double>(xp) / 12.5)) / 2);
  level = std::max<int64_t>(level, 1);
  while (BeginOfLevel(level) > xp) --level;
  while (BeginOfLevel(level + 1) <= xp) ++level;
  return static_cast<int32_t>(level);
}

}  // namespace selfology::gamification
