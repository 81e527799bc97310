// Two sides that both can change the same thing, made equal: field by field, from what both had when
// they last were equal.
//
//   const Merged merged = Merge(agreed, ours, ours_at, theirs, theirs_at);
//   // Both sides are then made to have merged.fields; until theirs has, what is agreed on is
//   agreed = Agreed(agreed, merged.fields, theirs);
//
// A field that one side has changed is taken from it. Where both have, the later change holds; at the
// same second, theirs. Labels are a set: each that either side has added is there, each that either
// has taken away is not; where that would be more than 20, theirs hold.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "selfology/task/v1/task.pb.h"

namespace selfology::task {

// What is kept equal.
struct SyncFields {
  std::string title = {};
  std::string notes = {};
  std::vector<std::string> labels = {};  // Sorted, each once.
  v1::TaskStatus status = v1::TASK_STATUS_OPEN;
  friend bool operator==(const SyncFields&, const SyncFields&) = default;
};

// When each of our fields was changed last.
struct ChangeTimes {
  absl::Time title = absl::InfinitePast();
  absl::Time notes = absl::InfinitePast();
  absl::Time status = absl::InfinitePast();
};

struct Merged {
  SyncFields fields = {};
  std::vector<std::string_view> conflicts = {};  // Fields that both had changed, differently.
};
Merged Merge(const SyncFields& agreed, const SyncFields& ours, const ChangeTimes& ours_at,
             const SyncFields& theirs, absl::Time theirs_at);

// What both sides agree on when ours has `merged`, and theirs what it had.
SyncFields Agreed(const SyncFields& agreed, const SyncFields& merged, const SyncFields& theirs);

}  // namespace selfology::task
