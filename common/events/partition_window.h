// How far a partition is done. Entries are read in order but finish in any; the group may only be
// moved past those before which nothing is unfinished.
//
//   window.Read(a); window.Read(b); window.Finished(b);   window.Done() -> before a
//   window.Finished(a);                                   window.Done() -> b
//
// Pure; not thread-safe.
#pragma once

#include <cstddef>
#include <deque>

#include "common/events/envelope.h"

namespace selfology::events {

class PartitionWindow {
 public:
  explicit PartitionWindow(EntryId start = {}) : done_(start) {}

  // `id` must be higher than every one before it.
  void Read(EntryId id);
  // Unknown ids are ignored.
  void Finished(EntryId id);

  // The last entry with nothing unfinished at or before it.
  EntryId Done() const { return done_; }
  // Entries read and not yet passed by Done().
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    EntryId id;
    bool finished = false;
  };
  std::deque<Entry> entries_;
  EntryId done_;
};

}  // namespace selfology::events
