// The gamification service's RPCs; see proto/selfology/gamification/v1/gamification_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/gamification/v1/gamification_service_endpoints.h"

namespace selfology::gamification {

class GamificationService final : public v1::GamificationServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  GamificationService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddGamificationEntryResponse> AddGamificationEntry(
      const Call& call, const v1::AddGamificationEntryRequest& request) override;
  absl::StatusOr<v1::ListGamificationEntriesResponse> ListGamificationEntries(
      const Call& call, const v1::ListGamificationEntriesRequest& request) override;
  absl::StatusOr<v1::CountGamificationEntriesResponse> CountGamificationEntries(
      const Call& call, const v1::CountGamificationEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::gamification
