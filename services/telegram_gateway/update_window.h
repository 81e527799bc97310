// Which updates are under way, and which Telegram may forget.
//
//   for (int64_t id : ids) if (window.Begin(id)) Handle(id);
//   window.End(id);                      // it took effect
//   GetUpdates(window.offset());         // confirms what comes before; the rest comes again, and
//   Begin knows it
//
// An offset confirms all before it, so it stays at the oldest update that is still being handled;
// those after it come again with every request until then. Telegram may begin anywhere after a
// quiet week, so ids may fall. Pure; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>

namespace selfology::telegram_gateway {

class UpdateWindow {
 public:
  // False: it is under way, or done and not yet confirmed.
  bool Begin(int64_t update_id);
  // It need not come again.
  void End(int64_t update_id);

  // 0: whatever Telegram has.
  int64_t offset() const;
  size_t under_way() const { return under_way_.size(); }

 private:
  std::set<int64_t> under_way_;
  std::set<int64_t> done_;  // From offset() on.
  int64_t next_ = 0;
};

}  // namespace selfology::telegram_gateway
