// REST beside grpc-gateway: the same contract, the same backend, which answers at once, and requests of
// the same clients. Both gateways are processes of their own; what counts is their CPU.

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"
#include "common/status/status_macros.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/grpcpp.h"
#include "selfology/profile/v1/profile_service.pb.h"
#include "selfology/profile/v1/profile_service_client.h"
#include "testing/servers/free_port.h"
#include "testing/servers/process.h"
#include "tests/bench/doors_sockets.h"
#include "tests/bench/ground.h"
#include "tests/bench/programs.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

constexpr int kRounds = 5;
constexpr char kPath[] = "/api/v1/profiles/1001";

profile::v1::GetProfileResponse Answer() {
  profile::v1::GetProfileResponse answer;
  profile::v1::Profile& profile = *answer.mutable_profile();
  profile.set_user_id(1001);
  for (const char* domain : {"IDENTITY", "EMOTIONS", "WORK", "RELATIONSHIPS", "HEALTH", "VALUES"}) {
    (*profile.mutable_domain_affinities())[domain] = 0.5;
  }
  return answer;
}

// Answers every unary call with the same bytes.
class Backend {
 public:
  Backend() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterAsyncGenericService(&service_);
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    const std::string bytes = Answer().SerializeAsString();
    const grpc::Slice slice(bytes);
    answer_ = grpc::ByteBuffer(&slice, 1);
    for (int i = 0; i < 64; ++i) new Talk(*this);
    thread_ = std::thread([this] {
      void* tag = nullptr;
      bool ok = false;
      while (queue_->Next(&tag, &ok)) static_cast<Talk*>(tag)->Go(ok);
    });
  }
  ~Backend() {
    server_->Shutdown(std::chrono::system_clock::now());
    queue_->Shutdown();
    thread_.join();
  }
  int port() const { return port_; }

 private:
  class Talk {
   public:
    explicit Talk(Backend& backend) : backend_(backend), stream_(&context_) {
      backend_.service_.RequestCall(&context_, &stream_, backend_.queue_.get(),
                                    backend_.queue_.get(), this);
    }
    void Go(bool ok) {
      if (!ok) {
        delete this;
        return;
      }
      switch (step_++) {
        case 0:
          new Talk(backend_);
          return stream_.Read(&request_, this);
        case 1:
          return stream_.WriteAndFinish(backend_.answer_, {}, grpc::Status::OK, this);
        default:
          delete this;
      }
    }

   private:
    Backend& backend_;
    grpc::GenericServerContext context_;
    grpc::GenericServerAsyncReaderWriter stream_;
    grpc::ByteBuffer request_;
    int step_ = 0;
  };

  int port_ = 0;
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  grpc::ByteBuffer answer_;
  std::thread thread_;
};

struct Gateway {
  std::unique_ptr<servers::Process> process;
  int port;
};

struct Figures {
  double per_cpu_second = 0;
  double alone_p50_ms = 0;
};

absl::StatusOr<Figures> Measure(const Gateway& gateway, absl::Duration how_long) {
  RequestLoad load = {.port = gateway.port, .path = kPath, .how_long = how_long / 4};
  RETURN_IF_ERROR(LoadRequests(load).status());  // Warms up.
  load.how_long = how_long;
  const absl::Duration before = CpuOf(gateway.process->pid());
  ASSIGN_OR_RETURN(const RequestFigures busy, LoadRequests(load));
  const absl::Duration cpu = CpuOf(gateway.process->pid()) - before;
  load.connections = 1;
  load.how_long = how_long / 2;
  ASSIGN_OR_RETURN(RequestFigures alone, LoadRequests(load));
  return Figures{.per_cpu_second = static_cast<double>(busy.requests) / absl::ToDoubleSeconds(cpu),
                 .alone_p50_ms = Quantile(alone.took_ms, 0.5)};
}

