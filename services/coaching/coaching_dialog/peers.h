// The services that own what the dialog shows and changes.
//
//   const auto response = Patiently(
//       call, [&](const Call& once) { return peers.profile.GetProfile(once, request); });
//
// Every write of theirs has a key of its own, so asking again is harmless. Threads: thread-safe.
#pragma once

#include <type_traits>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/resilience/retry.h"
#include "common/service/mesh.h"
#include "selfology/coach/v1/coach_service_client.h"
#include "selfology/notification/v1/notification_service_client.h"
#include "selfology/notification/v1/preferences_service_client.h"
#include "selfology/profile/v1/profile_service_client.h"
#include "selfology/question/v1/question_service_client.h"
#include "selfology/safety/v1/safety_service_client.h"
#include "selfology/session/v1/session_service_client.h"
#include "selfology/telegram/v1/telegram_gateway_service_client.h"
#include "selfology/trait/v1/trait_service_client.h"
#include "selfology/user/v1/linking_service_client.h"

namespace selfology::coaching_dialog {

struct Peers {
  explicit Peers(service::Mesh& mesh)
      : session(mesh.Peer("session")),
        question(mesh.Peer("question")),
        profile(mesh.Peer("profile")),
        coach(mesh.Peer("coach")),
        safety(mesh.Peer("safety_dialog")),
        trait(mesh.Peer("trait")),
        gateway(mesh.Peer("telegram_gateway")),
        notification(mesh.Peer("notification")),
        preferences(mesh.Peer("notification")),
        linking(mesh.Peer("user")) {}

  const session::v1::SessionServiceClient session;
  const question::v1::QuestionServiceClient question;
  const profile::v1::ProfileServiceClient profile;
  const coach::v1::CoachServiceClient coach;
  const safety::v1::SafetyServiceClient safety;
  const trait::v1::TraitServiceClient trait;
  const telegram::v1::TelegramGatewayServiceClient gateway;
  const notification::v1::NotificationServiceClient notification;
  const notification::v1::PreferencesServiceClient preferences;
  const user::v1::LinkingServiceClient linking;
};

// Three attempts, each with a deadline far beyond what a healthy service needs. Also while an
// answer says when to come back: a person may be quicker than the event that tells a service what
// they were asked.
template <typename F>
std::invoke_result_t<F&, const Call&> Patiently(const Call& call, F ask) {
  constexpr absl::Duration kAttempt = absl::Seconds(3);
  const resilience::RetryOptions options = {
      .attempts = 3, .backoff = {.first = absl::Milliseconds(100), .max = absl::Seconds(1)}};
  return resilience::Retry(call, options, [&] { return ask(call.WithTimeout(kAttempt)); });
}

// Whether a write may have taken effect although it failed. What asked for it fails, too: the gateway
// holds the update and brings it again with the same key.
inline bool MayHaveHappened(const absl::Status& failure) {
  return absl::IsUnavailable(failure) || absl::IsDeadlineExceeded(failure) ||
         absl::IsAborted(failure);
}

}  // namespace selfology::coaching_dialog
