// The OpenAPI 3.1 document of all routes, made from the contracts that are linked in.
//
//   std::string json = OpenApi(routes, Comments(contracts::kContractsBinpb));
//
// Pure. Source: https://spec.openapis.org/oas/v3.1.0.
#pragma once

#include <string>

#include "common/transcode/route_table.h"
#include "services/edge/api_gateway/comments.h"

namespace selfology::api_gateway {

std::string OpenApi(const transcode::RouteTable& routes, const Comments& comments);

// A route's path as OpenAPI writes it: "/api/files/{name}" for "/api/files/{name=**}".
std::string OpenApiPath(const transcode::Route& route);

}  // namespace selfology::api_gateway
