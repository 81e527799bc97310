#include "common/rpc/contract.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/observe/log.h"
#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;
using google::protobuf::MethodOptions;
using google::protobuf::ServiceDescriptor;

std::optional<absl::Duration> DeadlineOf(const MethodDescriptor& method) {
  const auto& deadline = method.options().GetExtension(mesh::v1::deadline);
  if (deadline.milliseconds() <= 0) return std::nullopt;
  return absl::Milliseconds(deadline.milliseconds());
}

const ServiceDescriptor& Find(std::string_view full_name) {
  const ServiceDescriptor* const service =
      DescriptorPool::generated_pool()->FindServiceByName(std::string(full_name));
  if (service == nullptr) {
    observe::Error("no such service is linked in", {{"service", full_name}});
    std::abort();
  }
  return *service;
}

}  // namespace

MethodContract::MethodContract(const MethodDescriptor& method)
    : descriptor(&method),
      name(absl::StrCat(method.service()->full_name(), "/", method.name())),
      path(absl::StrCat("/", name)),
      deadline(DeadlineOf(method)) {}

ServiceContract::ServiceContract(std::string_view full_name) : descriptor_(&Find(full_name)) {
  for (int i = 0; i < descriptor_->method_count(); ++i) {
    methods_.emplace_back(*descriptor_->method(i));
  }
}

std::string ServiceConfig(const ServiceDescriptor& service) {
  nlohmann::ordered_json methods = nlohmann::ordered_json::array();
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodContract contract(*service.method(i));
    nlohmann::ordered_json method = {
        {"name", {{{"service", service.full_name()}, {"method", service.method(i)->name()}}}},
        {"waitForReady", true}};
    if (contract.deadline.has_value()) {
      method["timeout"] = absl::StrFormat("%.3fs", absl::ToDoubleSeconds(*contract.deadline));
    }
    if (service.method(i)->options().idempotency_level() != MethodOptions::IDEMPOTENCY_UNKNOWN) {
      method["retryPolicy"] = {{"maxAttempts", 4},
                               {"initialBackoff", "0.05s"},
                               {"maxBackoff", "1s"},
                               {"backoffMultiplier", 2},
                               {"retryableStatusCodes", {"UNAVAILABLE"}}};
    }
    methods.push_back(std::move(method));
  }
  return nlohmann::ordered_json({{"methodConfig", std::move(methods)}}).dump();
}

}  // namespace selfology::rpc
