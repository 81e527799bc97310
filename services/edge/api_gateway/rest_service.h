// REST: takes HTTP requests to the services that own what they ask for, and brings back the answers.
//
//   ASSIGN_OR_RETURN(auto rest, RestService::Make({.settings = settings, .redis = ..., ...}));
//   http::Server::Start(options, {{.method = "*", .path = "/*",
//                                  .handler = [&](const http::Request& r) { return rest->Handle(r); },
//                                  .admit = [&](auto verb, auto path) { return rest->Admit(verb, path); }}});
//
// Which paths there are, what they take and how long they may take is read from the contracts that
// are linked in (contracts.h); /health, /openapi.json, /docs and /me are its own. Errors are answers
// (transcode/problem.h): Handle gives no other.
// Thread-safe; the references outlive it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/call_once.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/executor/worker_pool.h"
#include "common/http/server.h"
#include "common/identity/caller.h"
#include "common/observe/metrics.h"
#include "common/observe/span.h"
#include "common/redis/client.h"
#include "common/rpc/channel.h"
#include "common/rpc/contract.h"
#include "common/transcode/json_writer.h"
#include "common/transcode/route_table.h"
#include "services/edge/api_gateway/cors.h"
#include "services/edge/api_gateway/health_overview.h"
#include "services/edge/api_gateway/plan_factors.h"
#include "services/edge/api_gateway/rate_limits.h"
#include "services/edge/api_gateway/refused_calls.h"
#include "services/edge/api_gateway/settings.h"
#include "services/edge/api_gateway/stream_answer.h"

namespace selfology::api_gateway {

class RestService {
 public:
  using CallerOf = absl::StatusOr<std::shared_ptr<const identity::Caller>>;
  struct Around {
    GatewaySettings settings;
    redis::Client& redis;
    observe::Metrics& metrics;
    std::function<absl::Time()> clock;
    std::function<std::shared_ptr<rpc::Channel>(std::string_view service)> peer;
    // Who a request's Authorization header says it is; empty: nobody.
    std::function<CallerOf(const Call& call, std::string_view authorization)> authenticate;
    // Records a span for each request; null: none.
    const observe::Tracer* tracer = nullptr;
  };
  // INVALID_ARGUMENT: the settings are wrong, or two contracts claim one path.
  static absl::StatusOr<std::unique_ptr<RestService>> Make(Around around);

  http::Admission Admit(std::string_view verb, std::string_view encoded_path) const;
  http::Response Handle(const http::Request& request);
  http::Response Refuse(const http::Refused& refused) const;

  // How much each person's plan allows, to be told of changes.
  PlanFactors& plan_factors() { return plan_factors_; }

  // What it refused because it was too much, to be told every few seconds.
  RefusedCalls& refused_calls() { return refused_calls_; }

 private:
  struct Method {
    rpc::MethodContract contract;
    std::shared_ptr<rpc::Channel> channel;
    transcode::JsonStyle style;
    size_t max_body_bytes;
    absl::Duration timeout;  // Infinite for streams without limit.
    bool is_public;
  };
  // One request's way through Handle.
  struct Passage {
    const http::Request& request;
    observe::Span span;
    Call call;
    std::string correlation_id;
    std::string route = "unmatched";
    std::shared_ptr<const identity::Caller> caller = identity::Anonymous();
    RateLimits::Verdict limit = {};
    absl::Time start;
  };

  RestService(Around around, transcode::RouteTable routes);

  observe::Span BeginSpan(const http::Request& request, absl::Time start) const;
  http::Response Answer(Passage& passage);
  absl::StatusOr<http::Response> Dispatch(Passage& passage);
  // None for a path that is not the gateway's own.
  std::optional<http::Response> OwnPage(Passage& passage);
  http::Response NotAllowed(const Passage& passage, std::string_view allow) const;
  absl::StatusOr<http::Response> Invoke(Passage& passage,
                                        const transcode::RouteTable::Match& match);
  absl::Status Identify(Passage& passage, const Method& method);
  absl::StatusOr<http::Response> Stream(Passage& passage, const transcode::Route& route,
                                        const Method& method, const Call& call,
                                        const google::protobuf::Message& message);
  http::Response ProblemOf(const Passage& passage, const absl::Status& error) const;
  void AddHeaders(const Passage& passage, http::Response& response) const;
  void Pack(const Passage& passage, http::Response& response) const;
  void Record(const Passage& passage, int status, size_t bytes);

  const Around around_;
  const transcode::RouteTable routes_;
  // Made when it is first asked for: few processes are.
  absl::once_flag openapi_once_;
  std::string openapi_;
  std::map<const google::protobuf::MethodDescriptor*, Method> methods_;
  std::map<std::string, std::string, std::less<>> services_by_word_;
  const Cors cors_;
  const std::string log_secret_;
  RefusedCalls refused_calls_;
  PlanFactors plan_factors_;
  std::unique_ptr<RateLimits> limits_;
  std::unique_ptr<HealthOverview> health_;
  observe::Requests requests_;
  executor::WorkerPool readers_;
};

}  // namespace selfology::api_gateway
