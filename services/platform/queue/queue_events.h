// What the queue service does when something has happened.
#pragma once

#include "absl/status/status.h"
#include "common/events/handling.h"
#include "selfology/events/v1/queue.pb.h"
#include "services/platform/queue/ready_signal.h"

namespace selfology::queue {

class QueueEvents {
 public:
  // The signal outlives it.
  explicit QueueEvents(ReadySignal& signal) : signal_(signal) {}

  // Enqueues the job that a service asked for in the transaction of its own change. One that breaks
  // the rules is parked among the dead letters of events.
  absl::Status Enqueue(const events::v1::JobRequested& event, events::Handling& handling);

 private:
  ReadySignal& signal_;
};

}  // namespace selfology::queue
