// Calls to providers in a person's name; see proto/selfology/integration/v1/connection_service.proto.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/crypto/seal_key.h"
#include "common/http/client.h"
#include "common/postgres/database.h"
#include "selfology/integration/v1/connection_service_endpoints.h"
#include "services/platform/integration/providers.h"
#include "services/platform/integration/renewer.h"

namespace selfology::integration {

class ProxyService final : public v1::ProxyServiceEndpoints {
 public:
  struct Parts {
    postgres::Database& database;
    crypto::SealKey& seal_key;
    http::Client& http;
    Renewer& renewer;
    const Providers& providers;
    std::function<absl::Time()> clock;
  };
  explicit ProxyService(Parts parts) : parts_(std::move(parts)) {}  // All outlive it.

  absl::StatusOr<v1::CallProviderResponse> CallProvider(
      const Call& call, const v1::CallProviderRequest& request) override;

 private:
  absl::StatusOr<store::ConnectionRow> Usable(const Call& call,
                                              const v1::CallProviderRequest& request);
  absl::StatusOr<http::ClientResponse> Send(const Call& call, const Provider& provider,
                                            const store::ConnectionRow& row,
                                            const v1::CallProviderRequest& request);
  absl::Status Throttled(const Call& call, const std::string& connection_id, absl::Time until);

  const Parts parts_;
};

}  // namespace selfology::integration
