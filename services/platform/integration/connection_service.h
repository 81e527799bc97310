// Connections' RPCs; see proto/selfology/integration/v1/connection_service.proto. DeleteUserData is the kernel's: it calls
// what module.cc gives to OnErase.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/crypto/seal_key.h"
#include "common/postgres/database.h"
#include "selfology/integration/v1/connection_service_endpoints.h"
#include "services/platform/integration/connection_store.h"
#include "services/platform/integration/provider_client.h"
#include "services/platform/integration/providers.h"
#include "services/platform/integration/renewer.h"

namespace selfology::integration {

class ConnectionService final : public v1::ConnectionServiceEndpoints {
 public:
  struct Parts {
    postgres::Database& database;
    crypto::SealKey& seal_key;
    ProviderClient& client;
    Renewer& renewer;
    const Providers& providers;
    std::function<absl::Time()> clock;
  };
  explicit ConnectionService(Parts parts) : parts_(std::move(parts)) {}  // All outlive it.

  absl::StatusOr<v1::ListProvidersResponse> ListProviders(
      const Call& call, const v1::ListProvidersRequest& request) override;
  absl::StatusOr<v1::StartConnectionResponse> StartConnection(
      const Call& call, const v1::StartConnectionRequest& request) override;
  absl::StatusOr<v1::FinishConnectionResponse> FinishConnection(
      const Call& call, const v1::FinishConnectionRequest& request) override;
  absl::StatusOr<v1::ListConnectionsResponse> ListConnections(
      const Call& call, const v1::ListConnectionsRequest& request) override;
  absl::StatusOr<v1::GetConnectionResponse> GetConnection(
      const Call& call, const v1::GetConnectionRequest& request) override;
  absl::StatusOr<v1::DisconnectResponse> Disconnect(const Call& call,
                                                    const v1::DisconnectRequest& request) override;
  absl::StatusOr<v1::RefreshConnectionResponse> RefreshConnection(
      const Call& call, const v1::RefreshConnectionRequest& request) override;

 private:
  absl::StatusOr<v1::FinishConnectionResponse> Keep(const Call& call,
                                                    const store::AttemptRow& attempt,
                                                    const ProviderClient::Redeemed& redeemed);

  const Parts parts_;
};

// Forgets a connection and leaves its tokens to be revoked; publishes connection.removed.
absl::Status RemoveConnection(postgres::Transaction& tx, const store::ConnectionRow& row,
                              absl::Time now);
// All of a team that is no more.
absl::Status RemoveConnectionsOf(postgres::Transaction& tx, int64_t team_id, absl::Time now);

}  // namespace selfology::integration
