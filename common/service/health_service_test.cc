#include "common/service/health_service.h"

#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace selfology::service {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

HealthCheckRequest Of(const std::string& service) {
  HealthCheckRequest request;
  request.set_service(service);
  return request;
}

class HealthServiceTest : public ::testing::Test {
 protected:
  HealthServiceTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&health_);
    server_ = builder.BuildAndStart();
    stub_ = grpc::health::v1::Health::NewStub(server_->InProcessChannel({}));
  }
  ~HealthServiceTest() override {
    health_.EndWatches();
    server_->Shutdown();
  }

  struct Watching {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> stream;

    // -1: the stream has ended.
    int Next() {
      HealthCheckResponse response;
      return stream->Read(&response) ? response.status() : -1;
    }
  };
  std::unique_ptr<Watching> Watch(const std::string& service) {
    auto watching = std::make_unique<Watching>();
    watching->context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    watching->stream = stub_->Watch(&watching->context, Of(service));
    return watching;
  }
  grpc::Status Check(const std::string& service, HealthCheckResponse& response) {
    grpc::ClientContext context;
    return stub_->Check(&context, Of(service), &response);
  }

  HealthService health_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
};

TEST_F(HealthServiceTest, ChecksWhatItWasTold) {
  health_.Set("", true);
  health_.Set("a.A", false);
  HealthCheckResponse response;
  EXPECT_TRUE(Check("", response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  EXPECT_TRUE(Check("a.A", response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  const grpc::Status unknown = Check("b.B", response);
  EXPECT_EQ(unknown.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_NE(unknown.error_message().find("b.B"), std::string::npos);
}

TEST_F(HealthServiceTest, AWatchTellsEachChange) {
  const auto watching = Watch("a.A");
  EXPECT_EQ(watching->Next(), HealthCheckResponse::SERVICE_UNKNOWN);
  health_.Set("a.A", true);
  EXPECT_EQ(watching->Next(), HealthCheckResponse::SERVING);
  health_.Set("a.A", true);
  health_.Set("b.B", true);
  health_.Set("a.A", false);
  EXPECT_EQ(watching->Next(), HealthCheckResponse::NOT_SERVING);
  watching->context.TryCancel();
  EXPECT_EQ(watching->Next(), -1);
}

TEST_F(HealthServiceTest, NothingServesAfterADrain) {
  health_.Set("a.A", true);
  const auto watching = Watch("a.A");
  EXPECT_EQ(watching->Next(), HealthCheckResponse::SERVING);
  health_.Drain();
  EXPECT_EQ(watching->Next(), HealthCheckResponse::NOT_SERVING);
  health_.Set("a.A", true);
  HealthCheckResponse response;
  EXPECT_TRUE(Check("a.A", response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  health_.EndWatches();
  EXPECT_EQ(watching->Next(), -1);
  EXPECT_EQ(watching->stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace selfology::service
