// What sessions do when they hear of something; each is a handler for service::Mesh::On.
// Threads: thread-safe. Errors: the transaction's.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/events/handling.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "services/coaching/session/onboarding.h"

namespace selfology::session {

class SessionEvents {
 public:
  using Clock = std::function<absl::Time()>;

  SessionEvents(Clock clock, Policy policy);

  // Opens the session that was asked for and publishes session.created, unless things have changed
  // since: one is open, consent was withdrawn, or the person's data were erased.
  absl::Status OpenSession(const events::v1::UserOnboardingInitiated& event,
                           events::Handling& handling) const;

  // Notes what waits for an answer, so that an answer to anything else can be refused.
  absl::Status NoteQuestion(const events::v1::QuestionSelected& event,
                            events::Handling& handling) const;

 private:
  const Clock clock_;
  const Policy policy_;
};

}  // namespace selfology::session
