#include "common/service/module_export.h"

#include <string_view>

#include "common/json/json.h"
#include "common/status/status_macros.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::service {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

void SetPageToken(Message& request, const std::string& token) {
  const FieldDescriptor* const field = request.GetDescriptor()->FindFieldByName("page_token");
  if (field != nullptr) request.GetReflection()->SetString(&request, field, token);
}

// Empty on the last page, and where there are none.
std::string NextPageToken(const Message& response) {
  const FieldDescriptor* const field = response.GetDescriptor()->FindFieldByName("next_page_token");
  return field == nullptr ? "" : response.GetReflection()->GetString(response, field);
}

struct Page {
  std::string json;
  std::string next;
};

absl::StatusOr<Page> Ask(const Call& call, rpc::Endpoints& endpoints,
                         const MethodDescriptor& method, int64_t user_id,
                         const std::string& page_token) {
  const std::string& subject = method.options().GetExtension(mesh::v1::access).subject();
  absl::StatusOr<Page> page = absl::InternalError("no response");
  const rpc::Run run = endpoints.methods()[static_cast<size_t>(method.index())];
  RETURN_IF_ERROR(run(
      call,
      [&](Message& request) -> absl::StatusOr<rpc::Endpoints*> {
        const FieldDescriptor* const field = request.GetDescriptor()->FindFieldByName(subject);
        if (field == nullptr) return absl::InternalError("an exported method without a subject");
        request.GetReflection()->SetInt64(&request, field, user_id);
        SetPageToken(request, page_token);
        return &endpoints;
      },
      [&](const Message& response) {
        absl::StatusOr<std::string> json = json::Print(response);
        if (json.ok()) {
          page = Page{*std::move(json), NextPageToken(response)};
        } else {
          page = json.status();
        }
        return true;
      }));
  return page;
}

}  // namespace

absl::Status ModuleExport::Run(const Call& call, int64_t user_id, Take take) const {
  for (const auto& endpoints : endpoints_) {
    const ServiceDescriptor* const contract =
        DescriptorPool::generated_pool()->FindServiceByName(std::string(endpoints->service_name()));
    if (contract == nullptr) return absl::InternalError("a contract that is not linked in");
    for (int i = 0; i < contract->method_count(); ++i) {
      const MethodDescriptor& method = *contract->method(i);
      if (!method.options().GetExtension(mesh::v1::exported)) continue;
      std::string token;
      do {
        absl::StatusOr<Page> page = Ask(call, *endpoints, method, user_id, token);
        if (absl::IsNotFound(page.status())) break;
        RETURN_IF_ERROR(page.status());
        mesh::v1::ExportUserResponse response;
        response.set_service(service_);
        response.set_method(method.name());
        response.set_json(std::move(page->json));
        if (!take(response)) return absl::CancelledError("the caller has left");
        token = std::move(page->next);
      } while (!token.empty());
    }
  }
  return absl::OkStatus();
}

}  // namespace selfology::service
