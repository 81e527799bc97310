#include "common/events/broadcast.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/events/envelope.h"
#include "common/events/event_type.h"
#include "common/redis/client.h"
#include "common/uuid/uuid.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "testing/eventually.h"
#include "testing/servers/redis_test.h"

namespace selfology::events {
namespace {

using ::testing::IsEmpty;

constexpr int kPartitions = 4;
constexpr absl::Duration kPatience = absl::Seconds(30);

Call TestCall() { return Call::Background(kPatience); }

// What a process holds: a reader and what it saw.
class Process {
 public:
  explicit Process(const std::string& url)
      : redis_(*redis::Client::Open(url)), streams_(*redis_, kPartitions), broadcast_(streams_) {
    broadcast_.On<v1::SessionCreated>(
        [this](const v1::SessionCreated& event) {
          if (before_) before_();
          absl::MutexLock lock(&mutex_);
          sessions_.push_back(event.session_id());
        },
        [this] { ++missed_; });
  }

  void Start() { broadcast_.Start(); }
  void Stop() { broadcast_.Stop(); }
  void Before(std::function<void()> before) { before_ = std::move(before); }

  std::vector<int64_t> sessions() const {
    absl::MutexLock lock(&mutex_);
    return sessions_;
  }
  bool AwaitSession(int64_t session) const {
    return testing::Eventually(
        [&] {
          absl::MutexLock lock(&mutex_);
          return std::count(sessions_.begin(), sessions_.end(), session) > 0;
        },
        kPatience);
  }
  int missed() const { return missed_; }

 private:
  const std::unique_ptr<redis::Client> redis_;
  StreamReader streams_;
  std::function<void()> before_;
  mutable absl::Mutex mutex_;
  std::vector<int64_t> sessions_ ABSL_GUARDED_BY(mutex_);
  std::atomic<int> missed_ = 0;
  Broadcast broadcast_;
};

class BroadcastTest : public servers::RedisTest {
 protected:
  void SetUp() override {
    servers::RedisTest::SetUp();
    redis_ = *redis::Client::Open(url());
  }

  void Add(int64_t session, int64_t user = 1) {
    v1::SessionCreated event;
    event.set_user_id(user);
    event.set_session_id(session);
    Add({.id = ids_.Next(absl::Now(), random_),
         .type = TypeOf<v1::SessionCreated>(),
         .partition_key = user,
         .occurred_at = absl::Now(),
         .traceparent = "",
         .trace_id = "",
         .producer = "test",
         .payload = event.SerializeAsString()});
  }
  void Add(const Envelope& envelope) {
    const int partition = PartitionOf(envelope.partition_key, kPartitions);
    redis::Args add{"XADD", StreamName(partition, kPartitions), absl::StrCat(++position_, "-1")};
    for (auto& [name, value] : EncodeEntry(envelope)) add.Add(name).Add(value);
    ASSERT_TRUE(redis_->Command(TestCall(), add).ok());
  }
  // Publishes events until the process sees one: then it has its place, and is past all before.
  void AwaitSeeing(Process& process) {
    ASSERT_TRUE(testing::Eventually(
        [&] {
          Add(++probe_);
          return !process.sessions().empty();
        },
        kPatience));
  }

