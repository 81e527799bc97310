#include "services/edge/api_gateway/health_overview.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "common/rpc/contract.h"
#include "grpc/health/v1/health.pb.h"
#include "nlohmann/json.hpp"
#include "services/edge/api_gateway/contracts.h"

namespace selfology::api_gateway {
namespace {

using Value = nlohmann::ordered_json;

constexpr absl::Duration kPatience = absl::Seconds(1);
constexpr absl::Duration kFresh = absl::Seconds(1);
constexpr int kAskers = 32;

const rpc::MethodContract& CheckMethod() {
  static const auto* const method =
      new rpc::MethodContract(*google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "grpc.health.v1.Health.Check"));
  return *method;
}

std::string_view Word(bool is_healthy) { return is_healthy ? "healthy" : "unhealthy"; }

http::Response Json(const Value& value, int status) {
  return http::Response::Json(value.dump() + "\n", status);
}

}  // namespace

std::map<std::string, std::string, std::less<>> ServicesByPathWord(
    const std::vector<std::string_view>& services, const transcode::RouteTable& routes) {
  std::map<std::string, std::map<std::string, int>> routes_of;
  for (const auto& route : routes.routes()) {
    const auto& segments = route->path_template.segments;
    if (segments.size() < 2 || segments[0].literal != "api") continue;
    const std::string& word = segments[1].literal;
    if (word.empty() || word == "v1") continue;
    ++routes_of[word][std::string(OwnerOf(*route->method->service()))];
  }
  std::map<std::string, std::string, std::less<>> by_word;
  for (const auto& [word, of_word] : routes_of) {
    int most = 0;
    for (const auto& [service, count] : of_word) {
      if (count > most) by_word[word] = service;
      if (count == most) by_word.erase(word);
      most = std::max(most, count);
    }
  }
  for (const std::string_view service : services) {
    by_word[std::string(service)] = std::string(service);
    by_word[absl::StrReplaceAll(absl::string_view(service.data(), service.size()), {{"_", "-"}})] =
        std::string(service);
  }
  return by_word;
}

HealthOverview::HealthOverview(std::vector<Service> services)
    : services_(std::move(services)), started_(absl::Now()), askers_(kAskers) {}

std::map<std::string, bool, std::less<>> HealthOverview::Ask(const Call& call, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (now - asked_at_ < kFresh && now >= asked_at_) return serving_;
  std::vector<char> answers(services_.size(), 0);
  absl::BlockingCounter left(static_cast<int>(services_.size()));
  for (size_t i = 0; i < services_.size(); ++i) {
    const bool taken = askers_.Submit([&, i] {
      grpc::health::v1::HealthCheckRequest request;
      request.set_service(services_[i].contract);
      grpc::health::v1::HealthCheckResponse response;
      const absl::Status asked = services_[i].channel->Unary(
          CheckMethod(), call.WithTimeout(kPatience), request, response);
      answers[i] =
          asked.ok() && response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
      left.DecrementCount();
    });
    if (!taken) left.DecrementCount();
  }
  left.Wait();
  serving_.clear();
  for (size_t i = 0; i < services_.size(); ++i) serving_[services_[i].name] = answers[i] != 0;
  asked_at_ = now;
  return serving_;
}

http::Response HealthOverview::Overall(const Call& call, absl::Time now) {
  Value dependencies = Value::object();
  bool all = true;
  for (const auto& [name, is_serving] : Ask(call, now)) {
    dependencies[name] = Word(is_serving);
    all = all && is_serving;
  }
  return Json({{"service", "api_gateway"},
               {"status", all ? "healthy" : "degraded"},
               {"timestamp", absl::FormatTime(absl::RFC3339_sec, now, absl::UTCTimeZone())},
               {"uptime", absl::ToInt64Seconds(absl::Now() - started_)},
               {"dependencies", dependencies}},
              200);
}

http::Response HealthOverview::Of(const Call& call, std::string_view service, absl::Time now) {
  const auto serving = Ask(call, now);
  const auto found = serving.find(service);
  const bool is_healthy = found != serving.end() && found->second;
  return Json({{"service", service},
               {"status", Word(is_healthy)},
               {"timestamp", absl::FormatTime(absl::RFC3339_sec, now, absl::UTCTimeZone())}},
              is_healthy ? 200 : 503);
}

}  // namespace selfology::api_gateway
