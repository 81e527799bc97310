// Levels as a function of experience points: level n begins at 50·n·(n-1), so that each level takes
// 100 points more than the one before.
//
//   LevelOf(0) == 1, LevelOf(100) == 2, LevelOf(300) == 3
//
// Threads: pure functions.
#pragma once

#include <cstdint>

namespace selfology::gamification {

// 1 or more; of what is below 0: 1.
int32_t LevelOf(int64_t xp);
// Where the level, 1 or more, begins.
int64_t BeginOfLevel(int64_t level);

}  // namespace selfology::gamification
