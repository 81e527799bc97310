// Lets the RPCs in progress finish while new ones from outside are turned away, since gRPC's own
// shutdown cuts in-process calls off at once.
//
// Calls from within the process still enter a closed gate: what is in progress may need them to
// finish. Thread-safe.
#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace selfology::rpc {

class DrainGate {
 public:
  // False once the gate is closed, for a call from outside; else the call must Leave.
  bool Enter(bool from_outside);
  void Leave();

  void Close();
  // Waits until no call is in progress; false if that did not happen until then.
  bool AwaitEmpty(absl::Time deadline);

 private:
  absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  int inside_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace selfology::rpc
