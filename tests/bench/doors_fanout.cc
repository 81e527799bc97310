// Devices that wait, and one event to all of them, beside centrifugo: 5,000 WebSockets of one process at each, told in
// turns. Ours are told from the commit of the transaction that has the event, which goes through the outbox and the
// durable log of the person; centrifugo is told by its API, from the request on, and keeps the event in memory.

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/events/outbox.h"
#include "common/http/client.h"
#include "common/postgres/database.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/chat.pb.h"
#include "testing/servers/free_port.h"
#include "testing/servers/process.h"
#include "tests/bench/doors_mesh.h"
#include "tests/bench/doors_sockets.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

constexpr int kSockets = 5'000, kFirst = 500, kEvents = 20;
constexpr int64_t kPerson = 1001;

// Resident memory in kB.
double MemoryOf(int pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/status"));
  std::string word;
  while (file >> word) {
    if (word != "VmRSS:") continue;
    double kilobytes = 0;
    file >> kilobytes;
    return kilobytes;
  }
  return 0;
}

struct Figures {
  double idle_kilobytes = 0;  // Of one of them.
  std::vector<double> took_ms = {};
  std::vector<double> rates = {};
};

// A server, the devices at it, and how it is told of an event. Gives the moment from which on it counts.
struct Side {
  Devices devices;
  int port = 0;
  int pid = 0;
  std::function<absl::StatusOr<absl::Time>()> tell = nullptr;
  Figures figures = {};
};

absl::Status Fill(Side& side) {
  // The first ones pay for what all share.
  RETURN_IF_ERROR(side.devices.Connect(side.port, kPerson, kFirst));
  const double before = MemoryOf(side.pid);
  RETURN_IF_ERROR(side.devices.Connect(side.port, kPerson, kSockets - kFirst));
  side.figures.idle_kilobytes = (MemoryOf(side.pid) - before) / (kSockets - kFirst);
  return absl::OkStatus();
}

absl::Status Tell(Side& side) {
  // Devices read while the server is still telling others.
  absl::StatusOr<absl::Time> begun;
  std::thread teller([&] { begun = side.tell(); });
  const absl::StatusOr<std::vector<absl::Time>> told = side.devices.Hear(1, absl::Seconds(30));
  teller.join();
  RETURN_IF_ERROR(begun.status());
  RETURN_IF_ERROR(told.status());
  absl::Time last = *begun;
  for (const absl::Time at : *told) {
    side.figures.took_ms.push_back(absl::ToDoubleMilliseconds(at - *begun));
    last = std::max(last, at);
  }
  side.figures.rates.push_back(kSockets / absl::ToDoubleSeconds(last - *begun));
  return absl::OkStatus();
}

struct Centrifugo {
  http::Client client{{}};
  std::unique_ptr<servers::Process> process;
};

absl::StatusOr<std::unique_ptr<Centrifugo>> StartCentrifugo(const std::string& program,
                                                            Side& side) {
  auto centrifugo = std::make_unique<Centrifugo>();
  side.port = servers::FreePort();
  ASSIGN_OR_RETURN(
      centrifugo->process,
      servers::Process::Start(
          {.argv = {program},
           .environment = {"CENTRIFUGO_HTTP_SERVER_ADDRESS=127.0.0.1",
                           absl::StrCat("CENTRIFUGO_HTTP_SERVER_PORT=", side.port),
                           "CENTRIFUGO_CLIENT_INSECURE=true", "CENTRIFUGO_HTTP_API_INSECURE=true",
                           "CENTRIFUGO_HEALTH_ENABLED=true", "CENTRIFUGO_LOG_LEVEL=error"}}));
  side.pid = centrifugo->process->pid();
  const std::string base = absl::StrCat("http://127.0.0.1:", side.port);
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (true) {
    const auto healthy = centrifugo->client.Send(Patient(), {.url = absl::StrCat(base, "/health")});
    if (healthy.ok() && healthy->status == 200) break;
    if (absl::Now() > deadline || !centrifugo->process->running()) {
      return absl::InternalError(centrifugo->process->output());
    }
    Pause(absl::Milliseconds(50));
  }
  side.tell = [&client = centrifugo->client, base]() -> absl::StatusOr<absl::Time> {
    const absl::Time begun = absl::Now();
    ASSIGN_OR_RETURN(
        const http::ClientResponse response,
        client.Send(Patient(),
                    {.method = "POST",
                     .url = absl::StrCat(base, "/api/publish"),
                     .headers = {{"Content-Type", std::string(http::kJson)}},
                     .body = absl::StrCat(R"({"channel": "person", "data": {"message_text": ")",
                                          std::string(100, 'x'), R"("}})")}));
    RETURN_IF_ERROR(http::ToStatus(response));
    return begun;
  };
  return centrifugo;
}

}  // namespace

