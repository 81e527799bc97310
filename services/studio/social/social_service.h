// The social service's RPCs; see proto/selfology/social/v1/social_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/social/v1/social_service_endpoints.h"

namespace selfology::social {

class SocialService final : public v1::SocialServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  SocialService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddSocialEntryResponse> AddSocialEntry(
      const Call& call, const v1::AddSocialEntryRequest& request) override;
  absl::StatusOr<v1::ListSocialEntriesResponse> ListSocialEntries(
      const Call& call, const v1::ListSocialEntriesRequest& request) override;
  absl::StatusOr<v1::CountSocialEntriesResponse> CountSocialEntries(
      const Call& call, const v1::CountSocialEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::social
