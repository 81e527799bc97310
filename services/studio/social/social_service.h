// The social service's RPCs; see proto/selfology/social/v1/social_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>
#include <utility>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/social/v1/social_service_endpoints.h"
#include "services/studio/social/accounts.h"
#include "services/studio/social/platforms/publisher.h"
#include "services/studio/social/publishing.h"

namespace selfology::social {

class SocialService final : public v1::SocialServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  struct Around {
    postgres::Database& database;
    Accounts& accounts;
    const Publishers& publishers;
    Publishing& publishing;
    PlatformAddresses addresses;
    Clock clock;
  };
  // What `around` refers to outlives it.
  explicit SocialService(Around around) : around_(std::move(around)) {}

  absl::StatusOr<v1::ConnectAccountResponse> ConnectAccount(
      const Call& call, const v1::ConnectAccountRequest& request) override;
  absl::StatusOr<v1::GetAccountsResponse> GetAccounts(
      const Call& call, const v1::GetAccountsRequest& request) override;
  absl::StatusOr<v1::DisconnectAccountResponse> DisconnectAccount(
      const Call& call, const v1::DisconnectAccountRequest& request) override;
  absl::StatusOr<v1::PublishResponse> Publish(const Call& call,
                                              const v1::PublishRequest& request) override;
  absl::StatusOr<v1::GetPublicationResponse> GetPublication(
      const Call& call, const v1::GetPublicationRequest& request) override;
  absl::StatusOr<v1::ListPublicationsResponse> ListPublications(
      const Call& call, const v1::ListPublicationsRequest& request) override;
  absl::StatusOr<v1::SettlePublicationResponse> SettlePublication(
      const Call& call, const v1::SettlePublicationRequest& request) override;
  absl::StatusOr<v1::RemovePublicationResponse> RemovePublication(
      const Call& call, const v1::RemovePublicationRequest& request) override;
  absl::StatusOr<v1::EditPublicationResponse> EditPublication(
      const Call& call, const v1::EditPublicationRequest& request) override;
  absl::StatusOr<v1::GetInsightsResponse> GetInsights(
      const Call& call, const v1::GetInsightsRequest& request) override;
  absl::StatusOr<v1::GetMetricsResponse> GetMetrics(const Call& call,
                                                    const v1::GetMetricsRequest& request) override;
  absl::StatusOr<v1::GetPlatformsResponse> GetPlatforms(
      const Call& call, const v1::GetPlatformsRequest& request) override;
  absl::StatusOr<v1::GetPlatformLimitsResponse> GetPlatformLimits(
      const Call& call, const v1::GetPlatformLimitsRequest& request) override;
  absl::StatusOr<v1::CheckTextsResponse> CheckTexts(const Call& call,
                                                    const v1::CheckTextsRequest& request) override;

 private:
  absl::StatusOr<Login> LoginOf(const v1::ConnectAccountRequest& request) const;

  const Around around_;
};

}  // namespace selfology::social
