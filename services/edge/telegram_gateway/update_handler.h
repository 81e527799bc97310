// Answers one update: asks the owners, remembers where the conversation stands, and leaves what is
// to be said in the table of outgoing messages.
//
//   ASSIGN_OR_RETURN(const v1::UpdateOutcome outcome,
//                    handler.Handle(call, update, Route(update, username)));
//
// An update takes effect once. Its requests to other services carry the key "tg:<update id>"; the
// mark "handled" and its replies commit together. So one that comes again, or was cut off anywhere,
// is answered once. At most 30 updates a minute of one person are let through (spec 000); who sends
// more is told so once a minute.
//
// Errors: those of the database; then nothing was marked and the update should come again.
// Everything else that goes wrong is told to the person. Threads: thread-safe, but updates of one
// chat must come one after another.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "common/resilience/rate_limiter.h"
#include "services/edge/telegram_gateway/account_actions.h"
#include "services/edge/telegram_gateway/bot_api.h"
#include "services/edge/telegram_gateway/chat_actions.h"
#include "services/edge/telegram_gateway/conversations.h"
#include "services/edge/telegram_gateway/delivery.h"
#include "services/edge/telegram_gateway/intent.h"
#include "services/edge/telegram_gateway/onboarding_actions.h"
#include "services/edge/telegram_gateway/turn.h"
#include "services/edge/telegram_gateway/typing.h"
#include "services/edge/telegram_gateway/update.h"

namespace selfology::telegram_gateway {

class UpdateHandler {
 public:
  // What it works with; all of it outlives the handler.
  struct Parts {
    postgres::Database& database;
    redis::Client& redis;
    observe::Metrics& metrics;
    const Peers& peers;
    Conversations& conversations;
    BotApi& telegram;
    Delivery& delivery;
    Typing& typing;
    std::function<absl::Time()> clock;
    AccountActions::EraseFunction erase;
  };

  explicit UpdateHandler(Parts parts);

  absl::StatusOr<v1::UpdateOutcome> Handle(const Call& call, const Update& update,
                                           const Intent& intent);

 private:
  absl::StatusOr<v1::UpdateOutcome> Refuse(const Call& call, const Update& update,
                                           absl::Duration wait);
  Turn Begin(const Call& call, const Update& update, const Intent& intent);
  // Remembers a conversation's new trace or language.
  void KeepJourney(const Call& call, const Conversation& conversation);
  Reaction React(const Turn& turn, const Intent& intent);
  Reaction ReactTo(const Turn& turn, const Command& command);
  Reaction ReactTo(const Turn& turn, const Words& words);
  Reaction ReactTo(const Turn& turn, const Press& press);
  // /pause, /resume and /finish mean the session or the chat, whichever there is.
  Reaction Pause(const Turn& turn);
  Reaction Resume(const Turn& turn);
  Reaction Finish(const Turn& turn);

  // Marks the update and leaves its replies, all or nothing. False: it was marked before.
  absl::StatusOr<bool> Commit(const Turn& turn, v1::UpdateOutcome outcome, const Reaction& reaction,
                              Kind kind);
  void AnswerButton(const Turn& turn, const Press& press, Reaction& reaction);

  const Parts parts_;
  OnboardingActions onboarding_;
  ChatActions chat_;
  AccountActions account_;
  resilience::RateLimiter limiter_;
  absl::Mutex mutex_;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::telegram_gateway
