// Brings messages from the table outgoing_messages to Telegram, one person's in order, different
// people's beside each other.
//
//   // With the event or update that caused it:
//   store::Enqueue(tx, message, now);
//   tx.AfterCommit([delivery, user] { delivery->Wake(user); });
//   // All the time:
//   mesh.Run("deliver", [delivery](service::StopSignal& stop) { delivery->Run(stop); });
//
// So an event is handled once its messages are in the table, however long Telegram is away, and
// each message is there once. From the table on the promise is "at least once, as seldom twice as
// can be": a message is claimed, sent, and noted as sent; a process that dies between leaves a
// claim that runs out, and then the message is in doubt (delivery_policy.h). A claim lasts longer
// than a request may take, so two replicas never send one message at the same time. What became of
// a message is noted in the transaction that takes the person's next. People who blocked the bot
// have their messages dropped.
//
// Metrics: telegram_messages_total{kind, outcome}, telegram_messages_unsent. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/executor/worker_pool.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/service/stop_signal.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/delivery/pacing.h"
#include "services/edge/telegram_gateway/gateway_store.h"

namespace selfology::telegram_gateway {

class Delivery {
 public:
  using Clock = std::function<absl::Time()>;

  // The references outlive it.
  Delivery(postgres::Database& database, BotApi& telegram, Clock clock, observe::Metrics& metrics,
           PacingLimits limits);
  ~Delivery();

  // There may be something to send to this person. Returns at once.
  void Wake(int64_t user_id);

  // Looks after messages that wait for their time or were left by others, until stopped; then
  // nothing is sent any more.
  void Run(service::StopSignal& stop);

  // Waits until the message is sent or dropped; DEADLINE_EXCEEDED with the call.
  absl::StatusOr<store::Fate> Await(const Call& call, int64_t user_id, std::string_view key);

  // Of the last look into the table.
  double unsent() const;

 private:
  // A person's messages are sent by one thread at a time.
  enum class Lane { kRunning, kWokenAgain };

  // What to write down about a message that was claimed.
  using Note = absl::FunctionRef<void(postgres::Transaction&)>;

  void RunLane(int64_t user_id);
  // Writes that down and takes the person's next message, unless this process is stopping.
  absl::StatusOr<store::Next> TakeNext(int64_t user_id, Note note);
  // Sends it, or not; what it gives is that of TakeNext.
  absl::StatusOr<store::Next> Deliver(const store::Claimed& claimed);
  absl::StatusOr<store::Next> CloseUnsent(const store::Claimed& claimed, std::string_view reason);
  absl::StatusOr<store::Next> NoteFailure(const store::Claimed& claimed,
                                          const absl::Status& failure);
  void Finished();
  void LookAfterTable(service::StopSignal& stop);
  void WakeThoseDue(absl::Time now);
  void LookIntoTable(const Call& call, absl::Time now);
  void Count(const store::Claimed& claimed, std::string_view outcome);

  postgres::Database& database_;
  BotApi& telegram_;
  const Clock clock_;
  observe::Metrics& metrics_;
  const observe::Gauge unsent_;

  mutable absl::Mutex mutex_;
  Pacer pacer_ ABSL_GUARDED_BY(mutex_);
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<int64_t, Lane> lanes_ ABSL_GUARDED_BY(mutex_);
  std::set<std::pair<absl::Time, int64_t>> appointments_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t finished_ ABSL_GUARDED_BY(mutex_) = 0;  // Messages; for Await to look again.

  executor::WorkerPool workers_;  // Last: its threads use the rest.
};

}  // namespace selfology::telegram_gateway
