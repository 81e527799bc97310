// LeaderboardService; see proto/selfology/gamification/v1/leaderboard_service.proto for what each RPC
// does. Ranks come from Redis (board_cache.h), and from PostgreSQL where it cannot tell.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "common/rpc/channel.h"
#include "selfology/gamification/v1/leaderboard_service_endpoints.h"
#include "selfology/user/v1/social_service_client.h"
#include "services/growth/gamification/boards/board_cache.h"

namespace selfology::gamification {

class LeaderboardService final : public v1::LeaderboardServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // `user`: the way to the service that has the social graph. The others must outlive it.
  LeaderboardService(postgres::Database& database, redis::Client& redis,
                     std::shared_ptr<rpc::Channel> user, Clock clock);

  absl::StatusOr<v1::GetLeaderboardResponse> GetLeaderboard(
      const Call& call, const v1::GetLeaderboardRequest& request) override;
  absl::StatusOr<v1::GetStandingResponse> GetStanding(
      const Call& call, const v1::GetStandingRequest& request) override;
  absl::StatusOr<v1::GetFriendsLeaderboardResponse> GetFriendsLeaderboard(
      const Call& call, const v1::GetFriendsLeaderboardRequest& request) override;
  absl::StatusOr<v1::SetVisibilityResponse> SetVisibility(
      const Call& call, const v1::SetVisibilityRequest& request) override;
  absl::StatusOr<v1::CreateSeasonResponse> CreateSeason(
      const Call& call, const v1::CreateSeasonRequest& request) override;
  absl::StatusOr<v1::ListSeasonsResponse> ListSeasons(
      const Call& call, const v1::ListSeasonsRequest& request) override;

  // The person was erased; those that Redis has of them go with the next Refresh.
  absl::Status Forget(const Call& call, int64_t user_id);
  // Follows what changed into Redis.
  absl::Status Refresh(const Call& call);

 private:
  postgres::Database& database_;
  BoardCache cache_;
  user::v1::SocialServiceClient social_;
  const Clock clock_;
};

}  // namespace selfology::gamification
