#include "common/service/host.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "common/service/host_fixture_test.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/mesh/v1/dead_letter_service_client.h"

namespace selfology::service {
namespace {

using events::v1::SessionCreated;
using testing::Modules;
namespace trait_v1 = ::selfology::trait::v1;

class HostTest : public HostFixture {};

TEST_F(HostTest, ErrorsCrossTheWireWithTheirDetails) {
  Start(nullptr);
  const absl::Status invalid = client_->GetTraitPatterns(Deadline(), {}).status();
  EXPECT_EQ(invalid.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status::Violations(invalid),
              ::testing::ElementsAre(status::FieldViolation{"user_id", "must be positive"}));
  EXPECT_EQ(status::Reason(client_->GetTraitEvolution(Deadline(), {}).status()),
            "PROFILE_NOT_FOUND");
}

TEST_F(HostTest, DeadlineAndTraceReachTheMethod) {
  std::string trace_id;
  absl::Duration remaining;
  probe_->on_list = [&](const Call& call) {
    trace_id = call.trace().trace_id.str();
    remaining = call.Remaining();
    return absl::OkStatus();
  };
  Start(nullptr);
  absl::InsecureBitGen random;
  const observe::TraceContext trace = observe::NewTrace(random);
  ASSERT_TRUE(client_->ListTraitHistory(Call::Background(absl::Seconds(7), trace), {}).ok());
  EXPECT_EQ(trace_id, trace.trace_id.view());
  EXPECT_LT(remaining, absl::Seconds(8));
}

TEST_F(HostTest, HealthHasTheDocumentedFieldsAndFollowsDependencies) {
  std::atomic<bool> broken = false;
  Start([&](Mesh& mesh) {
    mesh.Check("ai_router", Dependency::kOptional, [&](const Call&) -> absl::Status {
      return broken ? absl::UnavailableError("down") : absl::OkStatus();
    });
    mesh.Report("pending_events", [] { return 3.0; });
    return absl::OkStatus();
  });
  nlohmann::json health = GetJson("/health");
  EXPECT_EQ(health["status"], "healthy");
  EXPECT_EQ(health["service"], "probe_group");
  EXPECT_TRUE(health["uptime"].is_number_integer());
  EXPECT_EQ(health["database"], "healthy");
  EXPECT_EQ(health["redis"], "healthy");
  EXPECT_EQ(health["ai_router"], "healthy");
  EXPECT_EQ(health["pending_events"], 3);
  EXPECT_TRUE(health["metrics"]["requests_total"].is_number_integer());
  EXPECT_TRUE(health["metrics"]["errors_total"].is_number_integer());
  EXPECT_TRUE(health["metrics"]["avg_latency_ms"].is_number());
  EXPECT_EQ(Get("/health/live").status, 200);
  EXPECT_EQ(Get("/health/ready").status, 200);
  broken = true;
  Await("degraded health", [&] { return GetJson("/health")["status"] == "degraded"; });
  EXPECT_EQ(Get("/health/ready").status, 200) << "an optional dependency only degrades";
  EXPECT_EQ(
      GetJson("/health/detailed")["services"]["probe_group"]["dependencies"]["ai_router"]["status"],
      "degraded");
  EXPECT_EQ(Get("/health?service=nobody").status, 404);
  StopMesh();  // The check uses what is of this test.
}

TEST_F(HostTest, TheAdminServerListensOnIpv6) {
  StartMesh(Modules(std::make_unique<ProbeModule>([](Mesh&) { return absl::OkStatus(); })),
            [](Settings& settings) { settings.http_address = "[::1]:0"; });
  EXPECT_TRUE(absl::StartsWith(host().http_address(), "[::1]:")) << host().http_address();
  EXPECT_EQ(Get("/health/live").status, 200);
}

TEST_F(HostTest, HealthV1FollowsWhatTheModuleCannotDoWithout) {
  std::atomic<bool> broken = false;
  Start([&](Mesh& mesh) {
    mesh.Check("model", Dependency::kRequired, [&](const Call&) -> absl::Status {
      return broken ? absl::UnavailableError("down") : absl::OkStatus();
    });
    return absl::OkStatus();
  });
  using ::grpc::health::v1::HealthCheckResponse;
  const auto health = ::grpc::health::v1::Health::NewStub(host().InProcessChannel());
  const auto check = [&] {
    ::grpc::ClientContext context;
    ::grpc::health::v1::HealthCheckRequest request;
    request.set_service("selfology.trait.v1.TraitService");
    HealthCheckResponse response;
    EXPECT_TRUE(health->Check(&context, request, &response).ok());
    return response.status();
  };
  EXPECT_EQ(check(), HealthCheckResponse::SERVING);
  broken = true;
  Await("not serving", [&] { return check() == HealthCheckResponse::NOT_SERVING; });
  StopMesh();  // The check uses what is of this test.
}

// With a callback service in the server, gRPC would poll half of the connections on threads of this
// name: see health_service.h.
TEST_F(HostTest, OnlyTheCallQueuePollsConnections) {
  Start(nullptr);
  ASSERT_TRUE(client_->ListTraitHistory(Deadline(), {}).ok());
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(thread.path() / "comm"), name);
    EXPECT_NE(name, "nexting_thread");
  }
}

