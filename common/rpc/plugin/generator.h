#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/compiler/code_generator.h"

namespace selfology::rpc {

// A protoc plugin: for each service of foo_service.proto it writes
//   FooServiceEndpoints  what a room implements (common/rpc/endpoints.h), in foo_service_endpoints.h
//   FooServiceClient     what its callers use (common/rpc/channel.h), in foo_service_client.h
// and foo_service.mesh.cc, in terms of Call and absl::StatusOr. None of them includes gRPC: what is
// generated is a table of methods and typed calls into common/rpc.
// A method DeleteUserData(user_id) -> (deleted_rows) of FooServiceEndpoints is not pure: see
// common/rpc/endpoints.h.
// Unary and server-streaming RPCs; a client-streaming one is an error that names it.
class MeshGenerator : public google::protobuf::compiler::CodeGenerator {
 public:
  bool Generate(const google::protobuf::FileDescriptor* file, const std::string& parameter,
                google::protobuf::compiler::GeneratorContext* context,
                std::string* error) const override;
  uint64_t GetSupportedFeatures() const override { return FEATURE_PROTO3_OPTIONAL; }
};

}  // namespace selfology::rpc
