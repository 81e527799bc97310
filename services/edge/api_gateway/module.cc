// The REST gateway: JSON over HTTP for every service, by the contracts; OpenAPI, limits, health of all.
#include "services/edge/api_gateway/module.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/http/listen_address.h"
#include "common/http/server.h"
#include "common/observe/log.h"
#include "common/service/mesh.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/realtime/v1/realtime_service_client.h"
#include "services/edge/api_gateway/rest_service.h"
#include "services/edge/api_gateway/settings.h"
#include "services/edge/api_gateway/socket_tunnels.h"

ABSL_FLAG(
    std::string, api_gateway_listen, "127.0.0.1:0",
    "Address of the REST gateway, behind the ingress; port 0: any free one, which the log names");
ABSL_FLAG(
    std::vector<std::string>, api_gateway_origins, {},
    "Web pages that browsers may let call the gateway, such as https://app.example.org; \"*\":"
    " all");
ABSL_FLAG(int, api_gateway_requests_per_minute, 600,
          "Maximum requests per minute of one caller to one route without a limit of its own, each"
          " replica; 0: no limit");
ABSL_FLAG(int, api_gateway_proxies, 0,
          "Proxies in front of the gateway that add to X-Forwarded-For; they tell who calls without"
          " a token");

namespace selfology::api_gateway {
namespace {

// Between two times that security is told of refused calls.
constexpr absl::Duration kTelling = absl::Seconds(5);
// Where devices of pages of the gateway's own origin connect.
constexpr char kDevices[] = "/api/notifications/websocket";
constexpr int kWorkers = 256;
constexpr int kStreams = 512;
constexpr int kMaxConnections = 8192;

class GatewayModule final : public service::Module {
 public:
  explicit GatewayModule(GatewaySettings settings) : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override {
    return {.name = "api_gateway", .group = "api_gateway"};
  }

  absl::Status Start(service::Mesh& mesh) override {
    absl::StatusOr<http::ListenAddress> listen = http::ParseListenAddress(settings_.listen);
    if (!listen.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("api_gateway_listen: ", listen.status().message()));
    }
    ASSIGN_OR_RETURN(
        std::shared_ptr<RestService> rest,
        RestService::Make({.settings = settings_,
                           .redis = mesh.redis(),
                           .metrics = mesh.metrics(),
                           .clock = mesh.clock(),
                           .peer = [&mesh](std::string_view service) { return mesh.Peer(service); },
                           .authenticate =
                               [&mesh](const Call& call, std::string_view authorization) {
                                 return mesh.Authenticate(call, authorization);
                               },
                           .tracer = mesh.tracer()}));
    http::Route all = {
        .method = "*",
        .path = "/*",
        .handler = [rest](const http::Request& request) { return rest->Handle(request); },
        .admit = [rest](std::string_view verb,
                        std::string_view path) { return rest->Admit(verb, path); }};
    const realtime::v1::RealtimeServiceClient realtime(mesh.Peer("realtime"));
    const auto tunnels = std::make_shared<SocketTunnels>(SocketTunnels::Options{
        .address_of = [realtime](const Call& call) -> absl::StatusOr<std::string> {
          const realtime::v1::GetDevicesAddressRequest request;
          ASSIGN_OR_RETURN(auto response, realtime.GetDevicesAddress(call.InOwnName(), request));
          return std::move(*response.mutable_address());
        }});
    ASSIGN_OR_RETURN(
        std::shared_ptr<http::Server> server,
        http::Server::Start({.address = listen->host,
                             .port = listen->port,
                             .max_connections = kMaxConnections,
                             .worker_threads = kWorkers,
                             .long_poll_threads = kStreams,
                             .refusal = [rest](const http::Refused& r) { return rest->Refuse(r); },
                             .metrics = &mesh.metrics()},
                            {std::move(all)}, {tunnels->Route(kDevices)}));
    listen->port = server->port();
    const std::string address = http::Format(*listen);
    observe::Info("serving REST", {{"address", address}});
    if (settings_.on_listening) settings_.on_listening(address);
    mesh.OnEverywhere<events::v1::SubscriptionChanged>(
        [rest](const events::v1::SubscriptionChanged& event) {
          // A team's plan is that of all its members.
          if (event.team_id() == 0) {
            rest->plan_factors().Forget(event.user_id());
          } else {
            rest->plan_factors().ForgetAll();
          }
        },
        [rest] { rest->plan_factors().ForgetAll(); });
    const auto forget = [rest](const auto& event) { rest->plan_factors().Forget(event.user_id()); };
    mesh.OnEverywhere<events::v1::TeamMemberJoined>(forget, [] {});
    mesh.OnEverywhere<events::v1::TeamMemberLeft>(forget, [] {});
    mesh.Run("rest",
             [server, rest, tunnels, &database = mesh.database()](service::StopSignal& stop) {
               const auto tell = [&] {
                 const absl::Status told =
                     rest->refused_calls().Publish(Call::Background(kTelling), database);
                 if (!told.ok()) observe::Warning("refused calls not told", {{"status", told}});
               };
               while (!stop.WaitFor(kTelling)) tell();
               server->Stop();
               tunnels->Stop();
               tell();
             });
    return absl::OkStatus();
  }

 private:
  const GatewaySettings settings_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule(GatewaySettings settings) {
  return std::make_unique<GatewayModule>(std::move(settings));
}

std::unique_ptr<service::Module> MakeModule() {
  return MakeModule({.listen = absl::GetFlag(FLAGS_api_gateway_listen),
                     .origins = absl::GetFlag(FLAGS_api_gateway_origins),
                     .requests_per_minute = absl::GetFlag(FLAGS_api_gateway_requests_per_minute),
                     .proxies = absl::GetFlag(FLAGS_api_gateway_proxies)});
}

}  // namespace selfology::api_gateway
