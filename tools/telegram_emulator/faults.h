// What goes wrong on purpose: calls that fail, hang, or do their work and lose the answer; and the
// limits that Telegram sets on how fast a bot may write.
//
//   faults.Add({.method = "sendMessage", .times = 2, .error_code = 500});
//   // The message is sent, but the bot gets no answer.
//   faults.Add({.method = "sendMessage", .drop = true, .after = true});
//   if (std::optional<Fault> fault = faults.Take("sendMessage", chat_id)) ...
//
// Pure: not thread-safe, time is passed in.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/telegram_emulator/json.h"

namespace selfology::telegram_emulator {

struct Fault {
  std::string method = {};       // "sendMessage"; empty: any.
  int64_t user_id = 0;           // Only calls on this chat; 0: any.
  int times = 1;                 // How many calls it hits.
  int error_code = 0;            // The answer's; 0: no error, just the delay.
  std::string description = {};  // Empty: Telegram's usual words for the code.
  int retry_after_s = 0;         // For 429.
  std::string body = {};         // Instead of Telegram's JSON, such as a proxy's HTML.
  absl::Duration delay = absl::ZeroDuration();  // Before the answer.
  bool drop = false;                            // The connection breaks instead of an answer.
  bool after = false;                           // Only after the call did its work.

  Json ToJson() const;
  // INVALID_ARGUMENT for unknown or mistyped fields, so that a test's typing error shows.
  static absl::StatusOr<Fault> FromJson(const Json& json);
};

class Faults {
 public:
  // Gives its number, for Remove.
  int64_t Add(Fault fault);
  void Remove(int64_t number);
  void Clear() { faults_.clear(); }
  // The oldest that fits; used up by one.
  std::optional<Fault> Take(std::string_view method, int64_t chat_id);
  Json ToJson() const;

 private:
  struct Numbered {
    int64_t number;
    Fault fault;
  };
  std::list<Numbered> faults_;
  int64_t next_ = 1;
};

// Messages to one chat: `burst` at once, then `per_second`.
// Source: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
class ChatRate {
 public:
  struct Options {
    double per_second = 0;  // 0: no limit.
    int burst = 3;
  };

  explicit ChatRate(Options options) : options_(options) {}

  // Zero: go ahead, it is counted. Else how long to wait, in whole seconds; not counted.
  absl::Duration Wait(int64_t chat_id, absl::Time now);

 private:
  struct Bucket {
    double tokens = 0;
    absl::Time filled;
  };
  const Options options_;
  std::map<int64_t, Bucket> buckets_;
};

}  // namespace selfology::telegram_emulator
