#include "common/rpc/plugin/generator.h"

#include <initializer_list>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/printer.h"
#include "google/protobuf/io/zero_copy_stream.h"

namespace selfology::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using google::protobuf::io::Printer;

std::string CppType(const Descriptor* message) {
  return "::" + absl::StrReplaceAll(message->full_name(), {{".", "::"}});
}

std::string Namespace(const FileDescriptor* file) {
  return absl::StrReplaceAll(file->package(), {{".", "::"}});
}

std::map<std::string, std::string> Variables(const MethodDescriptor* method) {
  return {{"service", method->service()->name()},
          {"method", method->name()},
          {"index", absl::StrCat(method->index())},
          {"request", CppType(method->input_type())},
          {"response", CppType(method->output_type())}};
}

// The RPC that every service with data about people has, and whose work is the kernel's.
bool IsErasure(const MethodDescriptor* method) {
  const auto has_int64 = [](const Descriptor* message, const char* name) {
    const FieldDescriptor* const field = message->FindFieldByName(name);
    return field != nullptr && !field->is_repeated() &&
           field->cpp_type() == FieldDescriptor::CPPTYPE_INT64;
  };
  return method->name() == "DeleteUserData" && !method->server_streaming() &&
         has_int64(method->input_type(), "user_id") &&
         has_int64(method->output_type(), "deleted_rows");
}

void DeclareEndpoints(const ServiceDescriptor* service, Printer& out) {
  out.Print(
      "class $service$Endpoints : public ::selfology::rpc::Endpoints {\n"
      " public:\n"
      "  std::string_view service_name() const final { return \"$full$\"; }\n"
      "  absl::Span<const ::selfology::rpc::Run> methods() const final;\n\n",
      "service", service->name(), "full", service->full_name());
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    auto variables = Variables(method);
    variables["pure"] = IsErasure(method) ? "" : " = 0";
    out.Print(variables,
              method->server_streaming()
                  ? "  virtual absl::Status $method$(const ::selfology::Call& call, const "
                    "$request$& request, ::selfology::rpc::Writer<$response$>& replies)$pure$;\n"
                  : "  virtual absl::StatusOr<$response$> $method$(const ::selfology::Call& call, "
                    "const $request$& request)$pure$;\n");
  }
  out.Print("};\n\n");
}

void DefineEndpoints(const ServiceDescriptor* service, Printer& out) {
  out.Print(
      "absl::Span<const ::selfology::rpc::Run> $service$Endpoints::methods() const {\n"
      "  static constexpr ::selfology::rpc::Run kMethods[] = {\n",
      "service", service->name());
  for (int i = 0; i < service->method_count(); ++i) {
    out.Print(Variables(service->method(i)),
              "      &::selfology::rpc::RunOf<&$service$Endpoints::$method$>,\n");
  }
  out.Print(
      "  };\n"
      "  return kMethods;\n"
      "}\n\n");
  for (int i = 0; i < service->method_count(); ++i) {
    if (!IsErasure(service->method(i))) continue;
    out.Print(Variables(service->method(i)),
              "absl::StatusOr<$response$> $service$Endpoints::$method$(const ::selfology::Call& "
              "call, const $request$& request) {\n"
              "  const absl::StatusOr<int64_t> deleted = DeleteDataOf(call, request.user_id());\n"
              "  if (!deleted.ok()) return deleted.status();\n"
              "  $response$ response;\n"
              "  response.set_deleted_rows(*deleted);\n"
              "  return response;\n"
              "}\n\n");
  }
}

void DeclareClient(const ServiceDescriptor* service, Printer& out) {
  out.Print(
      "class $service$Client {\n"
      " public:\n"
      "  explicit $service$Client(std::shared_ptr<const ::selfology::rpc::Channel> channel)\n"
      "      : channel_(std::move(channel)) {}\n\n",
      "service", service->name());
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    out.Print(
        Variables(method),
        method->server_streaming()
            ? "  // `on_reply` returns false to stop early.\n"
              "  absl::Status $method$(const ::selfology::Call& call, const $request$& request, "
              "const std::function<bool(const $response$&)>& on_reply) const;\n"
            : "  absl::StatusOr<$response$> $method$(const ::selfology::Call& call, const "
              "$request$& request) const;\n");
  }
  out.Print(
      "\n private:\n"
      "  std::shared_ptr<const ::selfology::rpc::Channel> channel_;\n"
      "};\n\n");
}

