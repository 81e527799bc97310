// Events to people's devices: Socket.IO over WebSockets and long polling, from a log that is kept.
#include "services/edge/realtime/module.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/http/listen_address.h"
#include "common/http/server.h"
#include "common/observe/log.h"
#include "common/service/mesh.h"
#include "common/service/settings.h"
#include "common/status/status_macros.h"
#include "services/edge/realtime/delivery.h"
#include "services/edge/realtime/devices.h"
#include "services/edge/realtime/hints.h"
#include "services/edge/realtime/migrations.h"
#include "services/edge/realtime/neighbours.h"
#include "services/edge/realtime/presence.h"
#include "services/edge/realtime/realtime_events.h"
#include "services/edge/realtime/realtime_service.h"
#include "services/edge/realtime/realtime_store.h"
#include "services/edge/realtime/settings.h"

ABSL_FLAG(std::string, realtime_listen, "127.0.0.1:0",
          "Address that devices connect to by Socket.IO; port 0: any free one");
ABSL_FLAG(
    std::string, realtime_advertise, "",
    "Address at which other replicas and the REST gateway reach this one, for devices that come"
    " to the wrong one; empty: realtime_listen, if that is not any address");
ABSL_FLAG(std::vector<std::string>, realtime_origins, {},
          "Origins whose pages may connect, such as https://app.example.org; * for all");
ABSL_FLAG(bool, realtime_compress, false, "Compress messages over WebSockets");
ABSL_FLAG(absl::Duration, realtime_retention, absl::Hours(7 * 24),
          "How long events are kept for devices that are away");

namespace selfology::realtime {
namespace {

constexpr int kMaxConnections = 20'000;
constexpr absl::Duration kFarewell = absl::Seconds(2);
constexpr absl::Duration kListenAgain = absl::Seconds(1);
constexpr absl::Duration kForgetPeriod = absl::Minutes(10);
constexpr int64_t kForgetRows = 10'000;  // In one transaction.
constexpr absl::Duration kCheckTimeout = absl::Seconds(20);

// What the module's parts share; they refer to each other, so they live and go together.
struct Parts {
  Parts(service::Mesh& mesh, const RealtimeSettings& settings)
      : delivery(mesh.database(), mesh.metrics(), settings.delivery),
        presence(mesh.redis(), mesh.settings().replica),
        hints(mesh.redis(), [this](int64_t user_id) { delivery.Hint(user_id); }),
        events(mesh.clock(),
               [this](int64_t user_id) {
                 delivery.Hint(user_id);
                 hints.Tell(user_id);
               }),
        service(mesh.database(), delivery, presence),
        neighbours(mesh.redis(), mesh.http(), ReplicaOf(mesh)),
        devices({.delivery = delivery,
                 .presence = presence,
                 .authenticate =
                     [&mesh](const Call& call, std::string_view authorization) {
                       return mesh.Authenticate(call, authorization);
                     },
                 .enforce_access = mesh.settings().enforce_access},
                {.engine = {.paths = {"/socket.io", "/api/notifications/websocket"},
                            .session = settings.session,
                            .origins = settings.origins,
                            .replica = ReplicaOf(mesh),
                            .forward =
                                [this](const http::Request& request, std::string_view replica,
                                       std::shared_ptr<http::Responder> responder) {
                                  neighbours.Forward(request, replica, std::move(responder));
                                },
                            .compress = settings.compress},
                 .connect_timeout = settings.connect_timeout}) {}

  Delivery delivery;
  Presence presence;
  Hints hints;
  RealtimeEvents events;
  RealtimeService service;
  Neighbours neighbours;
  Devices devices;

