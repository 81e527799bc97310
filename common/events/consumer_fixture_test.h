// Consumers with a PostgreSQL and a Redis of their own, for tests.
//
//   TEST_F(ConsumerTest, ...) {
//     Add(Make(/*user=*/1, /*session=*/1));
//     const auto consumer = Make();
//     ASSERT_TRUE(consumer->Start().ok());
//     ASSERT_TRUE(AwaitEffects(1));
//   }
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "common/events/consumer.h"
#include "common/events/migrations.h"
#include "common/postgres/migrations.h"
#include "common/status/status_macros.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "testing/eventually.h"
#include "testing/servers/postgres_test.h"
#include "testing/servers/redis_test.h"

namespace selfology::events {

inline constexpr int kPartitions = 4;

inline Call TestCall() { return Call::Background(absl::Seconds(20)); }

// Streams are written to directly, in the relay's place; effects are rows of a table `effects`.
class ConsumerTest : public servers::PostgresTest {
 protected:
  void SetUp() override {
    constexpr std::string_view kEffects =
        "CREATE TABLE effects (n bigint GENERATED ALWAYS AS IDENTITY, user_id bigint, session_id "
        "bigint)";
    const postgres::Migration table[] = {{1, "0001_effects", kEffects}};
    ASSERT_TRUE(postgres::Migrate(TestCall(), url(), "mesh", Migrations(), "selfology_mesh").ok());
    const absl::Status migrated =
        postgres::Migrate(TestCall(), url(), "consumer_test", table, "selfology_consumer_test");
    ASSERT_TRUE(migrated.ok()) << migrated;
    database_ = *postgres::Database::Open({.url = url(), .role = "selfology_consumer_test"});
    redis_ = *redis::Client::Open(servers::TestRedis().url());
    ASSERT_TRUE(redis_->Command(TestCall(), {"FLUSHALL"}).ok());
    streams_ = std::make_unique<StreamReader>(*redis_, kPartitions);
  }

  static ConsumerOptions Settings(std::string replica, absl::Duration lease = absl::Seconds(2)) {
    ConsumerOptions options{.group = "group", .replica = std::move(replica)};
    options.lease = lease;
    options.backoff = {absl::Milliseconds(5), absl::Milliseconds(5)};
    return options;
  }

  std::unique_ptr<Consumer> Make(std::string replica = "a",
                                 absl::Duration lease = absl::Seconds(2)) {
    return Make(Settings(std::move(replica), lease));
  }
  std::unique_ptr<Consumer> Make(ConsumerOptions options) {
    auto consumer = std::make_unique<Consumer>(std::move(options), *streams_, *database_, metrics_);
    consumer->On<v1::SessionCreated>([this](const v1::SessionCreated& event, Handling& handling) {
      return Effect(event, handling);
    });
    return consumer;
  }

  absl::Status Effect(const v1::SessionCreated& event, Handling& handling) {
    if (before_effect_) RETURN_IF_ERROR(before_effect_(event));
    return handling.tx()
        .Execute("INSERT INTO effects (user_id, session_id) VALUES ($1, $2)", event.user_id(),
                 event.session_id())
        .status();
  }

  Envelope Make(int64_t user, int64_t session) {
    v1::SessionCreated event;
    event.set_user_id(user);
    event.set_session_id(session);
    return {.id = ids_.Next(absl::Now(), random_),
            .type = TypeOf<v1::SessionCreated>(),
            .partition_key = user,
            .occurred_at = absl::Now(),
            .traceparent = "",
            .trace_id = "",
            .producer = "test",
            .payload = event.SerializeAsString()};
  }

  void Add(const Envelope& envelope) {
    const int partition = PartitionOf(envelope.partition_key, kPartitions);
    redis::Args add{"XADD", StreamName(partition, kPartitions), absl::StrCat(++position_, "-1")};
    for (auto& [name, value] : EncodeEntry(envelope)) add.Add(name).Add(value);
    ASSERT_TRUE(redis_->Command(TestCall(), add).ok());
  }

  std::map<int64_t, std::vector<int64_t>> Effects() {
    const auto rows = database_->Read(TestCall(), [](postgres::Transaction& tx) {
      return tx.Query<int64_t, int64_t>("SELECT user_id, session_id FROM effects ORDER BY n");
    });
    std::map<int64_t, std::vector<int64_t>> effects;
    for (const auto& [user, session] : *rows) effects[user].push_back(session);
    return effects;
  }

  // Waits on the condition, asking the database again and again.
  template <typename Condition>
  bool Await(Condition condition) {
    return testing::Eventually(condition, absl::Seconds(30));
  }
  bool AwaitEffects(size_t count) {
    return Await([&] {
      size_t all = 0;
      for (const auto& [user, sessions] : Effects()) all += sessions.size();
      return all >= count;
    });
  }
  int64_t Count(std::string_view table) {
    return std::get<0>(**database_->Read(TestCall(), [&](postgres::Transaction& tx) {
      return tx.QueryOne<int64_t>(absl::StrCat("SELECT count(*) FROM ", table));
    }));
  }

  // That the effects were committed by.
  int64_t Transactions() {
    return std::get<0>(**database_->Read(TestCall(), [&](postgres::Transaction& tx) {
      return tx.QueryOne<int64_t>("SELECT count(DISTINCT xmin::text) FROM effects");
    }));
  }

  observe::Metrics metrics_;
  absl::BitGen random_;
  uuid::Sequence ids_;
  std::unique_ptr<postgres::Database> database_;
  std::unique_ptr<redis::Client> redis_;
  std::unique_ptr<StreamReader> streams_;
  std::atomic<uint64_t> position_ = 0;
  std::function<absl::Status(const v1::SessionCreated&)> before_effect_;
};

}  // namespace selfology::events
