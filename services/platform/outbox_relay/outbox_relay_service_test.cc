#include "services/platform/outbox_relay/outbox_relay_service.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "testing/relay/relay_fixture.h"

namespace selfology::outbox_relay {
namespace {

using ::testing::SizeIs;

class OutboxRelayServiceTest : public relay::RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    relay_ = StartRelay();
    service_ = std::make_unique<OutboxRelayService>(relay_, *redis_, kPartitions);
  }
  void TearDown() override {
    service_.reset();
    relay_.reset();
    RelayFixture::TearDown();
  }

  std::shared_ptr<relay::Relay> relay_;
  std::unique_ptr<OutboxRelayService> service_;
};

TEST_F(OutboxRelayServiceTest, StatusTellsHowRelayAndGroupsAreDoing) {
  AwaitMode(*relay_, relay::Mode::kLogicalDecoding);
  Emit(1, 3);
  ASSERT_TRUE(relay::Eventually([&] { return AllArrived(); }));
  const std::string stream = events::StreamName(events::PartitionOf(1, kPartitions), kPartitions);
  Redis({"XGROUP", "CREATE", stream, "readers", "0"});
  ASSERT_TRUE(relay::Eventually([&] { return relay_->status().pending_events == 0; }));

  const auto response = service_->GetStatus(relay::Soon(), {});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status().mode(), v1::RELAY_MODE_LOGICAL_DECODING);
  EXPECT_EQ(response->status().published_total(), 3);
  EXPECT_EQ(response->status().pending_events(), 0);
  EXPECT_EQ(response->status().partitions(), kPartitions);
  EXPECT_EQ(response->status().last_error(), "");
  ASSERT_THAT(response->group_lags(), SizeIs(1));
  EXPECT_EQ(response->group_lags(0).consumer_group(), "readers");
  EXPECT_EQ(response->group_lags(0).stream(), stream);
  EXPECT_EQ(response->group_lags(0).entries(), 3);
}

TEST_F(OutboxRelayServiceTest, StatusAnswersWithoutRedis) {
  redis_server_->Kill();
  const auto response = service_->GetStatus(relay::Soon(), {});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_NE(response->status().last_error(), "");
  ASSERT_EQ(redis_server_->Restart(), absl::OkStatus());
}