TEST_F(HostTest, MetricsCountRpcsByMethodAndCode) {
  Start(nullptr);
  ASSERT_TRUE(client_->ListTraitHistory(Deadline(), {}).ok());
  const std::string metrics = Get("/metrics").body;
  EXPECT_NE(metrics.find("request_duration_seconds_count"), std::string::npos);
  EXPECT_NE(metrics.find("selfology.trait.v1.TraitService/ListTraitHistory"), std::string::npos);
}

TEST_F(HostTest, DrainLetsARunningCallFinish) {
  absl::Notification began, finish;
  probe_->on_list = [&](const Call&) {
    began.Notify();
    finish.WaitForNotification();
    return absl::OkStatus();
  };
  Start(nullptr);
  // From outside, as gRPC cuts in-process callers off at a shutdown.
  observe::Requests requests(nullptr, "rpc_client");
  const trait_v1::TraitServiceClient outside(
      rpc::Channel::Connect("probe", host().grpc_address(), requests));
  absl::Status result;
  std::thread caller([&] { result = outside.ListTraitHistory(Deadline(), {}).status(); });
  began.WaitForNotification();
  std::thread drainer([&] { host().Drain(); });
  Await("not ready", [&] { return !host().ready(); });
  finish.Notify();
  caller.join();
  drainer.join();
  EXPECT_TRUE(result.ok()) << result;
}

// As a handler does that asks another process, which asks this one.
TEST_F(HostTest, WhatHandlersInProgressMayNeedIsServedWhileDraining) {
  absl::Notification began, finish;
  probe_->serves_while_draining = true;
  Start([&](Mesh& mesh) {
    mesh.On<SessionCreated>([&](const SessionCreated&, events::Handling&) {
      began.Notify();
      finish.WaitForNotification();
      return absl::OkStatus();
    });
    return absl::OkStatus();
  });
  observe::Requests requests(nullptr, "rpc_client");
  const auto outside = rpc::Channel::Connect("probe", host().grpc_address(), requests);
  const mesh::v1::DeadLetterServiceClient others(outside);
  SessionCreated event;
  event.set_user_id(5);
  Publish(event);
  began.WaitForNotification();
  std::thread drainer([&] { host().Drain(); });
  Await("other contracts to be refused",
        [&] { return absl::IsUnavailable(others.ListDeadLetters(Deadline(), {}).status()); });
  const auto served = trait_v1::TraitServiceClient(outside).ListTraitHistory(Deadline(), {});
  EXPECT_TRUE(served.ok()) << served.status();
  finish.Notify();
  drainer.join();
}

// Each call stays until all are in, so each needs a thread of its own.
void AllAtOnce(const trait_v1::TraitServiceClient& client, Probe& probe, int calls,
               bool announced) {
  std::atomic<int> inside = 0;
  absl::Notification all_inside;
  probe.on_list = [&, announced, calls](const Call& call) {
    if (announced) EXPECT_TRUE(call.MayWait().ok());
    if (++inside == calls) all_inside.Notify();
    const bool met = all_inside.WaitForNotificationWithTimeout(call.Remaining());
    return met ? absl::OkStatus() : absl::DeadlineExceededError("alone");
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < calls; ++i) {
    callers.emplace_back([&client] {
      EXPECT_TRUE(client.ListTraitHistory(Call::Background(absl::Seconds(20)), {}).ok());
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST_F(HostTest, MethodsThatAnnounceTheirWaitingHoldUpNoOthers) {
  Start(nullptr);
  AllAtOnce(*client_, *probe_, 100, true);
  AllAtOnce(*client_, *probe_, 100, true);  // Now by threads that were parked.
}

TEST_F(HostTest, MethodsThatWaitUnannouncedAreNoticed) {
  Start(nullptr);
  AllAtOnce(*client_, *probe_, 6, false);
  AllAtOnce(*client_, *probe_, 6, false);
}

TEST_F(HostTest, AMethodSeesThatItsCallerHasGoneAway) {
  absl::Notification seen;
  probe_->on_list = [&](const Call& call) {
    EXPECT_TRUE(call.MayWait().ok());  // So that another thread hears of it.
    while (!call.Cancelled()) std::this_thread::yield();
    seen.Notify();
    return absl::CancelledError("nobody waits");
  };
  Start(nullptr);
  observe::Requests requests(nullptr, "rpc_client");
  const trait_v1::TraitServiceClient outside(
      rpc::Channel::Connect("probe", host().grpc_address(), requests));
  EXPECT_EQ(outside.ListTraitHistory(Call::Background(absl::Milliseconds(200)), {}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  seen.WaitForNotification();
}

}  // namespace
}  // namespace selfology::service
