// Changes messages that are in the chats: takes buttons away after a press, replaces a message's
// text, and deletes what has expired or was replaced.
//
//   // With what causes it:
//   store::NotePress(tx, ...);                  // or what else leaves a pending change
//   tx.AfterCommit([&] { message_changes.Wake(chat_id); });
//   // All the time:
//   mesh.Run("message_changes", [&](service::StopSignal& stop) { message_changes.Run(stop); });
//
// Pending changes are in the table chat_messages (chat_store.h), so they are made however long
// Telegram is away, and by whichever gateway is there then. All of it may be done twice. A claim
// lasts longer than a request may take, so that two gateways do not do the same at a time. Up to
// 100 messages of a chat are deleted by one request. A message that Telegram does not delete any
// more, after 48 hours, loses its buttons; a text that no message takes is said in a new one.
//
// Metric: telegram_message_changes_total{bot, change, outcome}. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/service/stop_signal.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/chat_store.h"
#include "services/edge/telegram_gateway/delivery/delivery_policy.h"
#include "services/edge/telegram_gateway/delivery/due_chats.h"

namespace selfology::telegram_gateway {

class MessageChanges {
 public:
  // What it works with; all of it outlives this.
  struct Parts {
    postgres::Database& database;
    BotApi& telegram;
    std::function<absl::Time()> clock;
    observe::Metrics& metrics;
    // Zero: a request on this chat may be made, it is counted. Else how long to wait.
    std::function<absl::Duration(int64_t chat_id, absl::Time now)> pace;
    // There is a new message to be sent to this chat.
    std::function<void(int64_t chat_id)> wake_sender;
  };

  explicit MessageChanges(Parts parts);

  // There may be something to change in this chat, now or then. Returns at once.
  void Wake(int64_t chat_id) { due_.Wake(chat_id); }
  void WakeAt(int64_t chat_id, absl::Time at) { due_.WakeAt(chat_id, at); }

  // Looks after what is due at its time or was left by others, until stopped; then nothing is
  // changed any more.
  void Run(service::StopSignal& stop) { due_.Run(stop); }
  void Stop() { due_.Stop(); }

 private:
  using Note = absl::FunctionRef<void(postgres::Transaction&)>;

  absl::StatusOr<absl::Time> WorkOn(int64_t chat_id);
  // Writes that down and takes the next change.
  absl::StatusOr<store::NextChange> TakeNext(int64_t chat_id, Note note);
  absl::StatusOr<store::NextChange> CarryOut(const store::Change& change);
  absl::Status Ask(const store::Change& change);
  ChangeJudgement Judge(const store::Change& change, const absl::Status& outcome);
  static void WriteDown(postgres::Transaction& tx, const store::Change& change,
                        const ChangeJudgement& judgement, absl::Time now);
  void LookIntoTable(absl::Time now);

  const Parts parts_;
  absl::Mutex mutex_;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
  DueChats due_;  // Last: its threads use the rest.
};

}  // namespace selfology::telegram_gateway
