// The slots at a model that answers only so many at once: who waits is served by priority, then in
// the order of coming.
//
//   Slots slots(/*slots=*/2);
//   ASSIGN_OR_RETURN(const Slots::Slot slot, slots.Take(call, absl::Seconds(5), Priority::kReply));
//   ...                                            // the slot is given back with `slot`
//
// With two slots or more, background work leaves the last one free: it takes none but with another
// to spare, so that a reply need not wait for a deep analysis that has just begun. At most
// kMostWaiting wait; one more takes the place of the last one of a lower priority, or is refused.
//
// Errors of Take: Busy (failure.h) when there was no slot in `patience` or in the call's time, or
// when too many wait; CANCELLED within 50 ms of the call's being cancelled; what Call::MayWait
// says. Threads: Slots is thread-safe and outlives its slots; SlotLine is the rules alone, without
// a lock.
#pragma once

#include <cstdint>
#include <list>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "services/platform/ai/model.h"

namespace selfology::ai {

inline constexpr int kMostWaiting = 64;

// Who has a slot and who waits for one: values in, values out.
class SlotLine {
 public:
  // slots: 0 for any number.
  explicit SlotLine(int slots) : slots_(slots) {}

  using Ticket = int64_t;
  enum class Standing { kServed, kWaiting, kRefused };

  Ticket Arrive(Priority priority);
  Standing StandingOf(Ticket ticket) const;
  // Whoever has a ticket gives it back once, whatever became of it.
  void Leave(Ticket ticket);

  int served() const { return static_cast<int>(served_.size()); }
  int waiting() const { return static_cast<int>(waiting_.size()); }

 private:
  struct Entry {
    Ticket ticket;
    Priority priority;
  };

  bool HasPlaceFor(Priority priority) const;
  // Gives free slots to those at the head of the line.
  void Advance();

  const int slots_;
  Ticket last_ = 0;
  std::list<Entry> served_;
  std::list<Entry> waiting_;  // Next one first.
};

class Slots {
 public:
  explicit Slots(int slots) : line_(slots) {}
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  class Slot {
   public:
    Slot(Slot&& other) noexcept
        : slots_(std::exchange(other.slots_, nullptr)), ticket_(other.ticket_) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (slots_ != nullptr) slots_->Leave(ticket_);
    }

   private:
    friend class Slots;
    Slot(Slots* slots, SlotLine::Ticket ticket) : slots_(slots), ticket_(ticket) {}

    Slots* slots_;
    const SlotLine::Ticket ticket_;
  };

  absl::StatusOr<Slot> Take(const Call& call, absl::Duration patience, Priority priority);

  int served() const;
  int waiting() const;

 private:
  void Leave(SlotLine::Ticket ticket);

  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  SlotLine line_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::ai
