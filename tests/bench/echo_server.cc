// The servers of the RPC rows: the kernel's, and bare gRPC ones of each kind.
//
//   echo_server --api=kernel|sync|callback|queue --address=unix:/path [--threads=N] [--nolog]
//               [--tls=FOLDER]

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/synchronization/mutex.h"
#include "common/observe/log.h"
#include "common/observe/metrics.h"
#include "common/rpc/edges.h"
#include "common/rpc/peer_check.h"
#include "common/rpc/tls.h"
#include "common/service/grpc_server.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "tests/bench/echo/echo_service.grpc.pb.h"
#include "tests/bench/echo/echo_service_endpoints.h"

ABSL_FLAG(std::string, api, "kernel", "gRPC API to measure: kernel, sync, callback or queue.");
ABSL_FLAG(std::string, address, "", "Address to listen on.");
ABSL_FLAG(unsigned, threads, 0, "queue: number of polling threads; 0: one per core.");
ABSL_FLAG(std::string, tls, "",
          "kernel: folder with bench.crt, bench.key, ca.crt and edges.txt, for TLS in both"
          " directions; empty: none.");
ABSL_FLAG(bool, log, true, "kernel: log a line per RPC, as in production.");

namespace selfology::bench {
namespace {

class KernelEcho final : public v1::EchoServiceEndpoints {
 public:
  absl::StatusOr<v1::EchoResponse> Echo(const Call&, const v1::EchoRequest& request) override {
    v1::EchoResponse response;
    response.set_text(request.text());
    return response;
  }
};

class SyncEcho final : public v1::EchoService::Service {
 public:
  grpc::Status Echo(grpc::ServerContext*, const v1::EchoRequest* request,
                    v1::EchoResponse* response) override {
    response->set_text(request->text());
    return grpc::Status::OK;
  }
};

class CallbackEcho final : public v1::EchoService::CallbackService {
 public:
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context,
                                 const v1::EchoRequest* request,
                                 v1::EchoResponse* response) override {
    response->set_text(request->text());
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

// One RPC of the completion-queue server; takes the next one up before it answers its own.
class QueueCall {
 public:
  QueueCall(v1::EchoService::AsyncService& service, grpc::ServerCompletionQueue& queue)
      : service_(service), queue_(queue), responder_(&context_) {
    service_.RequestEcho(&context_, &request_, &responder_, &queue_, &queue_, this);
  }
  void Proceed(bool ok) {
    if (finished_ || !ok) {
      delete this;
      return;
    }
    new QueueCall(service_, queue_);
    finished_ = true;
    v1::EchoResponse response;
    response.set_text(request_.text());
    responder_.Finish(response, grpc::Status::OK, this);
  }

 private:
  v1::EchoService::AsyncService& service_;
  grpc::ServerCompletionQueue& queue_;
  grpc::ServerContext context_;
  v1::EchoRequest request_;
  grpc::ServerAsyncResponseWriter<v1::EchoResponse> responder_;
  bool finished_ = false;
};

void RunKernel(const std::string& address) {
  observe::Metrics metrics;
  observe::Requests served(&metrics, "rpc_server");
  rpc::DrainGate gate;
  rpc::ServerRuntime runtime{.requests = served, .gate = gate};
  service::GrpcPorts ports{.services = address};
  std::unique_ptr<rpc::PeerCheck> peers;
  if (const std::string folder = absl::GetFlag(FLAGS_tls); !folder.empty()) {
    const auto tls = rpc::Tls::Open({.certificate_file = folder + "/bench.crt",
                                     .key_file = folder + "/bench.key",
                                     .authority_file = folder + "/ca.crt"});
    auto edges = rpc::Edges::Read(folder + "/edges.txt");
    if (!tls.ok() || !edges.ok()) return;
    peers = std::make_unique<rpc::PeerCheck>(*tls, *std::move(edges), metrics);
    runtime.peers = peers.get();
    ports.credentials = (*tls)->ForServer();
  }
  service::GrpcServer server(runtime);
  server.Add("bench", std::make_shared<KernelEcho>());
  if (!server.Start(ports).ok()) return;
  std::puts("serving");
  std::fflush(stdout);
  pause();
}

void RunBare(const std::string& address, grpc::Service& service) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  std::puts("serving");
  std::fflush(stdout);
  server->Wait();
}

void RunQueue(const std::string& address) {
  v1::EchoService::AsyncService service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  for (int i = 0; i < 100; ++i) new QueueCall(service, *queue);
  std::puts("serving");
  std::fflush(stdout);
  std::vector<std::thread> threads;
  const unsigned asked = absl::GetFlag(FLAGS_threads);
  for (unsigned i = 0; i < (asked > 0 ? asked : std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&queue] {
      void* tag = nullptr;
      bool ok = false;
      while (queue->Next(&tag, &ok)) static_cast<QueueCall*>(tag)->Proceed(ok);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

int Main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  // As the services do.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  observe::ConfigureLog(
      {.service = "echo",
       .level = absl::GetFlag(FLAGS_log) ? observe::Severity::kInfo : observe::Severity::kError});
  const std::string api = absl::GetFlag(FLAGS_api), address = absl::GetFlag(FLAGS_address);
  if (api == "kernel") RunKernel(address);
  if (api == "queue") RunQueue(address);
  SyncEcho sync;
  if (api == "sync") RunBare(address, sync);
  CallbackEcho callback;
  if (api == "callback") RunBare(address, callback);
  return 0;
}

}  // namespace
}  // namespace selfology::bench

int main(int argc, char** argv) { return selfology::bench::Main(argc, argv); }
