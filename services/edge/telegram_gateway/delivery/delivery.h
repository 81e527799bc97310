// Sends messages from the table outgoing_messages to Telegram: those of one person in order, those
// of different people in parallel.
//
//   // With the event or update that caused it:
//   store::Enqueue(tx, bot_id, message, now);
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
// What was sent is noted in chat_messages with what is to become of it (chat_store.h), which
// message_changes.h sees to. A SYSTEM message goes into the place of the one before by an edit,
// which may be repeated; if that is not the chat's newest message, or cannot be edited, a new one
// is sent and the old one deleted.
//
// Files that Telegram refuses, or that take too long three times, are left out: their text and
// buttons go without them. At most four large ones are under way at a time, so that they hold
// nobody else up, and stopping does not wait for them.
//
// A chat is a person's, or, with an id below 0, a group or channel. Each bot has a delivery of its
// own, so that none waits for another's limits.
//
// Metrics: telegram_messages_total{bot, kind, outcome}, telegram_messages_unsent{bot}. Threads:
// thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/observe/span.h"
#include "common/postgres/database.h"
#include "common/service/stop_signal.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/delivery/due_chats.h"
#include "services/edge/telegram_gateway/delivery/message_changes.h"
#include "services/edge/telegram_gateway/delivery/pacing.h"
#include "services/edge/telegram_gateway/delivery/sending.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/media/media_store.h"

namespace selfology::telegram_gateway {

class Delivery {
 public:
  using Clock = std::function<absl::Time()>;

  // The references outlive it, and the tracer, if there is one.
  Delivery(postgres::Database& database, BotApi& telegram, MediaStore& media, Clock clock,
           observe::Metrics& metrics, PacingLimits limits, const observe::Tracer* tracer = nullptr);
  ~Delivery();

  // There may be something to send to this person. Returns at once.
  void Wake(int64_t user_id) { due_.Wake(user_id); }

  // Looks after messages that wait for their time or were left by others, until stopped; then
  // nothing is sent any more.
  void Run(service::StopSignal& stop) { due_.Run(stop); }

  // Of the messages that are in the chats; its Run is the caller's to call.
  MessageChanges& message_changes() { return message_changes_; }
  int64_t bot_id() const { return telegram_.bot_id(); }

  // Waits until the message is sent or dropped; DEADLINE_EXCEEDED with the call.
  absl::StatusOr<store::Fate> Await(const Call& call, int64_t user_id, std::string_view key);

  // Of the last look into the table.
  double unsent() const;

 private:
  // What to write down about a message that was claimed.
  using Note = absl::FunctionRef<void(postgres::Transaction&)>;

  absl::StatusOr<absl::Time> SendTo(int64_t user_id);
  // Writes that down and takes the person's next message, unless this process is stopping.
  absl::StatusOr<store::Next> TakeNext(int64_t user_id, Note note);
  // Finds out where a SYSTEM message goes.
  absl::Status FindPlace(postgres::Transaction& tx, store::Next& next, absl::Time now);
  // Sends it, or not; what it gives is that of TakeNext.
  absl::StatusOr<store::Next> Deliver(const store::Claimed& claimed);
  // How long not to send it yet; zero: now, it is counted, and in uploads_ if it is one.
  absl::Duration WaitToSend(const store::Claimed& claimed, bool is_upload, absl::Time now);
  observe::Span BeginSpan(const observe::TraceContext& trace);
  absl::Status ExtendClaim(const store::Claimed& claimed, absl::Duration patience);
  absl::StatusOr<PieceSent> SendOrEdit(const Call& call, const store::Claimed& claimed,
                                       const Piece& piece);
  absl::StatusOr<store::Next> NoteSent(const store::Claimed& claimed, const PieceSent& sent,
                                       bool has_buttons, bool is_last);
  absl::StatusOr<store::Next> CloseUnsent(const store::Claimed& claimed, std::string_view reason);
  absl::StatusOr<store::Next> NoteFailure(const store::Claimed& claimed,
                                          const absl::Status& failure);
  void Finished();
  void LookIntoTable(absl::Time now);
  void Count(const store::Claimed& claimed, std::string_view outcome);

  postgres::Database& database_;
  BotApi& telegram_;
  MediaStore& media_;
  const Clock clock_;
  observe::Metrics& metrics_;
  const observe::Gauge unsent_;
  const observe::Tracer* const tracer_;

  mutable absl::Mutex mutex_;
  Pacer pacer_ ABSL_GUARDED_BY(mutex_);
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
  int uploads_ ABSL_GUARDED_BY(mutex_) = 0;        // Requests under way that may take long.
  uint64_t finished_ ABSL_GUARDED_BY(mutex_) = 0;  // Messages; for Await to look again.

  // Last: their threads use the rest.
  MessageChanges message_changes_;
  DueChats due_;
};

}  // namespace selfology::telegram_gateway
