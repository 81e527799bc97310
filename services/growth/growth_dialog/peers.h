// The services that the dialog asks, as clients. Threads: may be used from any.
#pragma once

#include "common/service/mesh.h"
#include "selfology/challenge/v1/challenge_service_client.h"
#include "selfology/coach/v1/coach_service_client.h"
#include "selfology/gamification/v1/badge_service_client.h"
#include "selfology/gamification/v1/leaderboard_service_client.h"
#include "selfology/gamification/v1/progress_service_client.h"
#include "selfology/notification/v1/preferences_service_client.h"
#include "selfology/task/v1/task_service_client.h"
#include "selfology/task/v1/understanding_service_client.h"
#include "selfology/telegram/v1/telegram_gateway_service_client.h"

namespace selfology::growth_dialog {

struct Peers {
  explicit Peers(service::Mesh& mesh)
      : tasks(mesh.Peer("task")),
        understanding(mesh.Peer("task")),
        progress(mesh.Peer("gamification")),
        badges(mesh.Peer("gamification")),
        boards(mesh.Peer("gamification")),
        challenges(mesh.Peer("challenge")),
        coach(mesh.Peer("coach")),
        preferences(mesh.Peer("notification")),
        gateway(mesh.Peer("telegram_gateway")) {}

  task::v1::TaskServiceClient tasks;
  task::v1::TaskUnderstandingServiceClient understanding;
  gamification::v1::ProgressServiceClient progress;
  gamification::v1::BadgeServiceClient badges;
  gamification::v1::LeaderboardServiceClient boards;
  challenge::v1::ChallengeServiceClient challenges;
  coach::v1::CoachServiceClient coach;
  notification::v1::PreferencesServiceClient preferences;
  ::selfology::telegram::v1::TelegramGatewayServiceClient gateway;
};

}  // namespace selfology::growth_dialog
