// What the question service does when it hears of something; each is a handler for
// service::Mesh::On. Threads: thread-safe. Errors: the transaction's, the bank's, and those of the
// session service.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/events/handling.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/profile.pb.h"
#include "selfology/session/v1/session_service_client.h"
#include "services/coaching/question/history.h"
#include "services/coaching/question/live_bank.h"

namespace selfology::question {

class QuestionEvents {
 public:
  using Clock = std::function<absl::Time()>;

  QuestionEvents(std::shared_ptr<LiveBank> bank, session::v1::SessionServiceClient sessions,
                 Clock clock);

  // Both select a question and publish question.selected. When nothing is left to ask, they
  // complete the session.
  absl::Status AskFirst(const events::v1::SessionCreated& event, events::Handling& handling) const;
  absl::Status AskNext(const events::v1::UserAnswerSubmitted& event,
                       events::Handling& handling) const;

  // Nothing more is asked in a session that has ended.
  absl::Status EndCompleted(const events::v1::SessionCompleted& event,
                            events::Handling& handling) const;
  absl::Status EndTimedOut(const events::v1::SessionTimeout& event,
                           events::Handling& handling) const;

  // Both note which domains interest the person.
  absl::Status NoteNewInterests(const events::v1::ProfileCreated& event,
                                events::Handling& handling) const;
  absl::Status NoteInterests(const events::v1::ProfileUpdated& event,
                             events::Handling& handling) const;

 private:
  absl::Status Ask(const Bank& bank, const SessionState& session, const Person& person,
                   int answers_given, events::Handling& handling) const;

  const std::shared_ptr<LiveBank> bank_;
  const session::v1::SessionServiceClient sessions_;
  const Clock clock_;
};

}  // namespace selfology::question