TEST_F(OutboxRelayServiceTest, ReplaysAndRefuses) {
  Emit(1, 3);
  Emit(2, 4);
  ASSERT_TRUE(relay::Eventually([&] { return AllArrived(); }));

  v1::ReplayEventsRequest request;
  auto response = service_->ReplayEvents(relay::Soon(), request);
  ASSERT_THAT(status::Violations(response.status()), SizeIs(1));
  EXPECT_EQ(status::Violations(response.status())[0].field, "start_time");

  *request.mutable_start_time() = timestamps::ToProto(absl::Now() - absl::Hours(1));
  *request.mutable_end_time() = timestamps::ToProto(absl::Now() - absl::Hours(2));
  EXPECT_TRUE(absl::IsInvalidArgument(service_->ReplayEvents(relay::Soon(), request).status()));

  request.clear_end_time();
  request.mutable_filter()->set_user_id(2);
  response = service_->ReplayEvents(relay::Soon(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->replayed(), 4);
}

TEST_F(OutboxRelayServiceTest, RefusesFiltersThatNoEventCanFit) {
  Emit(1, 1);
  ASSERT_TRUE(relay::Eventually([&] { return AllArrived(); }));
  v1::ReplayEventsRequest request;
  *request.mutable_start_time() = timestamps::ToProto(absl::Now() - absl::Hours(1));
  const auto refused = [&](const std::string& field) {
    const auto violations =
        status::Violations(service_->ReplayEvents(relay::Soon(), request).status());
    return violations.size() == 1 && violations[0].field == field;
  };
  const std::string nul("a\0b", 3);
  for (const bool dry_run : {true, false}) {
    request.set_dry_run(dry_run);
    request.mutable_filter()->add_types(nul);
    EXPECT_TRUE(refused("filter.types[0]"));
    request.mutable_filter()->clear_types();
    request.mutable_filter()->set_trace_id(nul);
    EXPECT_TRUE(refused("filter.trace_id"));
    request.mutable_filter()->set_trace_id(std::string(101, 'a'));
    EXPECT_TRUE(refused("filter.trace_id"));
    request.mutable_filter()->clear_trace_id();
    for (int i = 0; i < 101; ++i) request.mutable_filter()->add_types("a");
    EXPECT_TRUE(refused("filter.types"));
    request.mutable_filter()->clear_types();
    request.mutable_filter()->set_user_id(-1);
    EXPECT_TRUE(refused("filter.user_id"));
    request.mutable_filter()->clear_user_id();
    EXPECT_EQ(service_->ReplayEvents(relay::Soon(), request)->replayed(), 1);
  }
}

TEST_F(OutboxRelayServiceTest, AWatchThatEndsSaysWhyAndNotWhereRedisIs) {
  const Call brief = Call::Background(absl::Milliseconds(300));
  const auto nobody = [](const Watched&) { return true; };
  EXPECT_EQ(Watch(brief, *redis_, kPartitions, {}, nobody),
            absl::DeadlineExceededError("the caller's deadline has passed"));
  redis_server_->Kill();
  const absl::Status away = Watch(relay::Soon(), *redis_, kPartitions, {}, nobody);
  EXPECT_TRUE(absl::IsUnavailable(away)) << away;
  EXPECT_EQ(away.message(), "the event streams cannot be read");
  ASSERT_EQ(redis_server_->Restart(), absl::OkStatus());
}

TEST_F(OutboxRelayServiceTest, WatchShowsWhatFits) {
  Emit(1, 2);
  Emit(2, 2);
  ASSERT_TRUE(relay::Eventually([&] { return AllArrived(); }));
  std::vector<Watched> seen;
  const WatchFilter filter{.user_id = 1, .start = absl::Now() - absl::Hours(1)};
  ASSERT_EQ(Watch(relay::Soon(), *redis_, kPartitions, filter,
                  [&](const Watched& one) {
                    seen.push_back(one);
                    return seen.size() < 2;
                  }),
            absl::OkStatus());
  ASSERT_THAT(seen, SizeIs(2));
  const v1::WatchEventsResponse proto = ToProto(seen[1]);
  EXPECT_EQ(proto.event().payload(), "2");
  EXPECT_EQ(proto.event().partition_key(), 1);
  EXPECT_EQ(proto.payload_json(), "") << "the catalogue does not know the type";
  EXPECT_EQ(proto.stream(), events::StreamName(events::PartitionOf(1, kPartitions), kPartitions));
  EXPECT_EQ(proto.entry_id(), seen[1].id.ToString());
}

TEST_F(OutboxRelayServiceTest, WatchFollowsWhatComesUntilTheCallerLeaves) {
  Emit(1, 1);
  ASSERT_TRUE(relay::Eventually([&] { return AllArrived(); }));
  std::atomic<bool> gone = false;
  const Call call(absl::Now() + absl::Minutes(1), {}, [&] { return gone.load(); });
  absl::Mutex mutex;
  std::vector<std::string> seen;
  absl::Status ended;
  std::thread watcher([&] {
    ended = Watch(call, *redis_, kPartitions, {}, [&](const Watched& one) {
      absl::MutexLock lock(&mutex);
      seen.push_back(one.event.payload);
      return true;
    });
  });
  // Until it watches, events of other users may come and go.
  int64_t other = 100;
  EXPECT_TRUE(relay::Eventually([&] {
    Emit(++other);
    absl::MutexLock lock(&mutex);
    return !seen.empty();
  }));
  Emit(1, 1);
  EXPECT_TRUE(relay::Eventually([&] {
    absl::MutexLock lock(&mutex);
    return seen.back() == "2";
  }));
  gone = true;
  watcher.join();
  EXPECT_TRUE(absl::IsCancelled(ended)) << ended;
}

TEST_F(OutboxRelayServiceTest, AWatchTellsTrimmedEntriesFromErasedOnes) {
  Emit(1, 2500);
  ASSERT_TRUE(relay::Eventually([&] { return AllArrived(); }));
  const std::string stream = events::StreamName(events::PartitionOf(1, kPartitions), kPartitions);
  const std::vector<relay::Delivered> entries = Entries();
  ASSERT_THAT(entries, SizeIs(2500));
  const WatchFilter filter{.start = absl::Now() - absl::Hours(1)};
  // `meanwhile` happens when the watcher has seen what it read first.
  const auto watch = [&](const redis::Args& meanwhile) {
    int seen = 0;
    return Watch(relay::Soon(), *redis_, kPartitions, filter, [&](const Watched& watched) {
      if (++seen == 500) Redis(meanwhile);
      return watched.event.payload != "2400";
    });
  };
  redis::Args erase{"XDEL", stream};
  for (int i = 0; i < 600; ++i) erase.Add(entries[i].id.ToString());
  const std::string left = entries[1500].id.ToString();
  EXPECT_EQ(watch(erase), absl::OkStatus());
  EXPECT_TRUE(absl::IsResourceExhausted(watch({"XTRIM", stream, "MINID", left})));
}

TEST(WatchFilterTest, FitsWhenEveryFieldDoes) {
  events::Envelope event{.id = {},
                         .type = "a",
                         .partition_key = 5,
                         .occurred_at = absl::FromUnixSeconds(100),
                         .traceparent = "",
                         .trace_id = "t",
                         .producer = "",
                         .payload = ""};
  EXPECT_TRUE(WatchFilter{}.Fits(event));
  EXPECT_TRUE((WatchFilter{.user_id = 5, .types = {"b", "a"}, .trace_id = "t"}).Fits(event));
  EXPECT_FALSE((WatchFilter{.user_id = 6}).Fits(event));
  EXPECT_FALSE((WatchFilter{.types = {"b"}}).Fits(event));
  EXPECT_FALSE((WatchFilter{.trace_id = "u"}).Fits(event));
  EXPECT_TRUE((WatchFilter{.start = absl::FromUnixSeconds(100)}).Fits(event));
  EXPECT_FALSE((WatchFilter{.start = absl::FromUnixSeconds(101)}).Fits(event));
}

}  // namespace
}  // namespace selfology::outbox_relay
