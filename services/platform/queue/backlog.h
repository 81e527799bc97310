// When a queue's backlog is worth an alert (R004: more than 1,000 messages).
//
//   switch (ChangeOf({.ready = 1001, .threshold = 1000, .alerted = false})) ...  // kExceeded
//
// Between half of the threshold and the threshold nothing changes, so that a backlog at its edge
// does not call again and again. Threads: pure functions.
#pragma once

#include <cstdint>

namespace selfology::queue {

struct BacklogState {
  int64_t ready = 0;
  int64_t threshold = 0;
  bool alerted = false;
};
enum class BacklogChange { kNone, kExceeded, kCleared };

inline BacklogChange ChangeOf(const BacklogState& state) {
  if (!state.alerted && state.ready > state.threshold) return BacklogChange::kExceeded;
  if (state.alerted && state.ready <= state.threshold / 2) return BacklogChange::kCleared;
  return BacklogChange::kNone;
}

}  // namespace selfology::queue
