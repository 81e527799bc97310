// The updates that wait for the bot, and which of them it has seen: getUpdates' offsets and a
// webhook's order.
//
//   queue.Add("message", message_json, now);
//   for (const Update& update : queue.Get(offset, limit)) ...    // forgets all before offset
//
// update_ids go up by one. An offset confirms, for good, all updates before it; 0 confirms nothing;
// -n keeps only the last n. An offset more than 10 beyond the end counts as 0, as Telegram's does.
// Updates live for 24 hours. Not thread-safe; time is passed in.
// Sources: https://core.telegram.org/bots/api#getupdates and the behaviour of the published Bot API
// server.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "tools/telegram_emulator/change_log.h"
#include "tools/telegram_emulator/json.h"

namespace selfology::telegram_emulator {

// https://core.telegram.org/bots/api#getting-updates: "will not be kept longer than 24 hours".
inline constexpr absl::Duration kUpdateLifetime = absl::Hours(24);

struct Update {
  int64_t id = 0;
  std::string kind;  // "message", "callback_query"...
  Json value;
  absl::Time created;

  Json ToJson() const;  // As Telegram sends it.
};

class UpdateQueue {
 public:
  // What changes is told to `changes`, which outlives the queue.
  explicit UpdateQueue(ChangeLog* changes) : changes_(*changes) {}

  // Gives its id; 0 when the bot does not want that kind.
  int64_t Add(std::string_view kind, Json value, absl::Time now);

  std::vector<Update> Get(int64_t offset, int limit);

  // Forgets the updates up to and with this id.
  void Confirm(int64_t update_id);
  void DropAll();
  void DropExpired(absl::Time now);

  // Which kinds Add takes; empty: all but those Telegram leaves out unless asked for.
  void Allow(std::set<std::string> kinds);
  const std::set<std::string>& allowed() const { return allowed_; }

  size_t size() const { return updates_.size(); }
  bool empty() const { return updates_.empty(); }
  const Update& front() const { return updates_.front(); }
  int64_t next_id() const { return next_id_; }

  // Applies a change that Add, Confirm or Allow told: kinds "update", "confirmed", "allowed".
  void Restore(std::string_view kind, const Json& value);

 private:
  ChangeLog& changes_;
  // Telegram begins anywhere; not at 0 or 1, which hide mistakes with offsets.
  int64_t next_id_ = 100'001;
  std::deque<Update> updates_;
  std::set<std::string> allowed_;
};

}  // namespace selfology::telegram_emulator
