#include "services/platform/ai/slots.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "services/platform/ai/failure.h"

namespace selfology::ai {
namespace {

constexpr absl::Duration kCancellationLatency = absl::Milliseconds(50);

}  // namespace

SlotLine::Ticket SlotLine::Arrive(Priority priority) {
  const Ticket ticket = ++last_;
  const auto behind =
      absl::c_find_if(waiting_, [&](const Entry& other) { return other.priority > priority; });
  waiting_.insert(behind, {ticket, priority});
  Advance();
  if (waiting() > kMostWaiting) waiting_.pop_back();
  return ticket;
}

SlotLine::Standing SlotLine::StandingOf(Ticket ticket) const {
  const auto is_it = [&](const Entry& entry) { return entry.ticket == ticket; };
  if (absl::c_any_of(served_, is_it)) return Standing::kServed;
  return absl::c_any_of(waiting_, is_it) ? Standing::kWaiting : Standing::kRefused;
}

void SlotLine::Leave(Ticket ticket) {
  const auto is_it = [&](const Entry& entry) { return entry.ticket == ticket; };
  served_.remove_if(is_it);
  waiting_.remove_if(is_it);
  Advance();
}

bool SlotLine::HasPlaceFor(Priority priority) const {
  if (slots_ == 0) return true;
  const bool yields = priority == Priority::kBackground && slots_ > 1;
  return served() < (yields ? slots_ - 1 : slots_);
}

void SlotLine::Advance() {
  while (!waiting_.empty() && HasPlaceFor(waiting_.front().priority)) {
    served_.splice(served_.end(), waiting_, waiting_.begin());
  }
}

absl::StatusOr<Slots::Slot> Slots::Take(const Call& call, absl::Duration patience,
                                        Priority priority) {
  RETURN_IF_ERROR(call.MayWait());
  const absl::Time until = std::min(absl::Now() + patience, call.deadline());
  absl::MutexLock lock(&mutex_);
  const SlotLine::Ticket ticket = line_.Arrive(priority);
  // Somebody may have been moved out of the line.
  if (line_.StandingOf(ticket) == SlotLine::Standing::kWaiting) changed_.SignalAll();
  while (line_.StandingOf(ticket) == SlotLine::Standing::kWaiting && absl::Now() < until &&
         !call.Cancelled()) {
    changed_.WaitWithDeadline(&mutex_, std::min(until, absl::Now() + kCancellationLatency));
  }
  if (line_.StandingOf(ticket) == SlotLine::Standing::kServed) return Slot(this, ticket);
  line_.Leave(ticket);
  changed_.SignalAll();
  if (call.Cancelled()) return absl::CancelledError("while it waited for a model");
  return Busy();
}

void Slots::Leave(SlotLine::Ticket ticket) {
  absl::MutexLock lock(&mutex_);
  line_.Leave(ticket);
  changed_.SignalAll();
}

int Slots::served() const {
  absl::MutexLock lock(&mutex_);
  return line_.served();
}

int Slots::waiting() const {
  absl::MutexLock lock(&mutex_);
  return line_.waiting();
}

}  // namespace selfology::ai
