#pragma once

#include <cstddef>
#include <list>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/observe/log.h"

namespace selfology::observe {

// The last different problems that were logged, each once with its count: what log.h's
// RecentProblems gives. Thread-safe.
class LogProblems {
 public:
  explicit LogProblems(size_t most) : most_(most) {}

  // Counts it to the one of the same severity, message and code, or forgets the one that was longest
  // ago for it.
  void Add(LoggedProblem problem);

  std::vector<LoggedProblem> Newest() const;  // The latest first.

 private:
  const size_t most_;
  mutable absl::Mutex mutex_;
  std::list<LoggedProblem> problems_ ABSL_GUARDED_BY(mutex_);  // The latest first.
};

}  // namespace selfology::observe
