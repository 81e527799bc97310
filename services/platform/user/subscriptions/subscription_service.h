// The RPCs of subscriptions (proto/selfology/user/v1/subscription_service.proto), and what payment
// events do to them.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/events/handling.h"
#include "common/postgres/database.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/user/v1/subscription_service_endpoints.h"

namespace selfology::user {

class SubscriptionService final : public v1::SubscriptionServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  SubscriptionService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::GetSubscriptionResponse> GetSubscription(
      const Call& call, const v1::GetSubscriptionRequest& request) override;
  absl::StatusOr<v1::GetTeamSubscriptionResponse> GetTeamSubscription(
      const Call& call, const v1::GetTeamSubscriptionRequest& request) override;
  absl::StatusOr<v1::ListPlansResponse> ListPlans(const Call& call,
                                                  const v1::ListPlansRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

// Each publishes subscription.changed when something changed.
absl::Status BeginTrial(const events::v1::PaymentAgreed& event, events::Handling& handling);
absl::Status TakePayment(const events::v1::PaymentReceived& event, events::Handling& handling);
absl::Status MissPayment(const events::v1::PaymentFailed& event, events::Handling& handling);
absl::Status EndPayments(const events::v1::PaymentCancelled& event, events::Handling& handling);

}  // namespace selfology::user
