#include "common/rpc/contract.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
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
using Json = nlohmann::ordered_json;

std::optional<absl::Duration> DeadlineOf(const MethodDescriptor& method) {
  const auto& deadline = method.options().GetExtension(mesh::v1::deadline);
  if (deadline.milliseconds() <= 0) return std::nullopt;
  return absl::Milliseconds(deadline.milliseconds());
}

// What services ask of each other in the course of their work.
constexpr std::string_view kAmongServices[] = {"mesh.data.export", "mesh.phases.erase",
                                               "mesh.tokens.issue", "mesh.tokens.verify"};

// Everybody asks security, if only whose tokens are good. Who could also make a token for a person
// could be that person, operators too.
constexpr std::pair<std::string_view, std::string_view> kOnlyFor[] = {
    {"mesh.tokens.issue", "user"}};

std::string_view OnlyFor(const MethodDescriptor& method) {
  const std::string& permission = method.options().GetExtension(mesh::v1::access).permission();
  for (const auto& [asked, service] : kOnlyFor) {
    if (permission == asked) return service;
  }
  return {};
}

bool IsForOperators(const MethodDescriptor& method) {
  const std::string& permission = method.options().GetExtension(mesh::v1::access).permission();
  return permission.starts_with("mesh.") &&
         std::find(std::begin(kAmongServices), std::end(kAmongServices), permission) ==
             std::end(kAmongServices);
}

const ServiceDescriptor& Find(std::string_view full_name) {
  const ServiceDescriptor* const service =
      DescriptorPool::generated_pool()->FindServiceByName(std::string(full_name));
  if (service == nullptr) {
    observe::Error("gRPC service is not linked into this program", {{"service", full_name}});
    std::abort();
  }
  return *service;
}

Json Retries() {
  Json retries;
  retries["maxAttempts"] = 4;
  retries["initialBackoff"] = "0.05s";
  retries["maxBackoff"] = "1s";
  retries["backoffMultiplier"] = 2;
  retries["retryableStatusCodes"] = Json::array({"UNAVAILABLE"});
  return retries;
}

std::string ConfigOf(Json methods) {
  Json config;
  // A name may stand for several replicas (a headless Service of Kubernetes): use them all.
  config["loadBalancingConfig"] = Json::array({Json{{"round_robin", Json::object()}}});
  config["methodConfig"] = std::move(methods);
  return config.dump();
}

}  // namespace

MethodContract::MethodContract(const MethodDescriptor& method)
    : descriptor(&method),
      name(absl::StrCat(method.service()->full_name(), "/", method.name())),
      path(absl::StrCat("/", name)),
      deadline(DeadlineOf(method)),
      for_operators(IsForOperators(method)),
      only_for(OnlyFor(method)) {}

bool ServesAt(Port port, const MethodContract& method) {
  return port == Port::kAll || method.for_operators == (port == Port::kOperators);
}

ServiceContract::ServiceContract(std::string_view full_name) : descriptor_(&Find(full_name)) {
  for (int i = 0; i < descriptor_->method_count(); ++i) {
    methods_.emplace_back(*descriptor_->method(i));
  }
}

std::string ServiceConfig(const ServiceDescriptor& service, absl::Duration grace) {
  Json methods = Json::array();
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor& descriptor = *service.method(i);
    Json name;
    name["service"] = service.full_name();
    name["method"] = descriptor.name();
    Json method;
    method["name"] = Json::array();
    method["name"].push_back(std::move(name));
    method["waitForReady"] = true;
    if (const auto deadline = MethodContract(descriptor).deadline) {
      method["timeout"] = absl::StrFormat("%.3fs", absl::ToDoubleSeconds(*deadline + grace));
    }
    if (descriptor.options().idempotency_level() != MethodOptions::IDEMPOTENCY_UNKNOWN) {
      method["retryPolicy"] = Retries();
    }
    methods.push_back(std::move(method));
  }
  return ConfigOf(std::move(methods));
}

std::string ServiceConfigOfChannel() {
  Json method;
  method["name"] = Json::array({Json::object()});
  method["waitForReady"] = true;
  method["retryPolicy"] = Retries();
  return ConfigOf(Json::array({std::move(method)}));
}

}  // namespace selfology::rpc