void DefineClient(const ServiceDescriptor* service, Printer& out) {
  out.Print(
      "namespace {\n\n"
      "const ::selfology::rpc::ServiceContract& $service$Contract() {\n"
      "  static const auto* const contract =\n"
      "      new ::selfology::rpc::ServiceContract(\"$full$\");\n"
      "  return *contract;\n"
      "}\n\n"
      "}  // namespace\n\n",
      "service", service->name(), "full", service->full_name());
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    out.Print(Variables(method),
              method->server_streaming()
                  ? "absl::Status $service$Client::$method$(const ::selfology::Call& call, const "
                    "$request$& request, const std::function<bool(const $response$&)>& on_reply) "
                    "const {\n"
                    "  $response$ reply;\n"
                    "  return channel_->Stream($service$Contract().method($index$), call, request, "
                    "reply, [&] { return on_reply(reply); });\n"
                    "}\n\n"
                  : "absl::StatusOr<$response$> $service$Client::$method$(const "
                    "::selfology::Call& call, const $request$& request) const {\n"
                    "  $response$ response;\n"
                    "  const absl::Status status = "
                    "channel_->Unary($service$Contract().method($index$), call, request, "
                    "response);\n"
                    "  if (!status.ok()) return status;\n"
                    "  return response;\n"
                    "}\n\n");
  }
}

using WriteService = void (*)(const ServiceDescriptor*, Printer&);

// A generated file: its includes, and what each of the services has in it.
void WriteFile(const FileDescriptor* file, const std::string& prologue,
               std::initializer_list<WriteService> parts,
               google::protobuf::io::ZeroCopyOutputStream& stream) {
  Printer out(&stream, '$');
  const std::string base(absl::StripSuffix(file->name(), ".proto"));
  out.Print("// Generated from $file$. Do not edit.\n", "file", file->name());
  out.Print(std::map<std::string, std::string>{{"base", base}}, prologue.c_str());
  out.Print("\nnamespace $namespace$ {\n\n", "namespace", Namespace(file));
  for (int i = 0; i < file->service_count(); ++i) {
    for (const WriteService part : parts) part(file->service(i), out);
  }
  out.Print("}  // namespace $namespace$\n", "namespace", Namespace(file));
}

constexpr char kEndpointsHeader[] =
    "#pragma once\n\n"
    "#include <string_view>\n\n"
    "#include \"absl/status/status.h\"\n"
    "#include \"absl/status/statusor.h\"\n"
    "#include \"absl/types/span.h\"\n"
    "#include \"common/rpc/endpoints.h\"\n"
    "#include \"$base$.pb.h\"\n";
constexpr char kClientHeader[] =
    "#pragma once\n\n"
    "#include <functional>\n"
    "#include <memory>\n"
    "#include <utility>\n\n"
    "#include \"absl/status/status.h\"\n"
    "#include \"absl/status/statusor.h\"\n"
    "#include \"common/rpc/channel.h\"\n"
    "#include \"$base$.pb.h\"\n";
constexpr char kSource[] =
    "#include \"$base$_client.h\"\n"
    "#include \"$base$_endpoints.h\"\n"
    "#include \"common/rpc/contract.h\"\n"
    "#include \"common/rpc/run_method.h\"\n";

}  // namespace

bool MeshGenerator::Generate(const FileDescriptor* file, const std::string& /*parameter*/,
                             google::protobuf::compiler::GeneratorContext* context,
                             std::string* error) const {
  for (int i = 0; i < file->service_count(); ++i) {
    for (int j = 0; j < file->service(i)->method_count(); ++j) {
      const MethodDescriptor* method = file->service(i)->method(j);
      if (method->client_streaming()) {
        *error = absl::StrCat(method->full_name(),
                              ": client streaming has no form in the mesh; send a unary request");
        return false;
      }
    }
  }
  const std::string base(absl::StripSuffix(file->name(), ".proto"));
  const auto write = [&](const char* ending, const char* prologue,
                         std::initializer_list<WriteService> parts) {
    const std::unique_ptr<google::protobuf::io::ZeroCopyOutputStream> stream(
        context->Open(base + ending));
    WriteFile(file, prologue, parts, *stream);
  };
  write("_endpoints.h", kEndpointsHeader, {&DeclareEndpoints});
  write("_client.h", kClientHeader, {&DeclareClient});
  write(".mesh.cc", kSource, {&DefineEndpoints, &DefineClient});
  return true;
}

}  // namespace selfology::rpc
