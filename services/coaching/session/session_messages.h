// Sessions, answers and people as messages: what the RPCs answer, and the events that tell of
// changes. Pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/safety.pb.h"
#include "selfology/session/v1/session.pb.h"
#include "services/coaching/session/answering.h"
#include "services/coaching/session/help_first.h"
#include "services/coaching/session/onboarding.h"

namespace selfology::session {

v1::Session ToProto(const Session& session);
v1::Answer ToProto(const Answer& answer);
v1::Onboarding ToProto(const Standing& standing, const Policy& policy);

AskedQuestion FromEvent(const events::v1::QuestionSelected& event);

events::v1::UserOnboardingInitiated InitiatedEvent(const Person& person, bool restart);
events::v1::SessionCreated CreatedEvent(const Session& session);
events::v1::UserAnswerSubmitted SubmittedEvent(const Accepted& accepted);
events::v1::SessionCompleted CompletedEvent(const Session& session);
events::v1::SessionTimeout TimeoutEvent(const Session& session);
events::v1::SessionPaused PausedEvent(const Session& session);
events::v1::SessionResumed ResumedEvent(const Session& session);
// Of someone whose consent is not granted.
events::v1::ConsentDeclined DeclinedEvent(const Person& person);
// Of words that were noticed. `began`: no danger was open before.
events::v1::SafetyDangerNoticed NoticedEvent(int64_t user_id, const Heard& heard,
                                             std::string_view language, bool began);

}  // namespace selfology::session
