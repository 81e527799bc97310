#include "common/service/host.h"

#include <pthread.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/http/client.h"
#include "common/idempotency/once.h"
#include "common/service/mesh.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/mesh/v1/dead_letter_service_client.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/trait/v1/trait_service_client.h"
#include "selfology/trait/v1/trait_service_endpoints.h"
#include "testing/mesh_test.h"

namespace selfology::service {
namespace {

using events::v1::SessionCreated;
using events::v1::SessionTimeout;
using testing::MeshTest;
using testing::Modules;
namespace trait_v1 = ::selfology::trait::v1;

// Answers what it is told to, after what it is told to wait for.
class Probe : public trait_v1::TraitServiceEndpoints {
 public:
  std::function<absl::Status(const Call&)> on_list = [](const Call&) { return absl::OkStatus(); };

  std::function<bool(const trait_v1::ListTraitHistoryRequest&)> serves = nullptr;
  bool serves_while_draining = false;

  bool Serves(const google::protobuf::Message& request) const override {
    return serves == nullptr ||
           serves(dynamic_cast<const trait_v1::ListTraitHistoryRequest&>(request));
  }
  bool ServesWhileDraining() const override { return serves_while_draining; }

  absl::StatusOr<trait_v1::ListTraitHistoryResponse> ListTraitHistory(
      const Call& call, const trait_v1::ListTraitHistoryRequest&) override {
    RETURN_IF_ERROR(on_list(call));
    return trait_v1::ListTraitHistoryResponse();
  }
  absl::StatusOr<trait_v1::GetTraitPatternsResponse> GetTraitPatterns(
      const Call&, const trait_v1::GetTraitPatternsRequest&) override {
    return status::InvalidField("user_id", "must be positive");
  }
  absl::StatusOr<trait_v1::GetTraitEvolutionResponse> GetTraitEvolution(
      const Call&, const trait_v1::GetTraitEvolutionRequest&) override {
    return status::Error(mesh::v1::ERROR_CODE_PROFILE_NOT_FOUND, "nobody");
  }
  absl::StatusOr<trait_v1::DeleteUserDataResponse> DeleteUserData(
      const Call&, const trait_v1::DeleteUserDataRequest&) override {
    return trait_v1::DeleteUserDataResponse();
  }
};

class ProbeModule : public Module {
 public:
  explicit ProbeModule(std::function<absl::Status(Mesh&)> start, std::string_view name = "probe")
      : start_(std::move(start)), name_(name) {}
  ModuleInfo info() const override {
    return {.name = name_,
            .group = "probe_group",
            .requests_table = name_ == "probe" ? "probe_requests" : ""};
  }
  absl::Status Start(Mesh& mesh) override { return start_(mesh); }

 private:
  std::function<absl::Status(Mesh&)> start_;
  const std::string_view name_;
};

class HostTest : public MeshTest {
 protected:
  void Start(std::function<absl::Status(Mesh&)> start) {
    StartMesh(Modules(std::make_unique<ProbeModule>([this, start = std::move(start)](Mesh& mesh) {
      mesh.Serve(probe_);
      return start ? start(mesh) : absl::OkStatus();
    })));
    client_.emplace(Peer("probe"));
  }

  http::ClientResponse Get(const std::string& path) {
    const auto response =
        http_.Send(Deadline(), {.url = absl::StrCat("http://", host().http_address(), path)});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(http::ClientResponse{});
  }
  nlohmann::json GetJson(const std::string& path) {
    return nlohmann::json::parse(Get(path).body, nullptr, false);
  }

