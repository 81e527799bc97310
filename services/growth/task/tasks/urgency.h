// How urgent a task is, and why: the sum of what speaks for it, each a factor from 0 to 1 times a
// coefficient.
//
//   const std::vector<v1::UrgencyReason> reasons = UrgencyReasons(task, {.blocking = true}, now);
//   task.set_urgency(UrgencyOf(reasons));
//
// Threads: pure functions. Source: Taskwarrior 2.6, Task::urgency_c and its defaults
// (https://taskwarrior.org/docs/urgency/), where a list is a project, notes' comments are
// annotations, start_at is "scheduled", active is "start", and labels are tags.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "selfology/task/v1/task.pb.h"

namespace selfology::task {

struct Surroundings {
  bool blocked = false;   // An open task must be done first.
  bool blocking = false;  // An open task waits for it.
};

// Those whose factor is not 0, the weightiest first. None for a task that is not open.
std::vector<v1::UrgencyReason> UrgencyReasons(const v1::Task& task,
                                              const Surroundings& surroundings, absl::Time now);

double UrgencyOf(const std::vector<v1::UrgencyReason>& reasons);

}  // namespace selfology::task
