#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/compiler/code_generator.h"

namespace selfology::rpc {

// A protoc plugin: for each service of foo.proto it writes into foo.mesh.{h,cc}
//   FooServiceEndpoints  what a room implements (common/rpc/endpoints.h), and
//   FooServiceClient     what its callers use (common/rpc/channel.h),
// both in terms of Call and absl::StatusOr, on top of what grpc_cpp_plugin generates.
// Unary and server-streaming RPCs; a client-streaming one is an error that names it.
class MeshGenerator : public google::protobuf::compiler::CodeGenerator {
 public:
  bool Generate(const google::protobuf::FileDescriptor* file, const std::string& parameter,
                google::protobuf::compiler::GeneratorContext* context,
                std::string* error) const override;
  uint64_t GetSupportedFeatures() const override { return FEATURE_PROTO3_OPTIONAL; }
};

}  // namespace selfology::rpc
