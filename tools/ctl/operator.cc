#include "tools/ctl/operator.h"

#include <cstdlib>
#include <utility>

#include "common/rpc/peer_check.h"
#include "common/rpc/service_secret.h"
#include "common/rpc/tls.h"
#include "common/status/status_macros.h"

namespace selfology::ctl {

namespace {

std::string FromEnvironment(const char* name, const char* otherwise = "") {
  const char* const value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

}  // namespace

std::string OperatorAddress(const nlohmann::json& endpoint) {
  return endpoint.value("operators", endpoint.value("grpc", ""));
}

absl::StatusOr<std::shared_ptr<rpc::Channel>> ConnectAsOperator(const std::string& peer,
                                                                const std::string& address,
                                                                observe::Requests& requests) {
  rpc::OwnIdentity identity{.service = rpc::kOperator};
  const std::string file = FromEnvironment("SELFOLOGY_SERVICE_SECRET_FILE");
  if (!file.empty()) {
    ASSIGN_OR_RETURN(identity.secret, rpc::ReadServiceSecret(file));
  }
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  const std::string certificate = FromEnvironment("SELFOLOGY_TLS_CERTIFICATE_FILE");
  if (!certificate.empty()) {
    ASSIGN_OR_RETURN(
        const std::shared_ptr<rpc::Tls> tls,
        rpc::Tls::Open(
            {.certificate_file = certificate,
             .key_file = FromEnvironment("SELFOLOGY_TLS_KEY_FILE"),
             .authority_file = FromEnvironment("SELFOLOGY_TLS_AUTHORITY_FILE"),
             .name_prefix = FromEnvironment("SELFOLOGY_TLS_NAME_PREFIX", rpc::kNamePrefix)}));
    credentials = tls->ForPeer(peer);
  }
  return rpc::Channel::Connect(peer, address, requests, std::move(credentials))
      ->As(std::move(identity));
}

}  // namespace selfology::ctl
