#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "common/http/test_socket.h"
#include "common/observe/metrics.h"
#include "common/rpc/drain_gate.h"
#include "common/service/grpc_server.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"

namespace selfology::service {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(15);

class IdleConnectionsTest : public ::testing::Test {
 protected:
  void Start(ConnectionLimits limits) {
    server_ = std::make_unique<GrpcServer>(rpc::ServerRuntime{requests_, gate_}, limits);
    server_->SetServing("probe", true);
    const absl::Status started = server_->Start("127.0.0.1:0");
    ASSERT_TRUE(started.ok()) << started;
  }
  uint16_t port() const {
    int port = 0;
    const std::string& address = server_->address();
    EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) << address;
    return static_cast<uint16_t>(port);
  }
  static bool Check(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    grpc::health::v1::HealthCheckResponse response;
    return grpc::health::v1::Health::NewStub(channel)->Check(&context, {}, &response).ok();
  }

  observe::Requests requests_{nullptr, "rpc_server"};
  rpc::DrainGate gate_;
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(IdleConnectionsTest, AConnectionThatSaysNothingIsClosed) {
  Start({.handshake = absl::Milliseconds(100)});
  http::TestSocket socket(port());
  ASSERT_TRUE(socket.connected());
  socket.ReadAll();
  EXPECT_TRUE(socket.closed());
}

TEST_F(IdleConnectionsTest, AnIdleConnectionIsClosedAndMadeAgainWhenNeeded) {
  Start({.idle = absl::Milliseconds(100)});
  const auto inside = server_->InProcessChannel();
  EXPECT_TRUE(Check(inside));
  const auto outside = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
  ASSERT_TRUE(Check(outside));
  EXPECT_TRUE(
      outside->WaitForStateChange(GRPC_CHANNEL_READY, absl::ToChronoTime(absl::Now() + kPatience)));
  EXPECT_TRUE(Check(outside));
  EXPECT_TRUE(Check(inside)) << "modules of one process stay connected";
}

}  // namespace
}  // namespace selfology::service