  std::shared_ptr<Probe> probe_ = std::make_shared<Probe>();
  std::optional<trait_v1::TraitServiceClient> client_;
  http::Client http_{{}};
};

TEST_F(HostTest, ErrorsCrossTheWireWithTheirDetails) {
  Start(nullptr);
  const absl::Status invalid = client_->GetTraitPatterns(Deadline(), {}).status();
  EXPECT_EQ(invalid.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status::Violations(invalid),
              ::testing::ElementsAre(status::FieldViolation{"user_id", "must be positive"}));
  EXPECT_EQ(status::Reason(client_->GetTraitEvolution(Deadline(), {}).status()),
            "PROFILE_NOT_FOUND");
}

TEST_F(HostTest, RequestsAreRememberedInATableOfTheKernelsAndForgottenInTime) {
  Mesh* mesh = nullptr;
  const auto start = [&](Mesh& given) {
    mesh = &given;
    return absl::OkStatus();
  };
  Start(start);
  const absl::Time now = absl::Now();
  const auto remember = [&](std::string_view key, absl::Time at) {
    return mesh->database().Write(Deadline(), [&](postgres::Transaction& tx) {
      idempotency::Remember(
          tx, {.table = "probe_requests", .user_id = 5, .rpc = "Send", .key = key, .now = at},
          "response");
      return absl::OkStatus();
    });
  };
  ASSERT_TRUE(remember("old", now - idempotency::kMemory - absl::Minutes(1)).ok());
  ASSERT_TRUE(remember("young", now).ok());
  StopMesh();
  Start(start);
  const auto keys = mesh->database().Read(Deadline(), [](postgres::Transaction& tx) {
    return tx.Query<std::string>("SELECT key FROM probe_requests");
  });
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_THAT(*keys, ::testing::ElementsAre(std::tuple<std::string>("young")));

  const auto erased = mesh->EraseUser(Deadline(), 5);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(*erased, 1);
}

// In one process and over a socket.
TEST_F(HostTest, ModulesMayServeTheSameContract) {
  const auto module = [](std::string_view name, int64_t user_id, int& calls) {
    auto probe = std::make_shared<Probe>();
    probe->serves = [user_id](const auto& request) { return request.user_id() == user_id; };
    probe->on_list = [&calls](const Call&) {
      ++calls;
      return absl::OkStatus();
    };
    return std::make_unique<ProbeModule>(
        [probe](Mesh& mesh) {
          mesh.Serve(probe);
          return absl::OkStatus();
        },
        name);
  };
  int ones = 0, twos = 0;
  StartMesh(Modules(module("one", 1, ones), module("two", 2, twos)));
  observe::Requests requests(nullptr, "test_client");
  const auto list = [&](int64_t user_id) {
    for (const auto& channel :
         {Peer("one"), rpc::Channel::Connect("two", host().grpc_address(), requests)}) {
      const trait_v1::TraitServiceClient client(channel);
      trait_v1::ListTraitHistoryRequest request;
      request.set_user_id(user_id);
      EXPECT_TRUE(client.ListTraitHistory(Deadline(), request).ok()) << user_id;
    }
  };
  list(1);
  EXPECT_EQ(ones, 2);
  EXPECT_EQ(twos, 0);
  list(2);
  EXPECT_EQ(ones, 2);
  EXPECT_EQ(twos, 2);
  list(3);
  EXPECT_EQ(ones, 4) << "the first of those that do not serve it";
  EXPECT_EQ(twos, 2);
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

TEST_F(HostTest, AnEventCommittedIsHandledOnItsTrace) {
  std::atomic<int64_t> session = 0;
  Start([&](Mesh& mesh) {
    mesh.On<SessionCreated>([&](const SessionCreated& event, events::Handling& handling) {
      session = event.session_id();
      SessionTimeout answer;
      answer.set_user_id(event.user_id());
      return events::Publish(handling.tx(), answer);
    });
    return absl::OkStatus();
  });
  SessionCreated event;
  event.set_user_id(5);
  event.set_session_id(77);
  Publish(event);
  AwaitPublished<SessionTimeout>();
  EXPECT_EQ(session, 77);
}

absl::Status Answer(const SessionCreated& event, events::Handling& handling) {
  SessionTimeout answer;
  answer.set_user_id(event.user_id());
  answer.set_session_id(1);
  return events::Publish(handling.tx(), answer);
}

class Answers {
 public:
  explicit Answers(int64_t session) : session_(session) {}

  absl::Status Once(const SessionCreated& event, events::Handling& handling) const {
    SessionTimeout answer;
    answer.set_user_id(event.user_id());
    answer.set_session_id(session_);
    return events::Publish(handling.tx(), answer);
  }
  absl::Status Counted(const SessionCreated& event, events::Handling& handling) {
    ++session_;
    return Once(event, handling);
  }

 private:
  int64_t session_;
};

TEST_F(HostTest, HandlersAreFunctionsOrMethodsOfObjectsThatTheKernelKeeps) {
  Start([](Mesh& mesh) {
    const auto answers = std::make_shared<Answers>(2);
    mesh.On(&Answer);
    mesh.On(answers, &Answers::Once, "once");
    mesh.On(std::make_shared<Answers>(2), &Answers::Counted, "counted");
    return absl::OkStatus();
  });
  SessionCreated event;
  event.set_user_id(5);
  Publish(event);
  std::vector<int64_t> sessions;
  for (const SessionTimeout& answer : AwaitPublished<SessionTimeout>(3)) {
    sessions.push_back(answer.session_id());
  }
  EXPECT_THAT(sessions, ::testing::UnorderedElementsAre(1, 2, 3));
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

TEST_F(HostTest, MethodsThatSayThatTheyWaitHoldUpNobody) {
  Start(nullptr);
  AllAtOnce(*client_, *probe_, 100, true);
  AllAtOnce(*client_, *probe_, 100, true);  // Now by threads that were parked.
}

TEST_F(HostTest, MethodsThatWaitWithoutAWordAreNoticed) {
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

TEST_F(HostTest, ALoopIsToldToStop) {
  std::atomic<bool> stopped = false;
  Start([&](Mesh& mesh) {
    mesh.Run("a_loop_of_the_module", [&](StopSignal& stop) {
      char name[16] = "";
      pthread_getname_np(pthread_self(), name, sizeof name);
      EXPECT_STREQ(name, "a_loop_of_the_m") << "as `top -H` shows it";
      while (!stop.WaitFor(absl::Hours(1))) {
      }
      stopped = true;
    });
    return absl::OkStatus();
  });
  StopMesh();
  EXPECT_TRUE(stopped);
}

TEST_F(HostTest, ATimerRunsOncePerPeriodInTheWholeMesh) {
  std::atomic<int> ticks = 0;
  const auto start = [&](Mesh& mesh) {
    mesh.Every(absl::Milliseconds(200), "tick", [&](const Call&) {
      ++ticks;
      return absl::OkStatus();
    });
    return absl::OkStatus();
  };
  Start(start);
  Await("three ticks", [&] { return ticks >= 3; });
}

}  // namespace
}  // namespace selfology::service
