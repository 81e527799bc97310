// The mini app's RPCs; see proto/selfology/miniapp/v1/miniapp_service.proto for what each does.
// DeleteUserData is the kernel's.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "selfology/miniapp/v1/miniapp_service_endpoints.h"
#include "selfology/security/v1/token_service_client.h"

namespace selfology::miniapp {

class MiniappService final : public v1::MiniappServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it. `security` is where init data are exchanged.
  MiniappService(postgres::Database& database, Clock clock, std::shared_ptr<rpc::Channel> security)
      : database_(database), clock_(std::move(clock)), tokens_(std::move(security)) {}

  absl::StatusOr<v1::OpenMiniappResponse> OpenMiniapp(
      const Call& call, const v1::OpenMiniappRequest& request) override;
  absl::StatusOr<v1::VerifyInitDataResponse> VerifyInitData(
      const Call& call, const v1::VerifyInitDataRequest& request) override;
  absl::StatusOr<v1::ListLaunchesResponse> ListLaunches(
      const Call& call, const v1::ListLaunchesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
  security::v1::TokenServiceClient tokens_;
};

}  // namespace selfology::miniapp
