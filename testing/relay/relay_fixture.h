// For the relay's tests: a database with an outbox, a Redis, writers, and what came out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/events/envelope.h"
#include "common/observe/metrics.h"
#include "common/postgres/connection.h"
#include "common/redis/client.h"
#include "common/relay/relay.h"
#include "gtest/gtest.h"
#include "testing/servers/postgres_test.h"
#include "testing/servers/process.h"
#include "testing/servers/redis_server.h"

namespace selfology::relay {

inline Call Soon() { return Call::Background(absl::Seconds(60)); }

// True as soon as `condition` is; false when it is not within a generous time.
bool Eventually(const std::function<bool()>& condition, absl::Duration most = absl::Seconds(60));

// An entry of a stream. The payload of a test's event is its number among its user's events.
struct Delivered {
  int partition;
  events::EntryId id;
  events::Envelope event;
  int64_t number;
};

class RelayFixture : public servers::PostgresTest {
 protected:
  static constexpr int kPartitions = 4;

  void SetUp() override;
  void TearDown() override;

  virtual Preference preference() const { return Preference::kAuto; }
  Options DefaultOptions() const;
  std::unique_ptr<Relay> StartRelay() { return StartRelay(DefaultOptions()); }
  std::unique_ptr<Relay> StartRelay(const Options& options);
  // In a process of its own.
  std::unique_ptr<servers::Process> StartProcess();
  void AwaitMode(const Relay& relay, Mode mode);

  // SQL, as the superuser.
  void Sql(const std::string& sql);
  std::string SqlText(const std::string& sql);
  // Commits `events` more events of the user, in one transaction.
  void Emit(int64_t user, int events = 1);
  // Several threads commit transactions of `each` events until there are `events` in all; users'
  // events are numbered under their row locks.
  void EmitConcurrently(int threads, int transactions, int each, int users);

  redis::Reply Redis(const redis::Args& args);
  std::vector<Delivered> Entries();
  int64_t EntryCount();
  // Everything that was emitted is there, and each user's first appearances are in order.
  // Gives how many entries there are beyond one of each.
  int64_t ExpectAllInOrder();
  bool AllArrived();

  std::string database_url_;
  std::string slot_;
  std::unique_ptr<servers::ScratchFolder> redis_folder_;
  std::unique_ptr<servers::RedisServer> redis_server_;
  std::unique_ptr<redis::Client> redis_;
  std::unique_ptr<postgres::Connection> admin_;
  observe::Metrics metrics_;
  int64_t emitted_ = 0;
};

}  // namespace selfology::relay
