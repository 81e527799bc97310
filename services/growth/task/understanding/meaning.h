// What a sentence says as a whole, put together from what the rules find in it.
//
//   const std::vector<Finding> all = FindAll(words, EnglishRules());
//   Meaning meaning = MeaningOf(all);      // `all` outlives it.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/growth/task/understanding/findings.h"
#include "services/growth/task/understanding/words.h"

namespace selfology::task {

// Everything that is found, from left to right; of what begins at one word, the longest.
std::vector<Finding> FindAll(const Words& words, absl::Span<const Rule> rules);

// What a sentence says, put together from its findings, and which of these it took.
struct Meaning {
  std::vector<const Finding*> taken = {};
  std::optional<DateSpec> date = {};
  const Finding* date_from = nullptr;
  Role role = Role::kDue;
  std::optional<DateSpec> until = {};
  std::optional<TimeSpec> time = {};
  bool time_is_deadline = false;
  // More times of what comes again: "at 8am and 8pm every day".
  std::vector<const Finding*> more_times = {};
  // Words between what was taken that have nothing to join any more, such as that "and".
  std::vector<size_t> links = {};
  Part part = Part::kNone;
  std::optional<absl::Duration> after = {};
  std::optional<RepeatSpec> repeat = {};
  std::optional<int> times = {};
  std::optional<std::pair<int, Unit>> lasts = {};
  int estimate_minutes = 0;
  std::vector<int> remind_minutes = {};
  bool asks_to_remind = false;
  v1::TaskPriority priority = v1::TASK_PRIORITY_UNSPECIFIED;
  std::vector<std::string> labels = {};
  double doubt = 0;
};

Meaning MeaningOf(const std::vector<Finding>& all);

}  // namespace selfology::task
