// All contracts of the mesh that this program links, and who serves each.
//
// Threads: pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace selfology::api_gateway {

// The gRPC services of the contracts, by name.
std::vector<const google::protobuf::ServiceDescriptor*> LinkedContracts();

// The service that serves it, as Mesh::Peer names it: "session". What every process serves (the
// kernel's contracts), the gateway's own does: "api_gateway".
std::string_view OwnerOf(const google::protobuf::ServiceDescriptor& contract);

// Every service of the mesh.
std::vector<std::string_view> AllServices();

}  // namespace selfology::api_gateway
