// The challenge service's RPCs; see proto/selfology/challenge/v1/challenge_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/challenge/v1/challenge_service_endpoints.h"

namespace selfology::challenge {

class ChallengeService final : public v1::ChallengeServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  ChallengeService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddChallengeEntryResponse> AddChallengeEntry(
      const Call& call, const v1::AddChallengeEntryRequest& request) override;
  absl::StatusOr<v1::ListChallengeEntriesResponse> ListChallengeEntries(
      const Call& call, const v1::ListChallengeEntriesRequest& request) override;
  absl::StatusOr<v1::CountChallengeEntriesResponse> CountChallengeEntries(
      const Call& call, const v1::CountChallengeEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::challenge