// The bare call that the gateway makes, one at a time, by the same kernel.
absl::StatusOr<double> BareCall(int port, absl::Duration how_long) {
  observe::Requests requests(nullptr, "rpc_client");
  const profile::v1::ProfileServiceClient profiles(
      rpc::Channel::Connect("profile", absl::StrCat("127.0.0.1:", port), requests));
  profile::v1::GetProfileRequest request;
  request.set_user_id(1001);
  std::vector<double> took;
  const absl::Time end = absl::Now() + how_long;
  for (absl::Time began = absl::Now(); began < end; began = absl::Now()) {
    RETURN_IF_ERROR(profiles.GetProfile(Patient(), request).status());
    took.push_back(absl::ToDoubleMilliseconds(absl::Now() - began));
  }
  return Quantile(took, 0.5);
}

}  // namespace

absl::Status RestRows(const Scale& scale, Report& report) {
  ASSIGN_OR_RETURN(const auto ground, Ground::Make(/*durable=*/false));
  const Backend backend;
  const std::string address = absl::StrCat("127.0.0.1:", backend.port());
  Gateway ours = {.process = nullptr, .port = servers::FreePort()};
  ASSIGN_OR_RETURN(
      ours.process,
      StartProgram("services/selfology",
                   {"--modules=api_gateway", "--grpc_address=127.0.0.1:0",
                    "--http_address=127.0.0.1:0", absl::StrCat("--peers=profile=", address),
                    absl::StrCat("--api_gateway_listen=127.0.0.1:", ours.port),
                    // Its peer has no limits either.
                    "--api_gateway_requests_per_minute=0"},
                   {absl::StrCat("DATABASE_URL=", ground->postgres->url()),
                    absl::StrCat("REDIS_URL=", ground->redis_server->url())},
                   "\"serving\""));
  Gateway theirs = {.process = nullptr, .port = servers::FreePort()};
  if (!scale.doors_peers.empty()) {
    ASSIGN_OR_RETURN(
        theirs.process,
        servers::Process::Start({.argv = {absl::StrCat(scale.doors_peers, "/grpc_gateway"),
                                          absl::StrCat("127.0.0.1:", theirs.port), address}}));
    RETURN_IF_ERROR(theirs.process->WaitForOutput("serving", absl::Now() + absl::Seconds(30)));
  }
  const absl::Duration how_long = absl::Seconds(scale.seconds) / 2;
  std::vector<double> per_cpu, their_per_cpu, alone, bare;
  for (int round = 0; round < kRounds; ++round) {
    ASSIGN_OR_RETURN(const Figures figures, Measure(ours, how_long));
    per_cpu.push_back(figures.per_cpu_second);
    alone.push_back(figures.alone_p50_ms);
    ASSIGN_OR_RETURN(bare.emplace_back(), BareCall(backend.port(), how_long / 2));
    if (theirs.process == nullptr) continue;
    ASSIGN_OR_RETURN(const Figures others, Measure(theirs, how_long));
    their_per_cpu.push_back(others.per_cpu_second);
  }
  report.Add({.name = "doors.rest.cpu",
              .what = "REST calls by 16 connections, a CPU second",
              .unit = "calls/s",
              .ours = Median(per_cpu),
              .reference = their_per_cpu.empty() ? 0 : Median(their_per_cpu),
              .peer = their_per_cpu.empty() ? "grpc-gateway, not run" : "grpc-gateway",
              .aim = {.kind = Aim::kRatioAtLeast, .value = 2}});
  report.Add({.name = "doors.rest.alone",
              .what = "REST call, one at a time, p50",
              .unit = "ms",
              .ours = Median(alone),
              .reference = Median(bare),
              .peer = "the bare gRPC call"});
  report.Add({.name = "doors.rest.added",
              .what = "what REST adds to the bare call, p50",
              .unit = "ms",
              .ours = Median(alone) - Median(bare),
              .aim = {.kind = Aim::kAtMost, .value = 0.15}});
  return absl::OkStatus();
}

}  // namespace selfology::bench
