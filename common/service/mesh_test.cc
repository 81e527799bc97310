// What modules plug into the kernel.
#include "common/service/mesh.h"

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/idempotency/once.h"
#include "common/service/host_fixture_test.h"
#include "gmock/gmock.h"
#include "selfology/events/v1/onboarding.pb.h"

namespace selfology::service {
namespace {

using events::v1::SessionCreated;
using events::v1::SessionTimeout;
using testing::Modules;
namespace trait_v1 = ::selfology::trait::v1;

class ModuleTest : public HostFixture {};

TEST_F(ModuleTest, RequestsAreRememberedInATableOfTheKernelsAndForgottenInTime) {
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
TEST_F(ModuleTest, ModulesMayServeTheSameContract) {
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

TEST_F(ModuleTest, AnEventThatWasCommittedIsHandled) {
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

TEST_F(ModuleTest, EveryModuleThatWishesSeesAnEvent) {
  // Owned by the handlers, too: they may still be called after this body.
  struct Seen {
    std::atomic<int64_t> by_one = 0, by_two = 0;
    std::atomic<int> missed = 0;
  };
  const auto seen = std::make_shared<Seen>();
  const auto module = [seen](std::string_view name, std::atomic<int64_t> Seen::* by_it) {
    return std::make_unique<ProbeModule>(
        [seen, by_it](Mesh& mesh) {
          mesh.OnEverywhere<SessionCreated>(
              [seen, by_it](const SessionCreated& event) { (*seen).*by_it = event.session_id(); },
              [seen] { ++seen->missed; });
          return absl::OkStatus();
        },
        name);
  };
  StartMesh(Modules(module("one", &Seen::by_one), module("two", &Seen::by_two)));
  int64_t session = 0;
  // From some moment on: what is before it was missed.
  Await("both modules see an event", [&] {
    SessionCreated event;
    event.set_user_id(5);
    event.set_session_id(++session);
    Publish(event);
    return seen->by_one > 0 && seen->by_two > 0;
  });
  EXPECT_GE(seen->missed, 2);
}

absl::Status AnswerWith(int64_t session, const SessionCreated& event, events::Handling& handling) {
  SessionTimeout answer;
  answer.set_user_id(event.user_id());
  answer.set_session_id(session);
  return events::Publish(handling.tx(), answer);
}

absl::Status Answer(const SessionCreated& event, events::Handling& handling) {
  return AnswerWith(1, event, handling);
}

class Answers {
 public:
  explicit Answers(int64_t session) : session_(session) {}

  absl::Status Once(const SessionCreated& event, events::Handling& handling) const {
    return AnswerWith(session_, event, handling);
  }
  absl::Status Counted(const SessionCreated& event, events::Handling& handling) {
    ++session_;
    return Once(event, handling);
  }

 private:
  int64_t session_;
};

TEST_F(ModuleTest, HandlersAreFunctionsOrMethodsOfObjectsThatTheKernelKeeps) {
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

TEST_F(ModuleTest, ALoopIsToldToStop) {
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

TEST_F(ModuleTest, ATimerRunsEveryPeriod) {
  std::atomic<int> ticks = 0;
  Start([&](Mesh& mesh) {
    mesh.Every(absl::Milliseconds(200), "tick", [&](const Call&) {
      ++ticks;
      return absl::OkStatus();
    });
    return absl::OkStatus();
  });
  Await("three ticks", [&] { return ticks >= 3; });
  StopMesh();  // The timer uses what is of this test.
}

TEST_F(ModuleTest, ATickMayOutlastItsPeriodAndNoOtherRunsBesideIt) {
  std::atomic<int> ticks = 0;
  std::atomic<bool> running = false;
  absl::Duration had;
  absl::Notification begun, go;
  Start([&](Mesh& mesh) {
    mesh.Every(absl::Milliseconds(20), "slow", [&](const Call& call) {
      EXPECT_FALSE(running.exchange(true));
      if (ticks == 0) {
        had = call.Remaining();
        begun.Notify();
        go.WaitForNotification();
      }
      ++ticks;
      running = false;
      return absl::OkStatus();
    });
    return absl::OkStatus();
  });
  begun.WaitForNotification();
  EXPECT_GT(had, absl::Seconds(5));
  // Until when other replicas leave the turn to this one.
  const auto milliseconds = [&] {
    const auto left = redis().Command(Deadline(), {"PTTL", "selfology:turn:probe.slow"});
    return left.ok() ? left->Integer().value_or(0) : 0;
  };
  EXPECT_GT(milliseconds(), 5000);
  go.Notify();
  Await("the next ticks", [&] { return ticks >= 3; });
  Await("turns to be anybody's again", [&] { return milliseconds() <= 20; });
  StopMesh();
}

}  // namespace
}  // namespace selfology::service
