#include "common/events/partition_window.h"

#include <algorithm>

namespace selfology::events {

void PartitionWindow::Read(EntryId id) { entries_.push_back({id}); }

void PartitionWindow::Finished(EntryId id) {
  const auto entry = std::lower_bound(entries_.begin(), entries_.end(), id,
                                      [](const Entry& e, EntryId wanted) { return e.id < wanted; });
  if (entry == entries_.end() || entry->id != id) return;
  entry->finished = true;
  while (!entries_.empty() && entries_.front().finished) {
    done_ = entries_.front().id;
    entries_.pop_front();
  }
}

}  // namespace selfology::events
