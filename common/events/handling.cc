#include "common/events/handling.h"

#include <vector>

#include "absl/random/random.h"
#include "common/events/inbox.h"

namespace selfology::events {

postgres::Transaction& Handling::tx() {
  if (shared_ != nullptr) return *shared_;
  if (!tx_.has_value()) {
    if (before_begin_) before_begin_();
    tx_.emplace(database_->Begin(call_));
    tx_->Queue(inbox::kMark, group_, std::vector{envelope_.id},
               std::vector{envelope_.partition_key}, std::vector{envelope_.person()},
               std::vector{envelope_.occurred_at});
  }
  return *tx_;
}

absl::Status Handling::Needs(absl::Status failure) {
  peer_is_away_ = absl::IsUnavailable(failure) || absl::IsDeadlineExceeded(failure);
  return failure;
}

absl::Status Handling::Commit() { return tx().Commit(); }

observe::TraceContext HandlingTrace(const Envelope& envelope) {
  thread_local absl::InsecureBitGen random;
  const auto trace = observe::TraceContext::Parse(envelope.traceparent);
  return trace.has_value() ? trace->Child(random) : observe::NewTrace(random);
}

}  // namespace selfology::events
