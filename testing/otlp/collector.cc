#include "testing/otlp/collector.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/grpc_status.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/server_context.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"

namespace selfology::testing {
namespace {

namespace collector = opentelemetry::proto::collector::trace::v1;

class Collector final : public OtlpCollector, public collector::TraceService::Service {
 public:
  absl::Status Listen(const std::string& address) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) return absl::UnavailableError("the collector cannot listen");
    endpoint_ = absl::StrCat("http://", address.substr(0, address.rfind(':')), ":", port);
    return absl::OkStatus();
  }
  ~Collector() override {
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
  }

  grpc::Status Export(grpc::ServerContext* /*context*/, const Request* request,
                      Response* response) override {
    Judge judge;
    {
      absl::MutexLock lock(&mutex_);
      judge = judge_;
    }
    if (judge != nullptr) {
      const absl::Status said = judge(*request, *response);
      if (!said.ok()) return status::ToGrpc(said);
    }
    absl::MutexLock lock(&mutex_);
    requests_.push_back(*request);
    return grpc::Status::OK;
  }

  const std::string& endpoint() const override { return endpoint_; }
  void SetJudge(Judge judge) override {
    absl::MutexLock lock(&mutex_);
    judge_ = std::move(judge);
  }
  std::vector<CollectedSpan> spans() const override {
    std::vector<CollectedSpan> spans;
    for (const Request& request : requests()) {
      for (const auto& group : request.resource_spans()) {
        std::string service;
        for (const auto& attribute : group.resource().attributes()) {
          if (attribute.key() == "service.name") service = attribute.value().string_value();
        }
        for (const auto& scope : group.scope_spans()) {
          for (const auto& span : scope.spans()) spans.push_back({service, span});
        }
      }
    }
    return spans;
  }
  std::vector<Request> requests() const override {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }

 private:
  std::string endpoint_;
  mutable absl::Mutex mutex_;
  Judge judge_ ABSL_GUARDED_BY(mutex_);
  std::vector<Request> requests_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<OtlpCollector>> OtlpCollector::Start(const std::string& address) {
  auto collector = std::make_unique<Collector>();
  if (absl::Status status = collector->Listen(address); !status.ok()) return status;
  return collector;
}

}  // namespace selfology::testing
