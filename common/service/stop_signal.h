#pragma once

#include <functional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace selfology::service {

// Tells a running loop that it should end. Thread-safe.
class StopSignal {
 public:
  bool requested() const;
  // Waits for the request or for `timeout`; true if it was requested.
  bool WaitFor(absl::Duration timeout) const;
  // Runs `wake` at the request (at once if it was made already), to interrupt a blocking call.
  void OnRequest(std::function<void()> wake);
  void Request();

 private:
  mutable absl::Mutex mutex_;
  bool requested_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::function<void()>> wakes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::service
