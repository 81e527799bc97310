#include "services/edge/api_gateway/rest_service.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/observe/span.h"
#include "common/observe/trace.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/transcode/answer.h"
#include "common/transcode/problem.h"
#include "common/transcode/request.h"
#include "proto/contracts_embedded.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/mesh/v1/options.pb.h"
#include "selfology/user/v1/subscription_service_client.h"
#include "services/edge/api_gateway/caller_key.h"
#include "services/edge/api_gateway/comments.h"
#include "services/edge/api_gateway/contracts.h"
#include "services/edge/api_gateway/gzip.h"
#include "services/edge/api_gateway/openapi.h"
#include "services/edge/api_gateway/page.h"
#include "services/edge/api_gateway/request_headers.h"

namespace selfology::api_gateway {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using transcode::Route;
using transcode::RouteTable;

constexpr size_t kMaxBodyBytes = 1 << 20;
constexpr absl::Duration kTimeout = absl::Seconds(30);
// How long a stream's first message, or error, may take before the answer begins without it.
constexpr absl::Duration kFirstMessage = absl::Milliseconds(500);
constexpr int kStreams = 512;
// Of the pages: what they show and run is in them.
constexpr char kPagePolicy[] =
    "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src "
    "'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

absl::Status NotFound() {
  return status::Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is nothing at this path");
}

std::string RandomSecret() {
  absl::BitGen random;
  return absl::StrCat(absl::Hex(absl::Uniform<uint64_t>(random)),
                      absl::Hex(absl::Uniform<uint64_t>(random)));
}

PlanFactors::Ask AskPlanOf(std::shared_ptr<rpc::Channel> user) {
  const user::v1::SubscriptionServiceClient subscriptions(std::move(user));
  return [subscriptions](const Call& call, int64_t user_id) -> absl::StatusOr<int> {
    user::v1::GetSubscriptionRequest request;
    request.set_user_id(user_id);
    ASSIGN_OR_RETURN(const auto response, subscriptions.GetSubscription(call, request));
    return response.limits().rate_factor();
  };
}

// The token of "Bearer <token>"; empty: there is none.
std::string BearerOf(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  const absl::string_view text(authorization.data(), authorization.size());
  if (!absl::StartsWithIgnoreCase(text, absl::string_view(kScheme.data(), kScheme.size())))
    return "";
  return std::string(absl::StripAsciiWhitespace(text.substr(kScheme.size())));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RestService>> RestService::Make(Around around) {
  RETURN_IF_ERROR(status::Annotate(Cors::Check(around.settings.origins), "api_gateway_origins"));
  if (around.settings.requests_per_minute < 0) {
    return absl::InvalidArgumentError("api_gateway_requests_per_minute: must not be below 0");
  }
  ASSIGN_OR_RETURN(RouteTable routes, RouteTable::Make(LinkedContracts()));
  return std::unique_ptr<RestService>(new RestService(std::move(around), std::move(routes)));
}

RestService::RestService(Around around, RouteTable routes)
    : around_(std::move(around)),
      routes_(std::move(routes)),
      cors_(around_.settings.origins),
      log_secret_(RandomSecret()),
      refused_calls_(log_secret_),
      plan_factors_(around_.clock, AskPlanOf(around_.peer("user"))),
      requests_(&around_.metrics, "rest"),
      readers_(kStreams) {
  const std::vector<const ServiceDescriptor*> contracts = LinkedContracts();
  const std::vector<std::string_view> services = AllServices();
  std::map<std::string_view, std::shared_ptr<rpc::Channel>> channels;
  for (const std::string_view service : services) channels[service] = around_.peer(service);
  std::map<std::string_view, std::string> contract_of;
  for (const ServiceDescriptor* contract : contracts) {
    const std::string_view owner = OwnerOf(*contract);
    contract_of.emplace(owner, contract->full_name());
    for (int i = 0; i < contract->method_count(); ++i) {
      const MethodDescriptor& method = *contract->method(i);
      const auto& options = method.options();
      const int64_t max_body = options.GetExtension(mesh::v1::max_body_bytes);
      rpc::MethodContract of_method(method);
      const bool unlimited = options.GetExtension(mesh::v1::deadline).unlimited();
      const absl::Duration timeout =
          unlimited ? absl::InfiniteDuration() : of_method.deadline.value_or(kTimeout);
      methods_.emplace(
          &method,
          Method{.contract = std::move(of_method),
                 .channel = channels.at(owner),
                 .style = transcode::StyleOf(*contract),
                 .max_body_bytes = max_body > 0 ? static_cast<size_t>(max_body) : kMaxBodyBytes,
                 .timeout = timeout,
                 .is_public = options.GetExtension(mesh::v1::access).public_()});
    }
  }
  services_by_word_ = ServicesByPathWord(services, routes_);
  limits_ = std::make_unique<RateLimits>(around_.redis, around_.metrics,
                                         around_.settings.requests_per_minute);
  std::vector<HealthOverview::Service> asked;
  for (const auto& [name, channel] : channels) {
    // The kernel's contracts are each process's, and say nothing of one service.
    const bool has_own = contract_of.contains(name) && name != "api_gateway";
    asked.push_back({std::string(name), has_own ? contract_of.at(name) : "", channel});
  }
  health_ = std::make_unique<HealthOverview>(std::move(asked));
}

http::Admission RestService::Admit(std::string_view verb, std::string_view encoded_path) const {
  const RouteTable::Match match = routes_.Find(verb, encoded_path);
  if (match.route == nullptr) return {.max_body_bytes = kMaxBodyBytes, .timeout = kTimeout};
  const Method& method = methods_.at(match.route->method);
  return {.max_body_bytes = method.max_body_bytes,
          .timeout = method.timeout,
          .long_poll = match.route->method->server_streaming()};
}

http::Response RestService::Handle(const http::Request& request) {
  const absl::Time start = absl::Now();
  const observe::Span span = BeginSpan(request, start);
  const observe::TraceContext& trace = span.trace();
  const observe::ScopedTrace scope(trace);
  Passage passage = {.request = request,
                     .span = span,
                     .call = Call(request.call.deadline(), trace,
                                  [call = request.call] { return call.Cancelled(); }),
                     .correlation_id = CorrelationIdOf(request.headers, trace),
                     .start = start};
  http::Response response = Answer(passage);
  AddHeaders(passage, response);
  if (response.stream == nullptr) {
    Pack(passage, response);
    Record(passage, response.status, response.body.size());
  }
  return response;
}

observe::Span RestService::BeginSpan(const http::Request& request, absl::Time start) const {
  thread_local absl::InsecureBitGen random;
  return observe::Span::Enter(around_.tracer, observe::SpanKind::kServer, ParentOf(request.headers),
                              start, random);
}

http::Response RestService::Answer(Passage& passage) {
  absl::StatusOr<http::Response> response = Dispatch(passage);
  return response.ok() ? *std::move(response) : ProblemOf(passage, response.status());
}

absl::StatusOr<http::Response> RestService::Dispatch(Passage& passage) {
  const http::Request& request = passage.request;
  if (std::optional<http::Response> own = OwnPage(passage)) return *std::move(own);
  const RouteTable::Match match = routes_.Find(request.method, request.encoded_path);
  if (match.route != nullptr) return Invoke(passage, match);
  if (match.allow.empty()) return NotFound();
  if (request.method == "OPTIONS") {
    http::Response response = {.status = 204};
    response.headers.Set("Allow", match.allow);
    if (Cors::IsPreflight(request.method, request.headers)) {
      cors_.AllowPreflight(request.headers, match.allow, response.headers);
    }
    return response;
  }
  return NotAllowed(passage, match.allow);
}

std::optional<http::Response> RestService::OwnPage(Passage& passage) {
  const http::Request& request = passage.request;
  std::function<http::Response()> page;
  if (request.path == "/health" || request.path == "/api/health") {
    page = [&] { return health_->Overall(passage.call, around_.clock()); };
  } else if (request.path == "/health/live") {
    page = [] { return http::Response::Json("{\"status\":\"alive\"}\n"); };
  } else if (request.path == "/health/ready") {
    page = [&] {
      const bool ready = !request.draining || !request.draining();
      return ready ? http::Response::Json("{\"status\":\"ready\"}\n")
                   : http::Response::Json("{\"status\":\"not ready\"}\n", 503);
    };
  } else if (request.path == "/openapi.json") {
    page = [&] {
      absl::call_once(openapi_once_, [this] {
        openapi_ = OpenApi(routes_, Comments(contracts::kContractsBinpb));
      });
      http::Response response = http::Response::Json(openapi_);
      response.headers.Set("Cache-Control", "no-cache");
      return response;
    };
  } else if (request.path == "/docs" || request.path == "/me") {
    page = [html = request.path == "/me" ? kMeHtml : kDocsHtml] {
      return http::Response{.headers = {{"Content-Type", "text/html; charset=utf-8"},
                                        {"Content-Security-Policy", kPagePolicy},
                                        {"Cache-Control", "no-cache"}},
                            .body = std::string(html)};
    };
  } else if (absl::StartsWith(request.path, "/api/") && absl::EndsWith(request.path, "/health")) {
    absl::string_view word = request.path;
    word.remove_prefix(std::string_view("/api/").size());
    word.remove_suffix(std::min(word.size(), std::string_view("/health").size()));
    const auto service = services_by_word_.find(std::string_view(word.data(), word.size()));
    if (service != services_by_word_.end()) {
      page = [&, name = service->second] {
        return health_->Of(passage.call, name, around_.clock());
      };
    }
  }
  if (page == nullptr) return std::nullopt;
  passage.route = absl::StartsWith(request.path, "/api/") ? "/api/SERVICE/health" : request.path;
  if (request.method == "GET" || request.method == "HEAD") return page();
  return NotAllowed(passage, "GET, HEAD");
}

http::Response RestService::NotAllowed(const Passage& passage, std::string_view allow) const {
  const absl::Status error = status::Error(absl::StatusCode::kInvalidArgument, "METHOD_NOT_ALLOWED",
                                           absl::StrCat("allowed: ", allow));
  http::Response problem =
      transcode::Problem(error, {.instance = passage.request.encoded_path,
                                 .trace_id = passage.call.trace().trace_id.view(),
                                 .http_status = 405});
  problem.headers.Set("Allow", allow);
  return problem;
}

absl::Status RestService::Identify(Passage& passage, const Method& method) {
  const http::Headers& headers = passage.request.headers;
  const std::string_view authorization = headers.Get("Authorization").value_or("");
  const bool is_bearer = !BearerOf(authorization).empty();
  if (is_bearer || authorization.empty()) {
    ASSIGN_OR_RETURN(passage.caller, around_.authenticate(passage.call, authorization));
  } else if (!method.is_public) {
    return absl::UnauthenticatedError("the scheme of the Authorization header must be Bearer");
  }
  const auto service = headers.Get("X-Service-Name");
  if (service.has_value() && *service != passage.caller->service) {
    return absl::PermissionDeniedError("X-Service-Name is not the name in the service's token");
  }
  return absl::OkStatus();
}

absl::StatusOr<http::Response> RestService::Invoke(Passage& passage,
                                                   const RouteTable::Match& match) {
  const http::Request& request = passage.request;
  const Route& route = *match.route;
  const Method& method = methods_.at(route.method);
  passage.route = absl::StrCat(route.verb, " ", route.path);
  RETURN_IF_ERROR(CheckApiVersion(request.headers));
  ASSIGN_OR_RETURN(const std::optional<absl::Duration> asked, TimeoutOf(request.headers));
  RETURN_IF_ERROR(Identify(passage, method));
  const std::string address =
      ClientAddress(request.peer, request.headers, around_.settings.proxies);
  // Who signs in or up is counted by address, whatever token they send along.
  const identity::Caller& counted = method.is_public ? *identity::Anonymous() : *passage.caller;
  const std::string rate_key = RateKeyOf(counted, address);
  const int factor = plan_factors_.Of(passage.call, counted.user_id);
  passage.limit = limits_->Judge(passage.call, *route.method, rate_key, factor, around_.clock());
  if (absl::IsResourceExhausted(passage.limit.error)) {
    refused_calls_.Note(*passage.caller, rate_key, passage.route);
  }
  RETURN_IF_ERROR(passage.limit.error);

  const auto message = transcode::NewMessage(*route.method->input_type());
  const std::string key = IdempotencyKeyOf(request.headers);
  const absl::Status filled =
      transcode::FillRequest(route,
                             {.variables = match.variables,
                              .query = request.query,
                              .content_type = request.headers.Get("Content-Type").value_or(""),
                              .body = request.body,
                              .idempotency_key = key,
                              .authorization = request.headers.Get("Authorization").value_or(""),
                              .client_address = address,
                              .user_agent = request.headers.Get("User-Agent").value_or("")},
                             method.style, *message);
  if (!filled.ok() && transcode::SpeaksOAuth(route)) return transcode::OAuthRefusal(filled);
  RETURN_IF_ERROR(filled);

  const absl::Duration timeout = std::min(method.timeout, asked.value_or(method.timeout));
  const Call call = passage.call.WithTimeout(timeout).WithToken(
      BearerOf(request.headers.Get("Authorization").value_or("")));
  if (route.method->server_streaming()) return Stream(passage, route, method, call, *message);
  const auto answer = transcode::NewMessage(*route.method->output_type());
  RETURN_IF_ERROR(method.channel->Unary(method.contract, call, *message, *answer));
  return transcode::AnswerOf(route, *answer, method.style);
}

absl::StatusOr<http::Response> RestService::Stream(Passage& passage, const Route& route,
                                                   const Method& method, const Call& call,
                                                   const google::protobuf::Message& message) {
  const std::shared_ptr<StreamPump> pump = StreamPump::Start(
      readers_, method.channel->Open(method.contract, call, message), route, method.style);
  if (pump == nullptr) return absl::UnavailableError("the gateway stops");
  const absl::Status failed = pump->FailedAtOnce(kFirstMessage);
  if (!failed.ok()) return failed;
  const bool as_events = WantsEvents(passage.request.headers);
  const StreamForm form = as_events ? StreamForm::kEvents : StreamForm::kLines;
  // What is needed once this passage is over.
  const auto kept = std::make_shared<Passage>(Passage{.request = passage.request,
                                                      .span = passage.span,
                                                      .call = call,
                                                      .correlation_id = passage.correlation_id,
                                                      .route = passage.route,
                                                      .caller = passage.caller,
                                                      .limit = passage.limit,
                                                      .start = passage.start});
  http::Response response = http::Response::Streaming(
      as_events ? http::kEventStream : std::string_view("application/x-ndjson"),
      [this, pump, form, kept](std::shared_ptr<http::Stream> stream) {
        const std::string path = kept->request.encoded_path;
        const StreamOutcome outcome = WriteStream(
            *pump, form, kept->call, kept->request.draining,
            [&](const absl::Status& error) {
              return transcode::ProblemJson(
                  error, {.instance = path, .trace_id = kept->call.trace().trace_id.view()});
            },
            *stream);
        Record(*kept, outcome.status.ok() ? 200 : transcode::HttpStatusOf(outcome.status),
               outcome.bytes);
      });
  response.headers.Set("X-Accel-Buffering", "no");
  return response;
}

http::Response RestService::ProblemOf(const Passage& passage, const absl::Status& error) const {
  http::Response response = transcode::Problem(
      error,
      {.instance = passage.request.encoded_path, .trace_id = passage.call.trace().trace_id.view()});
  if (response.status == 401) response.headers.Set("WWW-Authenticate", "Bearer");
  return response;
}

void RestService::AddHeaders(const Passage& passage, http::Response& response) const {
  cors_.Allow(passage.request.headers, response.headers);
  passage.limit.AddHeaders(response.headers);
  response.headers.Set("X-Correlation-ID", passage.correlation_id);
  response.headers.Set("traceparent", passage.call.trace().Format());
  response.headers.Set("X-Content-Type-Options", "nosniff");
  if (!response.headers.Get("Cache-Control").has_value()) {
    response.headers.Set("Cache-Control", "no-store");
  }
}

void RestService::Pack(const Passage& passage, http::Response& response) const {
  if (response.body.size() <= kWorthPacking) return;
  if (response.headers.Get("Content-Encoding").has_value()) return;
  const std::string_view type = response.headers.Get("Content-Type").value_or("");
  if (!type.starts_with("text/") && type.find("json") == std::string_view::npos) return;
  response.headers.Add("Vary", "Accept-Encoding");
  if (!TakesGzip(passage.request.headers)) return;
  std::string packed = Gzip(response.body);
  if (packed.empty()) return;
  response.body = std::move(packed);
  response.headers.Set("Content-Encoding", "gzip");
}

void RestService::Record(const Passage& passage, int status, size_t bytes) {
  const absl::Time end = absl::Now();
  const absl::Duration elapsed = end - passage.start;
  const absl::StatusCode code = status < 400 ? absl::StatusCode::kOk : status::FromHttpCode(status);
  requests_.Record(passage.route, code, elapsed);
  passage.span.End(code, end, [&](observe::FinishedSpan& finished) {
    finished.name = passage.route;
    finished.Add("http.route", passage.route);
    finished.Add("http.response.status_code", status);
  });
  const observe::ScopedTrace scope(passage.call.trace());
  const bool kept_out = status == 401 || status == 403;
  observe::Info(kept_out ? observe::Category::kSecurity : observe::Category::kAccess, "rest",
                {{"method", passage.request.method},
                 {"route", passage.route},
                 {"status", status},
                 {"ms", absl::ToDoubleMilliseconds(elapsed)},
                 {"bytes", bytes},
                 {"caller", PseudonymOf(*passage.caller, log_secret_)},
                 {"correlation_id", passage.correlation_id}});
}

http::Response RestService::Refuse(const http::Refused& refused) const {
  observe::Info(observe::Category::kAccess, "rest",
                {{"method", refused.method},
                 {"route", "refused"},
                 {"status", refused.status},
                 {"trace_id", refused.trace_id}});
  http::Response response = transcode::Problem(refused.error, {.instance = refused.encoded_path,
                                                               .trace_id = refused.trace_id,
                                                               .http_status = refused.status});
  response.headers.Set("X-Correlation-ID", refused.trace_id);
  return response;
}

}  // namespace selfology::api_gateway
