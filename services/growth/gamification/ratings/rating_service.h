// RatingService; see proto/selfology/gamification/v1/rating_service.proto for what each RPC does.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/gamification/v1/rating_service_endpoints.h"

namespace selfology::gamification {

class RatingService final : public v1::RatingServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  RatingService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::RecordMatchResponse> RecordMatch(
      const Call& call, const v1::RecordMatchRequest& request) override;
  absl::StatusOr<v1::GetRatingsResponse> GetRatings(const Call& call,
                                                    const v1::GetRatingsRequest& request) override;
  absl::StatusOr<v1::ListRatingChangesResponse> ListRatingChanges(
      const Call& call, const v1::ListRatingChangesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::gamification
