// What the gateway does when it hears of something: leaves a message in the table of outgoing
// messages, together with the mark "handled", and notes where the conversation stands. Each
// function is a handler for service::Mesh::On.
//
// Telegram is not asked here, so no event waits for it, or ends as a dead letter because it is
// away. Errors: the transaction's. Threads: thread-safe.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/events/handling.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/gateway.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/system.pb.h"
#include "services/edge/telegram_gateway/conversations.h"
#include "services/edge/telegram_gateway/delivery.h"
#include "services/edge/telegram_gateway/outgoing.h"
#include "services/edge/telegram_gateway/peers.h"

namespace selfology::telegram_gateway {

class GatewayEvents {
 public:
  using Clock = std::function<absl::Time()>;

  // The references outlive it.
  GatewayEvents(const Peers& peers, Conversations& conversations, Delivery& delivery, Clock clock)
      : peers_(peers),
        conversations_(conversations),
        delivery_(delivery),
        clock_(std::move(clock)) {}

  absl::Status Ask(const events::v1::QuestionSelected& event, events::Handling& handling);
  absl::Status GiveFeedback(const events::v1::AnswerAnalyzedInstant& event,
                            events::Handling& handling);
  absl::Status Congratulate(const events::v1::SessionCompleted& event, events::Handling& handling);
  absl::Status TellOfTimeout(const events::v1::SessionTimeout& event, events::Handling& handling);
  absl::Status PassOnReply(const events::v1::CoachMessageReady& event, events::Handling& handling);
  absl::Status ShowInsight(const events::v1::InsightReadyForUser& event,
                           events::Handling& handling);
  absl::Status Send(const events::v1::MessageSendRequested& event, events::Handling& handling);
  absl::Status ChangeState(const events::v1::StateChangeRequested& event,
                           events::Handling& handling);

 private:
  // Whether a message waits a moment, so that the feedback on the last answer may come before it.
  enum class Hold { kNo, kForFeedback };

  // Notes where the conversation stands, in Redis, once the transaction has committed: no other
  // event's transaction waits for Redis, and nothing is noted that was rolled back. Call it before
  // Enqueue, so that it is noted before the message is sent.
  void ChangeOnceCommitted(events::Handling& handling, int64_t user_id,
                           std::function<void(Conversation&)> change);

  // `key`: empty for the event's own.
  absl::Status Enqueue(events::Handling& handling, int64_t user_id, Kind kind,
                       v1::SendMessageRequest body, std::string key = "", Hold hold = Hold::kNo);

  const Peers& peers_;
  Conversations& conversations_;
  Delivery& delivery_;
  const Clock clock_;
};

}  // namespace selfology::telegram_gateway
