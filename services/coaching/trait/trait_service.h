// The trait service's RPCs; see proto/selfology/trait/v1/trait_service.proto for what each does.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/trait/v1/trait_service_endpoints.h"

namespace selfology::trait {

class TraitService final : public v1::TraitServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  TraitService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::ListTraitHistoryResponse> ListTraitHistory(
      const Call& call, const v1::ListTraitHistoryRequest& request) override;
  absl::StatusOr<v1::GetTraitPatternsResponse> GetTraitPatterns(
      const Call& call, const v1::GetTraitPatternsRequest& request) override;
  absl::StatusOr<v1::GetTraitEvolutionResponse> GetTraitEvolution(
      const Call& call, const v1::GetTraitEvolutionRequest& request) override;
  absl::StatusOr<v1::GetNextStatementResponse> GetNextStatement(
      const Call& call, const v1::GetNextStatementRequest& request) override;
  absl::StatusOr<v1::RateStatementResponse> RateStatement(
      const Call& call, const v1::RateStatementRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::trait
