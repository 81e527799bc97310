// absl::Status to grpc::Status and back. Details go in the trailer grpc-status-details-bin as a
// google.rpc.Status, which is what grpcurl and every typed client read.
//
//   return status::ToGrpc(service.SubmitAnswer(call, request, response));
//
// Codes have the same numbers on both sides; one that gRPC does not know becomes UNKNOWN. A trailer
// that does not parse is ignored: the code and message still arrive. Messages over 768 bytes are
// cut, details over 3 KiB left out, to stay within what gRPC lets a trailer weigh (8 KiB by default).
// Threads: pure functions.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace selfology::status {

grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace selfology::status