 private:
  // As it stands in the ids of sessions.
  static std::string ReplicaOf(service::Mesh& mesh) {
    return absl::StrReplaceAll(mesh.settings().replica, {{".", "-"}});
  }
};

// Where other replicas reach this one; empty: nowhere.
std::string AdvertisedAddress(const RealtimeSettings& settings, const http::ListenAddress& address,
                              uint16_t port) {
  if (!settings.advertise.empty()) return settings.advertise;
  if (address.host == "0.0.0.0" || address.host == "::") return "";
  return http::Format({.host = address.host, .port = port});
}

void Listen(Parts& parts, const RealtimeSettings& settings, const http::ListenAddress& address,
            service::Mesh& mesh, service::StopSignal& stop) {
  std::unique_ptr<http::Server> server;
  while (server == nullptr) {
    auto started = http::Server::Start({.address = address.host,
                                        .port = address.port,
                                        .max_connections = kMaxConnections,
                                        .metrics = &mesh.metrics(),
                                        .tracer = mesh.tracer()},
                                       parts.devices.server().engine().Routes(),
                                       parts.devices.server().engine().WebSocketRoutes());
    if (started.ok()) {
      server = *std::move(started);
      break;
    }
    observe::Error("devices cannot connect", {{"error", started.status().ToString()}});
    if (stop.WaitFor(kListenAgain)) return;
  }
  if (settings.listening != nullptr) settings.listening(server->port());
  observe::Info("devices can connect", {{"port", server->port()}});
  const std::string advertised = AdvertisedAddress(settings, address, server->port());
  parts.service.ListensAt(advertised);
  if (advertised.empty()) {
    stop.WaitFor(absl::InfiniteDuration());
  } else {
    parts.neighbours.Announce(advertised, stop);
  }
  parts.service.ListensAt("");
  parts.devices.Stop();
  // A device that is there answers at once; one that is not must not hold the process up.
  server->Stop(kFarewell);
}

absl::Status ForgetOld(postgres::Database& database, const Call& call, absl::Time before) {
  for (;;) {
    ASSIGN_OR_RETURN(const int64_t rows, database.Write(call, [&](postgres::Transaction& tx) {
      return store::DeleteBefore(tx, before, kForgetRows);
    }));
    if (rows < kForgetRows) return absl::OkStatus();
  }
}

class RealtimeModule final : public service::Module {
 public:
  explicit RealtimeModule(RealtimeSettings settings) : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override {
    return {.name = "realtime", .group = "realtime", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    const auto address = http::ParseListenAddress(settings_.listen);
    if (!address.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("realtime_listen: ", address.status().message()));
    }
    if (settings_.retention <= absl::ZeroDuration()) {
      return absl::InvalidArgumentError("realtime_retention: must be above 0");
    }
    const auto parts = std::make_shared<Parts>(mesh, settings_);
    mesh.Serve(std::shared_ptr<RealtimeService>(parts, &parts->service));
    mesh.OnErase(&store::DeleteUser);
    mesh.OnErased([parts](const Call& call, int64_t user_id) {
      // They find the log gone.
      parts->delivery.Hint(user_id);
      parts->hints.Tell(user_id);
      return parts->presence.Forget(call, user_id);
    });
    mesh.Background();  // A journey goes first.
    const auto types = RealtimeEvents::Types();
    mesh.OnTypes(
        [types] { return types; },
        [parts](std::string_view type, const std::string& payload, events::Handling& handling) {
          return parts->events.Record(type, payload, handling);
        });
    mesh.Run("rt_delivery", [parts](service::StopSignal& stop) { parts->delivery.Run(stop); });
    mesh.Run("rt_presence", [parts](service::StopSignal& stop) { parts->presence.Run(stop); });
    mesh.Run("rt_hints_out", [parts](service::StopSignal& stop) { parts->hints.Send(stop); });
    mesh.Run("rt_hints_in", [parts](service::StopSignal& stop) { parts->hints.Receive(stop); });
    mesh.Run("rt_listen",
             [parts, settings = settings_, address = *address, &mesh](service::StopSignal& stop) {
               Listen(*parts, settings, address, mesh, stop);
             });
    mesh.Run("rt_tokens", [parts, period = settings_.check_tokens](service::StopSignal& stop) {
      while (!stop.WaitFor(period)) {
        parts->devices.CheckAgain(Call::Background(kCheckTimeout));
      }
    });
    mesh.Every(kForgetPeriod, "forget_old",
               [&database = mesh.database(), clock = mesh.clock(), retention = settings_.retention](
                   const Call& call) { return ForgetOld(database, call, clock() - retention); });
    mesh.Report("devices", [parts] { return static_cast<double>(parts->delivery.devices()); });
    return absl::OkStatus();
  }

 private:
  const RealtimeSettings settings_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule(RealtimeSettings settings) {
  return std::make_unique<RealtimeModule>(std::move(settings));
}

std::unique_ptr<service::Module> MakeModule() {
  return MakeModule({.listen = absl::GetFlag(FLAGS_realtime_listen),
                     .advertise = absl::GetFlag(FLAGS_realtime_advertise),
                     .origins = absl::GetFlag(FLAGS_realtime_origins),
                     .compress = absl::GetFlag(FLAGS_realtime_compress),
                     .retention = absl::GetFlag(FLAGS_realtime_retention)});
}

}  // namespace selfology::realtime
