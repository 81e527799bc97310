// What a span of an RPC says of it, on either side.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "common/observe/span.h"

namespace selfology::rpc {

// rpc: MethodContract::name.
void DescribeRpc(std::string_view rpc, const absl::Status& status, observe::FinishedSpan& span);

}  // namespace selfology::rpc
