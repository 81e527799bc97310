// "typing…" over the chat, from a person's message until what they are to hear.
//
//   typing.Begin(user_id);
//   mesh.Run("typing", [&typing](service::StopSignal& stop) { typing.Run(stop); });
//
// Telegram shows it for 5 s, so it is repeated until the bot has written to the person, from any
// replica, or kLongest is over. Best effort: what fails is left out. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "common/service/stop_signal.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"

namespace selfology::telegram_gateway {

class Typing {
 public:
  using Clock = std::function<absl::Time()>;

  // The references outlive it.
  Typing(BotApi& telegram, postgres::Database& database, Clock clock)
      : telegram_(telegram), database_(database), clock_(std::move(clock)) {}

  // Returns at once.
  void Begin(int64_t user_id);

  void Run(service::StopSignal& stop);

 private:
  struct Waiting {
    absl::Time since;
    absl::Time shown_at = absl::InfinitePast();
  };

  void DropThoseAnswered(absl::Time now);
  void ShowAgain(absl::Time now);

  BotApi& telegram_;
  postgres::Database& database_;
  const Clock clock_;
  absl::Mutex mutex_;
  absl::flat_hash_map<int64_t, Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  int new_ones_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace selfology::telegram_gateway
