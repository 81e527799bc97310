#include "common/rpc/rpc_span.h"

#include <cstdint>
#include <string>

#include "common/status/status.h"

namespace selfology::rpc {

void DescribeRpc(std::string_view rpc, const absl::Status& status, observe::FinishedSpan& span) {
  const size_t slash = rpc.rfind('/');
  span.name = std::string(rpc);
  span.Add("rpc.system", "grpc");
  span.Add("rpc.service", rpc.substr(0, slash));
  if (slash != std::string_view::npos) span.Add("rpc.method", rpc.substr(slash + 1));
  span.Add("rpc.grpc.status_code", static_cast<int64_t>(status.code()));
  if (!status.ok()) span.Add("selfology.reason", status::Reason(status));
}

}  // namespace selfology::rpc
