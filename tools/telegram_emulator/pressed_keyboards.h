// Which inline keyboards people have pressed, and when each went away: by an edit that brings none
// or another, or with its message.
//
//   keyboards.Press(ann, message_id, now);
//   keyboards.Gone(ann, message_id, later);
//   for (const PressedKeyboard& pressed : keyboards.Of(ann)) ...
//
// A keyboard that is pressed several times counts from the first press. It remembers some thousands
// and outlives no restart. A pure core: not thread-safe, time is passed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace selfology::telegram_emulator {

struct PressedKeyboard {
  int64_t chat_id = 0;
  int64_t message_id = 0;
  absl::Time pressed_at = absl::InfinitePast();
  absl::Time gone_at = absl::InfiniteFuture();  // It is still there.

  bool is_there() const { return gone_at == absl::InfiniteFuture(); }
};

class PressedKeyboards {
 public:
  void Press(int64_t chat_id, int64_t message_id, absl::Time now) {
    PressedKeyboard& pressed = keyboards_[{chat_id, message_id}];
    const bool is_new = pressed.message_id == 0 || !pressed.is_there();
    if (is_new) pressed = {.chat_id = chat_id, .message_id = message_id, .pressed_at = now};
    if (keyboards_.size() > kMost) keyboards_.erase(keyboards_.begin());
  }

  // Nothing happens when nobody has pressed it.
  void Gone(int64_t chat_id, int64_t message_id, absl::Time now) {
    const auto found = keyboards_.find({chat_id, message_id});
    if (found != keyboards_.end() && found->second.is_there()) found->second.gone_at = now;
  }

  // Of one chat, by message; 0: of all.
  std::vector<PressedKeyboard> Of(int64_t chat_id) const {
    std::vector<PressedKeyboard> found;
    auto it = keyboards_.begin();
    if (chat_id != 0) it = keyboards_.lower_bound({chat_id, std::numeric_limits<int64_t>::min()});
    for (; it != keyboards_.end() && (chat_id == 0 || it->first.first == chat_id); ++it) {
      found.push_back(it->second);
    }
    return found;
  }

 private:
  static constexpr size_t kMost = 10'000;

  std::map<std::pair<int64_t, int64_t>, PressedKeyboard> keyboards_;  // By chat and message.
};

}  // namespace selfology::telegram_emulator
