// RuleService; see proto/selfology/gamification/v1/rule_service.proto for what each RPC does.
#pragma once

#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/gamification/v1/rule_service_endpoints.h"
#include "services/growth/gamification/rules/live_rules.h"

namespace selfology::gamification {

class RuleService final : public v1::RuleServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  RuleService(postgres::Database& database, Clock clock, std::shared_ptr<LiveRules> rules);

  absl::StatusOr<v1::CreateRuleResponse> CreateRule(const Call& call,
                                                    const v1::CreateRuleRequest& request) override;
  absl::StatusOr<v1::ListRulesResponse> ListRules(const Call& call,
                                                  const v1::ListRulesRequest& request) override;
  absl::StatusOr<v1::TryRuleResponse> TryRule(const Call& call,
                                              const v1::TryRuleRequest& request) override;
  absl::StatusOr<v1::PublishRuleResponse> PublishRule(
      const Call& call, const v1::PublishRuleRequest& request) override;
  absl::StatusOr<v1::RetireRuleResponse> RetireRule(const Call& call,
                                                    const v1::RetireRuleRequest& request) override;

  // Gives badges of new rules for events of the past, to some persons more.
  absl::Status Backfill(const Call& call);

 private:
  postgres::Database& database_;
  const Clock clock_;
  const std::shared_ptr<LiveRules> rules_;
};

}  // namespace selfology::gamification
