#include "common/rpc/plugin/generator.h"

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
          {"path", absl::StrCat(method->service()->full_name(), "/", method->name())},
          {"request", CppType(method->input_type())},
          {"response", CppType(method->output_type())}};
}

void DeclareEndpoints(const ServiceDescriptor* service, Printer& out) {
  out.Print(
      "class $service$Endpoints : public ::selfology::rpc::Endpoints {\n"
      " public:\n"
      "  std::string_view service_name() const final { return \"$full$\"; }\n"
      "  std::unique_ptr<::selfology::rpc::BoundService> Bind(const "
      "::selfology::rpc::ServerRuntime& runtime) final;\n\n",
      "service", service->name(), "full", service->full_name());
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    out.Print(Variables(method), method->server_streaming()
                                     ? "  virtual absl::Status $method$(const ::selfology::Call& "
                                       "call, const $request$& request, "
                                       "::selfology::rpc::Writer<$response$>& replies) = 0;\n"
                                     : "  virtual absl::StatusOr<$response$> $method$(const "
                                       "::selfology::Call& call, const $request$& request) = 0;\n");
  }
  out.Print("};\n\n");
}

void DeclareClient(const ServiceDescriptor* service, Printer& out) {
  out.Print(
      "class $service$Client {\n"
      " public:\n"
      "  explicit $service$Client(std::shared_ptr<::selfology::rpc::Channel> channel)\n"
      "      : lazy_(std::move(channel)) {}\n\n",
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
      "  ::selfology::rpc::LazyStub<$service$> lazy_;\n"
      "};\n\n",
      "service", service->name());
}

// Unary methods are asynchronous, so that the kernel chooses the threads; what is left of gRPC's
// synchronous service are the streams.
std::string ServiceBase(const ServiceDescriptor* service) {
  std::string base = absl::StrCat(service->name(), "::Service");
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    if (method->server_streaming()) continue;
    base = absl::StrCat(service->name(), "::WithAsyncMethod_", method->name(), "<", base, ">");
  }
  return base;
}

void DefineService(const ServiceDescriptor* service, Printer& out) {
  out.Print(
      "class $service$Grpc final : public $base$ {\n"
      " public:\n"
      "  $service$Grpc([[maybe_unused]] $service$Endpoints& endpoints,\n"
      "      [[maybe_unused]] const ::selfology::rpc::ServerRuntime& runtime)",
      "service", service->name(), "base", ServiceBase(service));
  std::string separator = "\n      : endpoints_(endpoints), ";
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    if (!method->server_streaming()) continue;
    out.Print("$separator$", "separator", separator);
    out.Print(Variables(method), "$method$_(runtime, ::selfology::rpc::Kind::kStream, \"$path$\")");
    separator = ",\n        ";
  }
  out.Print(" {}\n\n");
  bool streams = false;
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    if (!method->server_streaming()) continue;
    streams = true;
    out.Print(Variables(method),
              "  ::grpc::Status $method$(::grpc::ServerContext* context, const $request$* "
              "request, ::grpc::ServerWriter<$response$>* stream) override {\n"
              "    return $method$_.Serve(*context, [context] { return context->IsCancelled(); }, "
              "nullptr, [&](const ::selfology::Call& call) {\n"
              "      ::selfology::rpc::Writer<$response$> replies(*stream);\n"
              "      return endpoints_.$method$(call, *request, replies);\n"
              "    });\n"
              "  }\n\n");
  }
  if (streams)
    out.Print(" private:\n  $service$Endpoints& endpoints_;\n", "service", service->name());
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    if (!method->server_streaming()) continue;
    out.Print(Variables(method), "  const ::selfology::rpc::Method $method$_;\n");
  }
  out.Print("};\n\n");
}

