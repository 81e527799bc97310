// Lets the RPCs in progress finish while new ones from outside are turned away, since gRPC's own
// shutdown cuts in-process calls off at once.
//
//   const bool open = gate.Enter();
//   const absl::Cleanup leave = [&] { gate.Leave(); };
//   if (!open && from_outside) return ...;
//
// Thread-safe; no lock is taken while the gate is open.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace selfology::rpc {

class DrainGate {
 public:
  // False once the gate is closed; the call is counted as inside either way, and must Leave.
  bool Enter();
  void Leave();

  void Close();
  // Waits until no call is in progress; false if that did not happen until then.
  bool AwaitEmpty(absl::Time deadline);

 private:
  bool Empty() const;

  // Twice the calls inside, plus one once closed.
  std::atomic<int64_t> state_ = 0;
  absl::Mutex mutex_;  // So that Leave can wake AwaitEmpty.
};

}  // namespace selfology::rpc