  std::unique_ptr<redis::Client> redis_;
  absl::BitGen random_;
  uuid::Sequence ids_;
  uint64_t position_ = 0;
  int64_t probe_ = 1'000'000;
};

TEST_F(BroadcastTest, EveryProcessSeesEveryEvent) {
  Process one(url()), other(url());
  one.Start();
  other.Start();
  AwaitSeeing(one);
  AwaitSeeing(other);
  for (int64_t session = 1; session <= 100; ++session) Add(session, /*user=*/session);
  for (int64_t session = 1; session <= 100; ++session) {
    EXPECT_TRUE(one.AwaitSession(session)) << session;
    EXPECT_TRUE(other.AwaitSession(session)) << session;
  }
}

TEST_F(BroadcastTest, OneUsersEventsComeInTheirOrder) {
  Process process(url());
  process.Start();
  AwaitSeeing(process);
  for (int64_t session = 1; session <= 50; ++session) Add(session);
  ASSERT_TRUE(process.AwaitSession(50));
  std::vector<int64_t> sessions = process.sessions();
  std::erase_if(sessions, [](int64_t session) { return session > 50; });
  EXPECT_EQ(sessions.size(), 50);
  EXPECT_TRUE(std::is_sorted(sessions.begin(), sessions.end()));
}

TEST_F(BroadcastTest, BeginsNowAndSaysThatItMissedWhatWasBefore) {
  Add(1);
  Process process(url());
  EXPECT_EQ(process.missed(), 0);
  process.Start();
  AwaitSeeing(process);
  Add(2);
  ASSERT_TRUE(process.AwaitSession(2));
  EXPECT_THAT(process.sessions(), ::testing::Not(::testing::Contains(1)));
  EXPECT_GE(process.missed(), 1);
}

TEST_F(BroadcastTest, OtherTypesAreNotItsBusiness) {
  Process process(url());
  process.Start();
  AwaitSeeing(process);
  const size_t before = process.sessions().size();
  Envelope other{.id = ids_.Next(absl::Now(), random_),
                 .type = "session.completed",
                 .partition_key = 1,
                 .occurred_at = absl::Now(),
                 .traceparent = "",
                 .trace_id = "",
                 .producer = "test",
                 .payload = "not even a message"};
  Add(other);
  other.type = TypeOf<v1::SessionCreated>();
  Add(other);  // Malformed.
  Add(1);
  ASSERT_TRUE(process.AwaitSession(1));
  // Of the probes some may still have been on their way.
  EXPECT_EQ(process.sessions().back(), 1);
  EXPECT_GE(process.sessions().size(), before + 1);
}

TEST_F(BroadcastTest, AnEmptiedRedisIsNoticed) {
  Process process(url());
  process.Start();
  AwaitSeeing(process);
  const int missed = process.missed();
  ASSERT_TRUE(redis_->Command(TestCall(), {"FLUSHALL"}).ok());
  EXPECT_TRUE(testing::Eventually([&] { return process.missed() > missed; }, kPatience));
  // The relay goes on with higher ids.
  Add(1);
  EXPECT_TRUE(process.AwaitSession(1));
}

TEST_F(BroadcastTest, AnEmptiedRedisIsNoticedAlsoWhenItIsFilledAtOnce) {
  Process process(url());
  process.Start();
  AwaitSeeing(process);
  for (int64_t session = 1; session <= 20; ++session) Add(session);
  ASSERT_TRUE(process.AwaitSession(20));
  const int before = process.missed();
  ASSERT_TRUE(redis_->Command(TestCall(), {"FLUSHALL"}).ok());
  Add(21);
  ASSERT_TRUE(process.AwaitSession(21));
  EXPECT_TRUE(testing::Eventually([&] { return process.missed() > before; }, kPatience));
}

TEST_F(BroadcastTest, ARestartedRedisIsNoticed) {
  Process process(url());
  process.Start();
  AwaitSeeing(process);
  const int missed = process.missed();
  ASSERT_TRUE(server().Restart().ok());
  EXPECT_TRUE(testing::Eventually([&] { return process.missed() > missed; }, kPatience));
  Add(1);
  EXPECT_TRUE(process.AwaitSession(1));
}

TEST_F(BroadcastTest, WithoutRedisItSaysMissedAndBeginsLater) {
  ASSERT_TRUE(server().Stop().ok());
  Process process(url());
  process.Start();
  EXPECT_TRUE(testing::Eventually([&] { return process.missed() >= 1; }, kPatience));
  const int missed = process.missed();
  ASSERT_TRUE(server().Restart().ok());
  EXPECT_TRUE(testing::Eventually([&] { return process.missed() > missed; }, kPatience));
  AwaitSeeing(process);
}

TEST_F(BroadcastTest, TrimmedEntriesThatItDidNotReadAreMissed) {
  Process process(url());
  process.Start();
  AwaitSeeing(process);
  const int missed = process.missed();
  // An entry that is gone before anybody could read it, as if this process had been slow.
  const std::string stream = StreamName(PartitionOf(1, kPartitions), kPartitions);
  position_ += 10;
  redis::Batch batch;
  batch.Add({"MULTI"})
      .Add({"XADD", stream, absl::StrCat(position_, "-1"), "type", "session.created"})
      .Add({"XDEL", stream, absl::StrCat(position_, "-1")})
      .Add({"EXEC"});
  ASSERT_TRUE(redis_->Pipeline(TestCall(), batch).ok());
  EXPECT_TRUE(testing::Eventually([&] { return process.missed() > missed; }, kPatience));
}

// Or what reads its state again would do so for ever.
TEST_F(BroadcastTest, WhatWasMissedIsSaidOnce) {
  Process process(url());
  process.Start();
  AwaitSeeing(process);
  const auto info_calls = [&] {
    const auto reply = redis_->Command(TestCall(), {"INFO", "commandstats"});
    const std::string text(*reply->String());
    const size_t at = text.find("cmdstat_xinfo|stream:calls=");
    return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + 27);
  };
  ASSERT_TRUE(redis_->Command(TestCall(), {"FLUSHALL"}).ok());
  const int missed = process.missed();
  EXPECT_TRUE(testing::Eventually([&] { return process.missed() > missed; }, kPatience));
  const int calls = info_calls();
  const int said = process.missed();
  // Two more looks at all streams.
  EXPECT_TRUE(
      testing::Eventually([&] { return info_calls() >= calls + 3 * kPartitions; }, kPatience));
  EXPECT_LE(process.missed(), said + 1) << "what the look under way at FLUSHALL noticed";
}

TEST_F(BroadcastTest, ASlowHandlerHoldsUpNobodyElse) {
  absl::Notification go_on;
  Process slow(url());
  slow.Before([&] { go_on.WaitForNotification(); });
  Process other(url());
  slow.Start();
  other.Start();
  AwaitSeeing(other);
  Add(1);
  EXPECT_TRUE(other.AwaitSession(1));
  EXPECT_THAT(slow.sessions(), IsEmpty());
  go_on.Notify();
}

TEST_F(BroadcastTest, StopsWhileEventsWait) {
  absl::Notification began, go_on;
  Process process(url());
  process.Before([&] {
    if (!began.HasBeenNotified()) began.Notify();
    go_on.WaitForNotification();
  });
  process.Start();
  ASSERT_TRUE(testing::Eventually(
      [&] {
        Add(++probe_);
        return began.HasBeenNotified();
      },
      kPatience));
  for (int64_t session = 1; session <= 10; ++session) Add(session);
  go_on.Notify();
  process.Stop();
  process.Stop();
}

}  // namespace
}  // namespace selfology::events