void DefineAdapter(const ServiceDescriptor* service, Printer& out) {
  out.Print("namespace {\n\n");
  DefineService(service, out);
  out.Print(
      "class $service$Adapter final : public ::selfology::rpc::BoundService {\n"
      " public:\n"
      "  $service$Adapter($service$Endpoints& endpoints, const ::selfology::rpc::ServerRuntime& "
      "runtime)\n"
      "      : service_(endpoints, runtime)",
      "service", service->name());
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    if (method->server_streaming()) continue;
    out.Print(
        Variables(method),
        ",\n        $method$_(runtime, \"$path$\",\n"
        "            [&endpoints](const ::selfology::Call& call, const $request$& request) {\n"
        "              return endpoints.$method$(call, request);\n"
        "            },\n"
        "            [this](auto* context, auto* request, auto* responder, auto* queue, void* "
        "tag) {\n"
        "              service_.Request$method$(context, request, responder, queue, queue, "
        "tag);\n"
        "            })");
  }
  out.Print(
      " {}\n\n"
      "  ::grpc::Service& service() override { return service_; }\n"
      "  void Accept([[maybe_unused]] ::selfology::rpc::CallQueue& queue) override {\n");
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    if (!method->server_streaming()) out.Print(Variables(method), "    $method$_.Accept(queue);\n");
  }
  out.Print(
      "  }\n\n"
      " private:\n"
      "  $service$Grpc service_;\n",
      "service", service->name());
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    if (method->server_streaming()) continue;
    out.Print(Variables(method),
              "  ::selfology::rpc::UnaryMethod<$request$, $response$> $method$_;\n");
  }
  out.Print(
      "};\n\n"
      "}  // namespace\n\n"
      "std::unique_ptr<::selfology::rpc::BoundService> $service$Endpoints::Bind(const "
      "::selfology::rpc::ServerRuntime& runtime) {\n"
      "  return std::make_unique<$service$Adapter>(*this, runtime);\n"
      "}\n\n",
      "service", service->name());
}

void DefineClient(const ServiceDescriptor* service, Printer& out) {
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    if (method->server_streaming()) {
      out.Print(
          Variables(method),
          "absl::Status $service$Client::$method$(const ::selfology::Call& call, const "
          "$request$& request, const std::function<bool(const $response$&)>& on_reply) "
          "const {\n"
          "  return lazy_.channel().Invoke(\"$path$\", call, [&](::grpc::ClientContext& context) "
          "{\n"
          "    auto stream = lazy_.stub().$method$(&context, request);\n"
          "    $response$ reply;\n"
          "    bool stopped = false;\n"
          "    while (!stopped && stream->Read(&reply)) stopped = !on_reply(reply);\n"
          "    if (stopped) context.TryCancel();\n"
          "    ::grpc::Status status = stream->Finish();\n"
          "    return stopped ? ::grpc::Status::OK : status;\n"
          "  });\n"
          "}\n\n");
    } else {
      out.Print(Variables(method),
                "absl::StatusOr<$response$> $service$Client::$method$(const ::selfology::Call& "
                "call, const $request$& request) const {\n"
                "  $response$ response;\n"
                "  absl::Status status = lazy_.channel().Invoke(\"$path$\", call, "
                "[&](::grpc::ClientContext& context) {\n"
                "    return lazy_.stub().$method$(&context, request, &response);\n"
                "  });\n"
                "  if (!status.ok()) return status;\n"
                "  return response;\n"
                "}\n\n");
    }
  }
}

void WriteHeader(const FileDescriptor* file, const std::string& base, Printer& out) {
  out.Print(
      "// Generated from $file$. Do not edit.\n"
      "#pragma once\n\n"
      "#include <functional>\n#include <memory>\n#include <string_view>\n\n"
      "#include \"absl/status/status.h\"\n#include \"absl/status/statusor.h\"\n"
      ""
      "#include \"common/rpc/channel.h\"\n#include \"common/rpc/endpoints.h\"\n"
      "#include \"$base$.grpc.pb.h\"\n\n"
      "namespace $namespace$ {\n\n",
      "file", file->name(), "base", base, "namespace", Namespace(file));
  for (int i = 0; i < file->service_count(); ++i) {
    DeclareEndpoints(file->service(i), out);
    DeclareClient(file->service(i), out);
  }
  out.Print("}  // namespace $namespace$\n", "namespace", Namespace(file));
}

void WriteSource(const FileDescriptor* file, const std::string& base, Printer& out) {
  out.Print(
      "// Generated from $file$. Do not edit.\n"
      "#include \"$base$.mesh.h\"\n\n#include <utility>\n\n"
      "#include \"common/rpc/unary_method.h\"\n\n"
      "namespace $namespace$ {\n\n",
      "file", file->name(), "base", base, "namespace", Namespace(file));
  for (int i = 0; i < file->service_count(); ++i) {
    DefineAdapter(file->service(i), out);
    DefineClient(file->service(i), out);
  }
  out.Print("}  // namespace $namespace$\n", "namespace", Namespace(file));
}

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
  const std::unique_ptr<google::protobuf::io::ZeroCopyOutputStream> header(
      context->Open(base + ".mesh.h"));
  Printer header_printer(header.get(), '$');
  WriteHeader(file, base, header_printer);
  const std::unique_ptr<google::protobuf::io::ZeroCopyOutputStream> source(
      context->Open(base + ".mesh.cc"));
  Printer source_printer(source.get(), '$');
  WriteSource(file, base, source_printer);
  return true;
}

}  // namespace selfology::rpc
