// One bot's world with a lock around it: people, the bot and watchers meet here, from any thread,
// and may wait for each other.
//
//   Exchange exchange({.bot = {.id = 42}});
//   exchange.Do([](World& world, absl::Time now) {
//     return world.chats.UserSends(id, "/start", 0, now);
//   });
//   // Waits as long as the parameter `timeout` says.
//   Answer answer = exchange.CallBot("getUpdates", parameters, gave_up);
//   exchange.Await([](const World& world) { return !world.updates.empty(); }, deadline);
//
// Of two getUpdates at a time the earlier one ends with 409, as with Telegram. Threads:
// thread-safe; functions passed in run under the lock and must not call the exchange.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tools/telegram_emulator/bot_api.h"
#include "tools/telegram_emulator/journal.h"
#include "tools/telegram_emulator/parameters.h"
#include "tools/telegram_emulator/world.h"

namespace selfology::telegram_emulator {

class Exchange {
 public:
  using GaveUp = std::function<bool()>;

  explicit Exchange(const World::Options& options) : world_(options) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Restores what the file holds and keeps it up to date from then on; the bytes of files are in a
  // folder beside it. Call it before all else.
  absl::Status Keep(const std::string& path);

  // f(World&, absl::Time now); its result is returned. What it changed is written down and told.
  template <typename F>
  auto Do(F&& f) {
    absl::MutexLock lock(&mutex_);
    auto result = std::forward<F>(f)(world_, absl::Now());
    Publish();
    return result;
  }

  // f(const World&), which changes nothing.
  template <typename F>
  auto Look(F&& f) const {
    absl::MutexLock lock(&mutex_);
    return std::forward<F>(f)(world_);
  }

  // Waits until holds(world); false at the deadline, after Stop, or when gave_up (asked every 100
  // ms) says so.
  bool Await(const std::function<bool(const World&)>& holds, absl::Time deadline,
             const GaveUp& gave_up = nullptr) const;

  // One call on the Bot API, with its entry in the log, its faults and its limits. May block;
  // gave_up: nobody waits for the answer any more, or the server is stopping.
  Answer CallBot(std::string_view method, const Parameters& parameters, const GaveUp& gave_up);

  // Ends all waiting, now and later.
  void Stop();

 private:
  Answer Perform(std::string_view method, const Parameters& parameters, const GaveUp& gave_up)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Answer GetUpdates(const Parameters& parameters, const GaveUp& gave_up)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Wait(absl::Time deadline) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Publish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  mutable absl::CondVar changed_;
  World world_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Journal> journal_ ABSL_GUARDED_BY(mutex_);
  int64_t written_ ABSL_GUARDED_BY(mutex_) = 0;    // The last change the journal has.
  int64_t poll_turn_ ABSL_GUARDED_BY(mutex_) = 0;  // Of the latest getUpdates.
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace selfology::telegram_emulator
