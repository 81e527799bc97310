// Which updates are under way, and which Telegram may forget.
//
//   const int64_t offset = window.offset();
//   const auto ids = GetUpdates(offset);    // confirms what comes before
//   window.Confirmed(offset);
//   for (const int64_t id : ids) {
//     if (window.Begin(id)) Handle(id);     // the others are known
//   }
//   window.End(id);                         // at any time: it took effect, or is kept elsewhere
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
  // Telegram has answered a request with this offset: what is before will not come again.
  void Confirmed(int64_t offset);
  size_t under_way() const { return under_way_.size(); }

 private:
  std::set<int64_t> under_way_;
  std::set<int64_t> done_;  // And may come again.
  int64_t next_ = 0;
};

}  // namespace selfology::telegram_gateway
