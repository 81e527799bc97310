// The paths of REST as a page of docs: docs/rest.md.
//
// Pure.
#pragma once

#include <string>

#include "common/transcode/route_table.h"

namespace selfology::api_gateway {

std::string RestTable(const transcode::RouteTable& routes);

}  // namespace selfology::api_gateway
