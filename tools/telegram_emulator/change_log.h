// What happened in the emulator, in order: what a page is told live, and what a file keeps for a
// restart. Every change holds the whole new value of what changed, so applying them again gives the
// same state.
//
//   changes.Add("message", user_id, message.ToJson());
//   for (const Change& change : changes.After(seq)) Send(change);
//
// Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tools/telegram_emulator/json.h"

namespace selfology::telegram_emulator {

struct Change {
  int64_t seq = 0;  // 1, 2, 3...
  std::string kind;
  int64_t user_id = 0;  // Whose chat it is in; 0: nobody's in particular.
  Json value;
};

class ChangeLog {
 public:
  void Add(std::string_view kind, int64_t user_id, Json value) {
    changes_.push_back(
        {.seq = ++last_, .kind = std::string(kind), .user_id = user_id, .value = std::move(value)});
    if (changes_.size() > kKept) changes_.pop_front();
  }

  // Those later than seq that are still kept.
  std::vector<Change> After(int64_t seq) const {
    if (seq >= last_ || changes_.empty()) return {};
    // They are numbered without gaps.
    const int64_t known = std::max<int64_t>(seq + 1 - changes_.front().seq, 0);
    return {changes_.begin() + known, changes_.end()};
  }

  int64_t last() const { return last_; }
  // Whether After(seq) leaves nothing out.
  bool Reaches(int64_t seq) const {
    return seq >= 0 && seq <= last_ && (changes_.empty() || seq + 1 >= changes_.front().seq);
  }

 private:
  static constexpr size_t kKept = 10'000;

  int64_t last_ = 0;
  std::deque<Change> changes_;
};

}  // namespace selfology::telegram_emulator
