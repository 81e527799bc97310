#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/rpc/endpoints.h"
#include "common/status/status_macros.h"

namespace selfology::rpc {

template <typename Service, typename Request, typename Response>
absl::Status RunMethod(absl::StatusOr<Response> (Service::*method)(const Call&, const Request&),
                       const Call& call, Receive receive, Reply reply) {
  Request request;
  ASSIGN_OR_RETURN(Endpoints* const endpoints, receive(request));
  const absl::StatusOr<Response> response =
      (static_cast<Service&>(*endpoints).*method)(call, request);
  if (!response.ok()) return response.status();
  reply(*response);
  return absl::OkStatus();
}

template <typename Service, typename Request, typename Response>
absl::Status RunMethod(absl::Status (Service::*method)(const Call&, const Request&,
                                                       Writer<Response>&),
                       const Call& call, Receive receive, Reply reply) {
  Request request;
  ASSIGN_OR_RETURN(Endpoints* const endpoints, receive(request));
  Writer<Response> writer(reply);
  return (static_cast<Service&>(*endpoints).*method)(call, request, writer);
}

// Used by generated code, for Endpoints::methods(): RunOf<&FooServiceEndpoints::Bar>.
template <auto method>
absl::Status RunOf(const Call& call, Receive receive, Reply reply) {
  return RunMethod(method, call, receive, reply);
}

}  // namespace selfology::rpc
