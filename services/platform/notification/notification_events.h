// What the service does when something has happened elsewhere.
#pragma once

#include "absl/status/status.h"
#include "common/events/handling.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "services/platform/notification/decisions/decision_maker.h"

namespace selfology::notification {

class NotificationEvents {
 public:
  // maker outlives it.
  explicit NotificationEvents(const DecisionMaker& maker) : maker_(maker) {}

  // Decides on it, in the transaction that marks the event as handled. One that is malformed is left
  // among the dead letters by itself: the person's others do not wait for it.
  absl::Status Decide(const events::v1::NotificationRequested& event, events::Handling& handling);

  // Mails with a code, to the address that the event names.
  absl::Status SendVerification(const events::v1::EmailVerificationRequested& event,
                                events::Handling& handling);
  absl::Status SendRecovery(const events::v1::PasswordRecoveryRequested& event,
                            events::Handling& handling);

  // A subscription that is past due.
  absl::Status TellMissedPayment(const events::v1::PaymentFailed& event,
                                 events::Handling& handling);

  // The person's language, for what is sent later.
  absl::Status LearnLanguage(const events::v1::UserRegistered& event, events::Handling& handling);
  absl::Status LearnLanguageOfOnboarding(const events::v1::UserOnboardingInitiated& event,
                                         events::Handling& handling);

  // Whoever kept a web account's id can be written to by the bot from now on.
  absl::Status LearnChat(const events::v1::UserAccountsLinked& event, events::Handling& handling);

 private:
  const DecisionMaker& maker_;
};

}  // namespace selfology::notification
