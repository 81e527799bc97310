// LedgerService; see proto/selfology/gamification/v1/ledger_service.proto for what each RPC does.
#pragma once

#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/gamification/v1/ledger_service_endpoints.h"
#include "services/growth/gamification/ledger/group_commit.h"
#include "services/growth/gamification/rules/live_rules.h"

namespace selfology::gamification {

class LedgerService final : public v1::LedgerServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  LedgerService(postgres::Database& database, Clock clock, std::shared_ptr<LiveRules> rules);

  absl::StatusOr<v1::CreateTransfersResponse> CreateTransfers(
      const Call& call, const v1::CreateTransfersRequest& request) override;
  absl::StatusOr<v1::ReverseTransfersResponse> ReverseTransfers(
      const Call& call, const v1::ReverseTransfersRequest& request) override;
  absl::StatusOr<v1::GetBalancesResponse> GetBalances(
      const Call& call, const v1::GetBalancesRequest& request) override;
  absl::StatusOr<v1::ListEntriesResponse> ListEntries(
      const Call& call, const v1::ListEntriesRequest& request) override;
  absl::StatusOr<v1::ExplainTransferResponse> ExplainTransfer(
      const Call& call, const v1::ExplainTransferRequest& request) override;
  absl::StatusOr<v1::SetLimitsResponse> SetLimits(const Call& call,
                                                  const v1::SetLimitsRequest& request) override;
  absl::StatusOr<v1::CheckLedgerResponse> CheckLedger(
      const Call& call, const v1::CheckLedgerRequest& request) override;

  // Lets go of pending transfers whose time is up.
  absl::Status Expire(const Call& call);

 private:
  postgres::Database& database_;
  const Clock clock_;
  const std::shared_ptr<LiveRules> rules_;
  GroupCommit commits_;
};

}  // namespace selfology::gamification
