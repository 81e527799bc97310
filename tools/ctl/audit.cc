#include "tools/ctl/audit.h"

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "selfology/security/v1/audit_service_client.h"
#include "tools/ctl/operator.h"

namespace selfology::ctl {
namespace {

namespace v1 = security::v1;

absl::Status Verify(const v1::AuditServiceClient& client) {
  ASSIGN_OR_RETURN(
      const v1::VerifyAuditChainResponse verified,
      client.VerifyAuditChain(Call::Background(absl::Seconds(60)), v1::VerifyAuditChainRequest()));
  if (!verified.intact()) {
    return absl::DataLossError(absl::StrCat("the audit was changed at record ",
                                            verified.broken_at(), ": ", verified.fault()));
  }
  std::printf("The audit is whole: %lld records, %lld checkpoints.\n",
              static_cast<long long>(verified.record_count()),
              static_cast<long long>(verified.checkpoint_count()));
  return absl::OkStatus();
}

}  // namespace

absl::Status RunAudit(const std::string& endpoints_json,
                      const std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments.front() != "verify") {
    return absl::InvalidArgumentError("audit: verify");
  }
  const nlohmann::json endpoints =
      nlohmann::json::parse(endpoints_json, nullptr, /*allow_exceptions=*/false);
  const auto security = endpoints.find("security");
  if (security == endpoints.end()) return absl::NotFoundError("no security service runs here");
  observe::Requests requests(nullptr, "rpc_client");
  ASSIGN_OR_RETURN(const std::shared_ptr<rpc::Channel> channel,
                   ConnectAsOperator("security", OperatorAddress(*security), requests));
  return Verify(v1::AuditServiceClient(channel));
}

}  // namespace selfology::ctl
