// Unary RPCs through the kernel, beside bare gRPC servers of each kind. Every server is a process
// of its own, confined to one core or two; one client, a completion queue with 64 calls in flight.

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/certificates.h"
#include "common/rpc/tls.h"
#include "common/status/status_macros.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "testing/servers/binaries.h"
#include "tests/bench/echo/echo_service.grpc.pb.h"
#include "tests/bench/programs.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

constexpr int kInFlight = 64;
constexpr int kRounds = 5;
constexpr size_t kTextBytes = 100;

struct Figures {
  double per_second = 0;
  double p99_ms = 0;
  double cpu_us = 0;            // Of the server, for each.
  double alone_per_second = 0;  // With one call at a time.
};

// Keeps so many calls in flight for that long.
Figures Load(v1::EchoService::Stub& stub, absl::Duration how_long, int in_flight = kInFlight) {
  struct Flight {
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<v1::EchoResponse>> reader;
    v1::EchoResponse response;
    grpc::Status status;
    int64_t began = 0;
  };
  grpc::CompletionQueue queue;
  v1::EchoRequest request;
  request.set_text(std::string(kTextBytes, 'x'));
  const auto launch = [&](Flight& flight) {
    flight.context = std::make_unique<grpc::ClientContext>();
    flight.began = absl::GetCurrentTimeNanos();
    flight.reader = stub.AsyncEcho(flight.context.get(), request, &queue);
    flight.reader->Finish(&flight.response, &flight.status, &flight);
  };
  std::vector<Flight> flights(static_cast<size_t>(in_flight));
  std::vector<double> took;
  const absl::Time start = absl::Now();
  for (Flight& flight : flights) launch(flight);
  int left = in_flight;
  void* tag = nullptr;
  bool ok = false;
  while (left > 0 && queue.Next(&tag, &ok)) {
    Flight& flight = *static_cast<Flight*>(tag);
    const int64_t now = absl::GetCurrentTimeNanos();
    if (flight.status.ok()) took.push_back(static_cast<double>(now - flight.began) / 1e6);
    if (absl::FromUnixNanos(now) < start + how_long) {
      launch(flight);
    } else {
      --left;
    }
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  return {.per_second = static_cast<double>(took.size()) / seconds, .p99_ms = Quantile(took, 0.99)};
}

struct Server {
  std::string name;
  std::vector<std::string> arguments;
  bool tls = false;
};

// The files of a mesh of two, in which the client may call the server; gives the client's.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeIdentities(
    const std::string& folder) {
  const absl::Time from = absl::Now() - absl::Hours(1), to = absl::Now() + absl::Hours(24);
  ASSIGN_OR_RETURN(const auto authority, crypto::Authority::Make("bench", from, to));
  const auto write = [&](std::string_view name, const std::string& text) {
    std::ofstream(absl::StrCat(folder, "/", name)) << text;
  };
  write("ca.crt", authority.own().certificate);
  write("edges.txt", "client -> bench\n");
  for (const std::string name : {"bench", "client"}) {
    ASSIGN_OR_RETURN(
        const auto own,
        authority.Issue({.uris = {rpc::kNamePrefix + name}, .not_before = from, .not_after = to}));
    write(name + ".crt", own.certificate);
    write(name + ".key", own.key);
  }
  ASSIGN_OR_RETURN(const auto tls, rpc::Tls::Open({.certificate_file = folder + "/client.crt",
                                                   .key_file = folder + "/client.key",
                                                   .authority_file = folder + "/ca.crt"}));
  return tls->ForPeer("bench");
}

absl::StatusOr<Figures> Measure(const Server& server, int cores, absl::Duration how_long) {
  ASSIGN_OR_RETURN(const auto folder, servers::ScratchFolder::Make());
  const std::string address = absl::StrCat("unix:", folder.path(), "/socket");
  std::vector<std::string> arguments = server.arguments;
  arguments.push_back(absl::StrCat("--address=", address));
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (server.tls) {
    ASSIGN_OR_RETURN(credentials, MakeIdentities(folder.path()));
    arguments.push_back(absl::StrCat("--tls=", folder.path()));
  }
  ASSIGN_OR_RETURN(const auto process,
                   StartProgram("tests/bench/echo_server", arguments, {}, "serving"));
  Confine(process->pid(), cores);
  const auto stub = v1::EchoService::NewStub(grpc::CreateChannel(address, credentials));
  Load(*stub, how_long / 4);  // Warms up.
  const absl::Duration before = CpuOf(process->pid());
  Figures figures = Load(*stub, how_long);
  const double calls = figures.per_second * absl::ToDoubleSeconds(how_long);
  figures.cpu_us = absl::ToDoubleMicroseconds(CpuOf(process->pid()) - before) / calls;
  figures.alone_per_second = Load(*stub, how_long / 2, /*in_flight=*/1).per_second;
  return figures;
}

}  // namespace

