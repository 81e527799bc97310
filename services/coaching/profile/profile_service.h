// The profile service's RPCs; see proto/selfology/profile/v1/profile_service.proto for what each
// does.
#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "common/resilience/cache.h"
#include "selfology/profile/v1/profile_service_endpoints.h"
#include "services/coaching/profile/profile_changes.h"
#include "services/coaching/profile/profile_index.h"
#include "services/coaching/profile/vector_store.h"

namespace selfology::profile {

class ProfileService final : public v1::ProfileServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;
  using ProfileCache = resilience::Cache<v1::Profile>;

  // The references must outlive it.
  ProfileService(postgres::Database& database, Clock clock, ProfileCache& cache,
                 ProfileIndex& index, Watchers& watchers);

  absl::StatusOr<v1::GetProfileResponse> GetProfile(const Call& call,
                                                    const v1::GetProfileRequest& request) override;
  absl::StatusOr<v1::BatchGetProfilesResponse> BatchGetProfiles(
      const Call& call, const v1::BatchGetProfilesRequest& request) override;
  absl::StatusOr<v1::UpdateProfileResponse> UpdateProfile(
      const Call& call, const v1::UpdateProfileRequest& request) override;
  absl::StatusOr<v1::SearchSimilarProfilesResponse> SearchSimilarProfiles(
      const Call& call, const v1::SearchSimilarProfilesRequest& request) override;
  absl::StatusOr<v1::ListEvidenceResponse> ListEvidence(
      const Call& call, const v1::ListEvidenceRequest& request) override;
  absl::StatusOr<v1::CorrectTraitResponse> CorrectTrait(
      const Call& call, const v1::CorrectTraitRequest& request) override;
  absl::Status WatchProfile(const Call& call, const v1::WatchProfileRequest& request,
                            rpc::Writer<v1::WatchProfileResponse>& replies) override;

  // After a committed change.
  void Forget(int64_t user_id);

 private:
  absl::StatusOr<v1::Profile> Load(const Call& call, int64_t user_id);

  postgres::Database& database_;
  const Clock clock_;
  ProfileCache& cache_;
  ProfileIndex& index_;
  Watchers& watchers_;
};

}  // namespace selfology::profile
