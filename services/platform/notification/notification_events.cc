#include "services/platform/notification/notification_events.h"

#include <string>

#include "common/language/tag.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/platform/notification/inbox/inbox_store.h"
#include "services/platform/notification/mail/mail_writer.h"
#include "services/platform/notification/subscriptions/subscription_rules.h"

namespace selfology::notification {
namespace {

using events::Handling;

v1::SendNotificationRequest RequestOf(const events::v1::NotificationRequested& event,
                                      const Handling& handling) {
  v1::SendNotificationRequest request;
  request.set_user_id(event.user_id());
  request.set_kind(event.kind());
  *request.mutable_parameters() = event.parameters();
  request.set_priority(event.priority());
  *request.mutable_channels() = event.channels();
  request.set_deduplication_key(event.deduplication_key().empty()
                                    ? handling.envelope().id.ToString()
                                    : event.deduplication_key());
  request.set_topic(event.topic());
  request.set_digest(event.digest());
  request.set_link(event.link());
  if (event.has_expires_at()) *request.mutable_expires_at() = event.expires_at();
  request.set_language(event.language());
  return request;
}

// A mail that carries a code to an address.
template <typename Event>
absl::Status SendCode(const DecisionMaker& maker, const Event& event, std::string_view kind,
                      Handling& handling) {
  if (!IsMailAddress(event.email()) || event.code().empty()) {
    return handling.ParkAlone(status::InvalidField("email", "must be a mail address, with a code"));
  }
  v1::SendNotificationRequest request;
  request.set_user_id(event.user_id());
  request.set_kind(std::string(kind));
  (*request.mutable_parameters())["code"] = event.code();
  request.set_deduplication_key(handling.envelope().id.ToString());
  request.set_language(event.language());
  if (event.has_expires_at()) *request.mutable_expires_at() = event.expires_at();
  return maker.Make(handling.tx(), request, event.email()).status();
}

absl::Status Learn(int64_t user_id, const std::string& language, Handling& handling) {
  if (!language.empty() && language::Tag::Parse(language).has_value()) {
    store::SaveLanguage(handling.tx(), user_id, language);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status NotificationEvents::Decide(const events::v1::NotificationRequested& event,
                                        Handling& handling) {
  const v1::SendNotificationRequest request = RequestOf(event, handling);
  status::FieldViolations bad;
  CheckSend(request, bad);
  if (!bad.empty()) return handling.ParkAlone(bad.ToStatus());
  return maker_.Make(handling.tx(), request).status();
}

absl::Status NotificationEvents::SendVerification(
    const events::v1::EmailVerificationRequested& event, Handling& handling) {
  return SendCode(maker_, event, "account.verification", handling);
}

absl::Status NotificationEvents::SendRecovery(const events::v1::PasswordRecoveryRequested& event,
                                              Handling& handling) {
  return SendCode(maker_, event, "account.recovery", handling);
}

absl::Status NotificationEvents::TellMissedPayment(const events::v1::PaymentFailed& event,
                                                   Handling& handling) {
  v1::SendNotificationRequest request;
  request.set_user_id(event.user_id());
  request.set_kind("payment.failed");
  request.set_deduplication_key(handling.envelope().id.ToString());
  request.set_link("/billing");
  return maker_.Make(handling.tx(), request).status();
}

absl::Status NotificationEvents::LearnLanguage(const events::v1::UserRegistered& event,
                                               Handling& handling) {
  return Learn(event.user_id(), event.language(), handling);
}

absl::Status NotificationEvents::LearnLanguageOfOnboarding(
    const events::v1::UserOnboardingInitiated& event, Handling& handling) {
  return Learn(event.user_id(), event.language(), handling);
}

absl::Status NotificationEvents::LearnChat(const events::v1::UserAccountsLinked& event,
                                           Handling& handling) {
  store::SaveChat(handling.tx(), event.user_id());
  return absl::OkStatus();
}

}  // namespace selfology::notification
