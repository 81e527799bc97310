// ProgressService; see proto/selfology/gamification/v1/progress_service.proto for what each RPC does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/gamification/v1/progress_service_endpoints.h"

namespace selfology::gamification {

// What a freeze costs, in coins.
inline constexpr int64_t kFreezePrice = 20;

class ProgressService final : public v1::ProgressServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  ProgressService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::GetProgressResponse> GetProgress(
      const Call& call, const v1::GetProgressRequest& request) override;
  absl::StatusOr<v1::BuyFreezeResponse> BuyFreeze(const Call& call,
                                                  const v1::BuyFreezeRequest& request) override;
  absl::StatusOr<v1::ListFactsResponse> ListFacts(const Call& call,
                                                  const v1::ListFactsRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::gamification
