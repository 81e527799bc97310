// The RPCs of the social graph; see proto/selfology/user/v1/social_service.proto.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/user/v1/social_service_endpoints.h"

namespace selfology::user {

class SocialService final : public v1::SocialServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  SocialService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::FollowResponse> Follow(const Call& call,
                                            const v1::FollowRequest& request) override;
  absl::StatusOr<v1::UnfollowResponse> Unfollow(const Call& call,
                                                const v1::UnfollowRequest& request) override;
  absl::StatusOr<v1::BlockResponse> Block(const Call& call,
                                          const v1::BlockRequest& request) override;
  absl::StatusOr<v1::UnblockResponse> Unblock(const Call& call,
                                              const v1::UnblockRequest& request) override;
  absl::StatusOr<v1::GetRelationResponse> GetRelation(
      const Call& call, const v1::GetRelationRequest& request) override;
  absl::StatusOr<v1::ListFollowingResponse> ListFollowing(
      const Call& call, const v1::ListFollowingRequest& request) override;
  absl::StatusOr<v1::ListFollowersResponse> ListFollowers(
      const Call& call, const v1::ListFollowersRequest& request) override;
  absl::StatusOr<v1::ListMutualsResponse> ListMutuals(
      const Call& call, const v1::ListMutualsRequest& request) override;
  absl::StatusOr<v1::ListBlockedResponse> ListBlocked(
      const Call& call, const v1::ListBlockedRequest& request) override;
  absl::StatusOr<v1::SuggestPeopleResponse> SuggestPeople(
      const Call& call, const v1::SuggestPeopleRequest& request) override;

 private:
  absl::Time Now() const;

  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::user