absl::Status RpcRows(const Scale& scale, const Wanted& wanted, Report& report) {
  const Server servers[] = {{"kernel", {"--api=kernel"}},
                            {"kernel, silent", {"--api=kernel", "--nolog"}},
                            {"kernel, mTLS", {"--api=kernel"}, /*tls=*/true},
                            {"sync", {"--api=sync"}},
                            {"callback", {"--api=callback"}},
                            {"queue", {"--api=queue"}},
                            {"queue, 1 thread", {"--api=queue", "--threads=1"}}};
  const absl::Duration how_long = absl::Seconds(scale.seconds) / 5;
  for (const int cores : {1, 2}) {
    const std::string name = absl::StrCat("rpc.", cores, cores == 1 ? "_core" : "_cores");
    if (!wanted(name)) continue;
    std::map<std::string, std::vector<double>> rates, tails, cpu, alone;
    for (int round = 0; round < kRounds; ++round) {
      for (const Server& server : servers) {
        ASSIGN_OR_RETURN(const Figures figures, Measure(server, cores, how_long));
        rates[server.name].push_back(figures.per_second);
        tails[server.name].push_back(figures.p99_ms);
        cpu[server.name].push_back(figures.cpu_us);
        alone[server.name].push_back(figures.alone_per_second);
      }
    }
    std::vector<std::string> bare = {"callback", "queue", "queue, 1 thread"};
    std::sort(bare.begin(), bare.end(), [&](const std::string& a, const std::string& b) {
      return Median(rates[a]) > Median(rates[b]);
    });
    const std::string& fastest = bare.front();
    const auto add = [&](const std::string& part, const std::string& ours, const std::string& peer,
                         Aim aim) {
      report.Add({.name = absl::StrCat(name, part),
                  .what = absl::StrCat(ours, ", ", cores, " core", cores == 1 ? "" : "s"),
                  .unit = "RPCs/s",
                  .ours = Median(rates[ours]),
                  .reference = Median(rates[peer]),
                  .peer = absl::StrCat("bare gRPC, ", peer),
                  .aim = aim});
    };
    add("", "kernel", fastest, {.kind = Aim::kRatioAtLeast, .value = 0.9});
    add(".silent", "kernel, silent", fastest, {});
    add(".sync", "sync", fastest, {});
    report.Add({.name = absl::StrCat(name, ".mtls"),
                .what = absl::StrCat("kernel by mTLS, ", cores, " core", cores == 1 ? "" : "s"),
                .unit = "RPCs/s",
                .ours = Median(rates["kernel, mTLS"]),
                .reference = Median(rates["kernel"]),
                .peer = "kernel, plaintext",
                .aim = {.kind = Aim::kRatioAtLeast, .value = 0.85}});
    report.Add({.name = absl::StrCat(name, ".mtls_alone"),
                .what = absl::StrCat("kernel by mTLS, one call at a time, ", cores, " core(s)"),
                .unit = "RPCs/s",
                .ours = Median(alone["kernel, mTLS"]),
                .reference = Median(alone["kernel"]),
                .peer = "kernel, plaintext",
                .aim = {.kind = Aim::kRatioAtLeast, .value = 0.85}});
    report.Add({.name = absl::StrCat(name, ".mtls_cpu"),
                .what = absl::StrCat("kernel's server by mTLS, ", cores, " core(s), CPU"),
                .unit = "us/RPC",
                .ours = Median(cpu["kernel, mTLS"]),
                .reference = Median(cpu["kernel"]),
                .peer = "kernel, plaintext"});
    report.Add({.name = absl::StrCat(name, ".cpu"),
                .what = absl::StrCat("kernel's server, ", cores, " core(s), CPU"),
                .unit = "us/RPC",
                .ours = Median(cpu["kernel"]),
                .reference = Median(cpu[fastest]),
                .peer = absl::StrCat("bare gRPC, ", fastest)});
    add(".second", bare[1], fastest, {});
    add(".third", bare[2], fastest, {});
    report.Add({.name = absl::StrCat(name, ".p99"),
                .what = absl::StrCat("kernel, 64 in flight, ", cores, " core(s), p99"),
                .unit = "ms",
                .ours = Median(tails["kernel"]),
                .reference = Median(tails[fastest]),
                .peer = absl::StrCat("bare gRPC, ", fastest)});
  }
  return absl::OkStatus();
}

}  // namespace selfology::bench
