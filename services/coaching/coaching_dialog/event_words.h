// The messages that people get about events, and the state of their conversation afterwards.
//
//   ASSIGN_OR_RETURN(const Reaction reaction, words.For(call, request));
//
// The same event may come again until the gateway has stored the messages: it then gets the same
// answer.
//
// Errors: INVALID_EVENT_PAYLOAD; INVALID_ARGUMENT for a type that is not one of EventTypes.
// Threads: thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/system.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/telegram/v1/dialog_service.pb.h"
#include "services/coaching/coaching_dialog/conversations.h"
#include "services/coaching/coaching_dialog/goal.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/statements.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

class EventWords {
 public:
  // The references outlive it.
  EventWords(const Peers& peers, Conversations& conversations, const Statements& statements)
      : peers_(peers), conversations_(conversations), statements_(statements) {}

  // Of the events that it has words for, or that move the conversation.
  static std::vector<std::string> EventTypes();

  absl::StatusOr<Reaction> For(const Call& call, const v1::RenderEventRequest& request);

 private:
  Reaction Of(const Call& call, const events::v1::QuestionSelected& event);
  Reaction Of(const Call& call, const events::v1::AnswerAnalyzedInstant& event);
  Reaction Of(const Call& call, const events::v1::SessionCompleted& event);
  Reaction Of(const Call& call, const events::v1::SessionTimeout& event);
  Reaction Of(const Call& call, const events::v1::SessionPaused& event);
  Reaction Of(const Call& call, const events::v1::SessionResumed& event);
  Reaction Of(const Call& call, const events::v1::ConsentDeclined& event);
  Reaction Of(const Call& call, const events::v1::CoachMessageReady& event);
  Reaction Of(const Call& call, const events::v1::InsightReadyForUser& event);
  Reaction Of(const Call& call, const events::v1::UserAccountsLinked& event);

  // What is offered below a question.
  void OfferMore(const Call& call, const events::v1::QuestionSelected& event, bool heavy,
                 Reaction& reaction);
  // The event says that somebody is at a goal now. It may come late, so if we think otherwise, the
  // owners are asked.
  Reaction FollowOwners(const Call& call, int64_t user_id, Goal goal);
  // The menu, and the buttons that are of no use there.
  void ShowWhere(const Call& call, const Conversation& now, Reaction& reaction);

  // By the event's type.
  using Render = absl::StatusOr<Reaction> (*)(EventWords& words, const Call& call,
                                              const std::string& payload);
  using Renders = std::map<std::string, Render>;
  static const Renders& AllRenders();
  template <typename... Events>
  static Renders RendersOf();
  template <typename Event>
  static absl::StatusOr<Reaction> RenderAs(EventWords& words, const Call& call,
                                           const std::string& payload);

  const Peers& peers_;
  Conversations& conversations_;
  const Statements& statements_;
};

}  // namespace selfology::coaching_dialog
