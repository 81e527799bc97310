#include "common/service/health_service.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace selfology::service {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// How long a watcher that has left may still hold its thread.
constexpr absl::Duration kLookForWatcher = absl::Seconds(1);

}  // namespace

void HealthService::Set(std::string_view service, bool serving) {
  absl::MutexLock lock(&mutex_);
  bool& known = serving_.try_emplace(std::string(service), !serving).first->second;
  if (known == serving) return;
  known = serving;
  changed_.SignalAll();
}

void HealthService::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  changed_.SignalAll();
}

void HealthService::EndWatches() {
  absl::MutexLock lock(&mutex_);
  watches_end_ = true;
  changed_.SignalAll();
}

HealthCheckResponse::ServingStatus HealthService::Of(std::string_view service) const {
  const auto found = serving_.find(service);
  if (found == serving_.end()) return HealthCheckResponse::SERVICE_UNKNOWN;
  return found->second && !draining_ ? HealthCheckResponse::SERVING
                                     : HealthCheckResponse::NOT_SERVING;
}

grpc::Status HealthService::Check(grpc::ServerContext*, const HealthCheckRequest* request,
                                  HealthCheckResponse* response) {
  absl::MutexLock lock(&mutex_);
  const HealthCheckResponse::ServingStatus status = Of(request->service());
  if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
    return {grpc::StatusCode::NOT_FOUND,
            absl::StrCat("service: not served here: \"", request->service(), "\"")};
  }
  response->set_status(status);
  return grpc::Status::OK;
}

grpc::Status HealthService::Watch(grpc::ServerContext* context, const HealthCheckRequest* request,
                                  grpc::ServerWriter<HealthCheckResponse>* stream) {
  HealthCheckResponse told;  // UNKNOWN, which nothing is.
  while (!context->IsCancelled()) {
    HealthCheckResponse now;
    {
      absl::MutexLock lock(&mutex_);
      if (Of(request->service()) == told.status()) {
        if (watches_end_) return {grpc::StatusCode::UNAVAILABLE, "the server stops"};
        changed_.WaitWithTimeout(&mutex_, kLookForWatcher);
      }
      now.set_status(Of(request->service()));
    }
    if (now.status() != told.status() && !stream->Write(now)) break;
    told = now;
  }
  return grpc::Status::CANCELLED;
}

}  // namespace selfology::service
