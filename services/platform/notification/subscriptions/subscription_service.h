// The choices' RPCs; see proto/selfology/notification/v1/subscription_service.proto.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/notification/v1/subscription_service_endpoints.h"
#include "services/platform/notification/decisions/texts.h"
#include "services/platform/notification/deliveries/keys.h"
#include "services/platform/notification/subscriptions/unsubscribe_token.h"

namespace selfology::notification {

class SubscriptionService final : public v1::SubscriptionServiceEndpoints {
 public:
  // The references outlive it.
  SubscriptionService(postgres::Database& database, Keys& keys, const Texts& texts,
                      std::function<absl::Time()> clock)
      : database_(database), keys_(keys), texts_(texts), clock_(std::move(clock)) {}

  absl::StatusOr<v1::SubscribeResponse> Subscribe(const Call& call,
                                                  const v1::SubscribeRequest& request) override;
  absl::StatusOr<v1::ListSubscriptionsResponse> ListSubscriptions(
      const Call& call, const v1::ListSubscriptionsRequest& request) override;
  absl::StatusOr<mesh::v1::HttpResponse> Unsubscribe(
      const Call& call, const v1::UnsubscribeRequest& request) override;
  absl::StatusOr<mesh::v1::HttpResponse> ShowUnsubscribe(
      const Call& call, const v1::ShowUnsubscribeRequest& request) override;
  absl::StatusOr<v1::SetPhoneResponse> SetPhone(const Call& call,
                                                const v1::SetPhoneRequest& request) override;
  absl::StatusOr<v1::ListAddressesResponse> ListAddresses(
      const Call& call, const v1::ListAddressesRequest& request) override;

 private:
  // INVALID_ARGUMENT: it is none of ours.
  absl::StatusOr<MutedTopic> Read(const Call& call, const std::string& token);

  postgres::Database& database_;
  Keys& keys_;
  const Texts& texts_;
  const std::function<absl::Time()> clock_;
};

}  // namespace selfology::notification
