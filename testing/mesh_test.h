// A room over the real thing: its module in a process of the mesh, with real PostgreSQL, Redis and
// relay.
//
//   class SessionTest : public testing::MeshTest {
//    protected:
//     void SetUp() override {
//       StartMesh(Modules(session::MakeModule()));
//       sessions_.emplace(Peer("session"));
//     }
//     std::optional<session::v1::SessionServiceClient> sessions_;
//   };
//   TEST_F(SessionTest, AnAnswerSentTwiceIsPublishedOnce) {
//     Publish(QuestionSelectedFor(user));                       // as another service would
//     AwaitHandled("session_management", 1);
//     auto first = sessions_->SubmitAnswer(Deadline(), request);
//     ...
//     EXPECT_THAT(Published<UserAnswerSubmitted>(), SizeIs(1));
//   }
//
// One server of each kind per test binary; a database of its own and an empty Redis per test.
// Waiting is on conditions, and gives up after kPatience with a failure that says what was waited
// for.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/events/event_type.h"
#include "common/events/outbox.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "common/relay/relay.h"
#include "common/rpc/channel.h"
#include "common/service/host.h"
#include "common/service/module.h"
#include "gtest/gtest.h"
#include "testing/servers/postgres_test.h"
#include "testing/servers/redis_test.h"

namespace selfology::testing {

inline constexpr absl::Duration kPatience = absl::Seconds(30);

using ModuleList = std::vector<std::unique_ptr<service::Module>>;

template <typename... Module>
ModuleList Modules(std::unique_ptr<Module>... modules) {
  ModuleList list;
  (list.push_back(std::move(modules)), ...);
  return list;
}

class MeshTest : public servers::PostgresTest {
 protected:
  ~MeshTest() override;

  // `adjust` may change the settings, for example the clock.
  void StartMesh(ModuleList modules,
                 const std::function<void(service::Settings&)>& adjust = nullptr);
  // Drains it; StartMesh may follow, on the same data.
  void StopMesh();

  service::Host& host() { return *host_; }
  redis::Client& redis() { return *redis_; }
  observe::Metrics& metrics() { return metrics_; }

  // For generated clients of the services started.
  std::shared_ptr<rpc::Channel> Peer(std::string_view name);

  // A call with patience.
  static Call Deadline() { return Call::Background(kPatience); }

  // The database as a service's role, or as the superuser with an empty role.
  postgres::Database& DatabaseAs(const std::string& role);

  // Commits an event as another service would, and returns.
  template <typename Event>
  void Publish(const Event& event) {
    PublishPayload(events::TypeOf<Event>(), events::KeyOf(event), event.SerializeAsString());
  }

  // What all services have published so far, oldest first.
  template <typename Event>
  std::vector<Event> Published() {
    std::vector<Event> events;
    for (const std::string& payload : PublishedPayloads(events::TypeOf<Event>())) {
      events.emplace_back().ParseFromString(payload);
    }
    return events;
  }

  // Waits until `count` events of the type that satisfy `wanted` were published; gives those.
  template <typename Event>
  std::vector<Event> AwaitPublished(
      size_t count = 1,
      const std::function<bool(const Event&)>& wanted = [](const Event&) { return true; }) {
    std::vector<Event> found;
    Await("publication of " + events::TypeOf<Event>(), [&] {
      found = Published<Event>();
      std::erase_if(found, [&](const Event& event) { return !wanted(event); });
      return found.size() >= count;
    });
    return found;
  }

  // Waits until the consumer group has handled so many events since the test began, those that it
  // parked included.
  void AwaitHandled(std::string_view group, size_t events);

  // Publishes again everything that the outbox has, as an operator's replay does; how many events.
  int64_t Republish();

  // Waits until the condition holds.
  void Await(std::string_view what, const std::function<bool()>& condition);

 private:
  void PublishPayload(const std::string& type, events::EventKey key, std::string payload);
  std::vector<std::string> PublishedPayloads(const std::string& type);

  observe::Metrics metrics_;
  observe::Requests calls_{&metrics_, "test_client"};
  std::unique_ptr<postgres::Database> database_;
  std::map<std::string, std::unique_ptr<postgres::Database>> databases_;
  std::unique_ptr<redis::Client> redis_;
  std::unique_ptr<service::Host> host_;
  std::unique_ptr<relay::Relay> relay_;
};

}  // namespace selfology::testing