absl::Status FanOutRows(const Scale& scale, Report& report) {
  ASSIGN_OR_RETURN(const DoorsMesh running, StartDoorsMesh("realtime,outbox_relay"));
  ASSIGN_OR_RETURN(const auto database,
                   postgres::Database::Open({.url = running.ground->postgres->url()}));
  Side ours = {.devices = Devices(Devices::kSocketIo),
               .port = running.devices_port,
               .pid = running.mesh->pid()};
  ours.tell = [&]() -> absl::StatusOr<absl::Time> {
    events::v1::UserMessageReceived event;
    event.set_user_id(kPerson);
    event.set_message_text(std::string(100, 'x'));
    RETURN_IF_ERROR(database->Write(
        Patient(), [&](postgres::Transaction& tx) { return events::Publish(tx, event); }));
    return absl::Now();
  };
  RETURN_IF_ERROR(Fill(ours));
  Side theirs = {.devices = Devices(Devices::kCentrifugo)};
  std::unique_ptr<Centrifugo> centrifugo;
  if (!scale.doors_peers.empty()) {
    ASSIGN_OR_RETURN(centrifugo,
                     StartCentrifugo(absl::StrCat(scale.doors_peers, "/centrifugo"), theirs));
    RETURN_IF_ERROR(Fill(theirs));
  }
  for (int i = 0; i < kEvents; ++i) {
    RETURN_IF_ERROR(Tell(ours));
    if (centrifugo != nullptr) RETURN_IF_ERROR(Tell(theirs));
  }
  const std::string peer = centrifugo == nullptr ? "centrifugo, not run" : "centrifugo";
  report.Add({.name = "doors.socket.idle",
              .what = "a device that waits, of 5,000",
              .unit = "kB",
              .ours = ours.figures.idle_kilobytes,
              .reference = theirs.figures.idle_kilobytes,
              .peer = peer,
              .aim = {.kind = Aim::kAtMost, .value = 20}});
  report.Add({.name = "doors.fanout.rate",
              .what = "one event to 5,000 devices, from its commit",
              .unit = "devices/s",
              .ours = Median(ours.figures.rates),
              .reference = Median(theirs.figures.rates),
              .peer = peer,
              .aim = {.kind = Aim::kRatioAtLeast, .value = 1}});
  report.Add({.name = "doors.fanout.p50",
              .what = "commit to device, 5,000 of them, p50",
              .unit = "ms",
              .ours = Quantile(ours.figures.took_ms, 0.5),
              .reference = Quantile(theirs.figures.took_ms, 0.5),
              .peer = peer});
  report.Add({.name = "doors.fanout.p99",
              .what = "commit to device, 5,000 of them, p99",
              .unit = "ms",
              .ours = Quantile(ours.figures.took_ms, 0.99),
              .reference = Quantile(theirs.figures.took_ms, 0.99),
              .peer = peer,
              .aim = {.kind = Aim::kRatioAtMost, .value = 1}});
  return absl::OkStatus();
}

}  // namespace selfology::bench
