#include "services/edge/telegram_gateway/receiving/update_window.h"

namespace selfology::telegram_gateway {

bool UpdateWindow::Begin(int64_t update_id) {
  if (under_way_.contains(update_id) || done_.contains(update_id)) return false;
  under_way_.insert(update_id);
  next_ = update_id + 1;
  return true;
}

void UpdateWindow::End(int64_t update_id) {
  if (under_way_.erase(update_id) > 0) done_.insert(update_id);
}

void UpdateWindow::Confirmed(int64_t offset) {
  // Also those left over from before the ids fell.
  const auto end = offset == next_ ? done_.end() : done_.lower_bound(offset);
  done_.erase(done_.begin(), end);
}

int64_t UpdateWindow::offset() const { return under_way_.empty() ? next_ : *under_way_.begin(); }

}  // namespace selfology::telegram_gateway
