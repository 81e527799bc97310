#include "common/uuid/uuid.h"

#include <random>
#include <set>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/random/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::uuid {
namespace {

const absl::Time kNow = absl::FromUnixMillis(1'735'689'600'123);

TEST(UuidTest, TextAndBack) {
  const auto id = Uuid::Parse("018F4e6c-7a3b-7c1d-9e2f-0123456789aB");
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(id->ToString(), "018f4e6c-7a3b-7c1d-9e2f-0123456789ab");
  EXPECT_EQ(id->bytes()[0], 0x01);
  EXPECT_EQ(id->bytes()[15], 0xab);
  EXPECT_EQ(Uuid().ToString(), "00000000-0000-0000-0000-000000000000");
  EXPECT_TRUE(Uuid().nil());
}

TEST(UuidTest, RefusesWhatIsNoUuid) {
  for (const char* text :
       {"", "018f4e6c7a3b7c1d9e2f0123456789ab", "018f4e6c-7a3b-7c1d-9e2f-0123456789a",
        "018f4e6c-7a3b-7c1d-9e2f-0123456789abc", "018f4e6c-7a3b-7c1d-9e2f-0123456789ag",
        "018f4e6c07a3b-7c1d-9e2f-0123456789ab", "{18f4e6c-7a3b-7c1d-9e2f-0123456789a}"}) {
    EXPECT_EQ(Uuid::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(UuidTest, Version7HasVersionVariantAndTime) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const absl::Time now = kNow + absl::Milliseconds(absl::Uniform(random, -1'000'000, 1'000'000));
    const Uuid id = V7(now, random);
    EXPECT_EQ(id.version(), 7);
    EXPECT_EQ(id.bytes()[8] >> 6, 0b10);
    EXPECT_EQ(id.time(), now);
    EXPECT_EQ(Uuid::Parse(id.ToString()).value(), id);
  }
}

TEST(UuidTest, Version7MatchesTheExampleOfTheRfc) {
  // RFC 9562 A.6: 2022-02-22 14:22:22.000 -05:00 is 017F22E279B0.
  std::mt19937_64 random(1);
  const absl::Time time = absl::FromUnixMillis(0x017F22E279B0);
  EXPECT_THAT(V7(time, random).ToString(), ::testing::StartsWith("017f22e2-79b0-7"));
}

TEST(UuidTest, TimesThatDoNotFitAreTakenAsTheNearestThatDo) {
  std::mt19937_64 random(1);
  EXPECT_EQ(V7(absl::InfinitePast(), random).time(), absl::UnixEpoch());
  EXPECT_EQ(V7(absl::UnixEpoch() - absl::Hours(1), random).time(), absl::UnixEpoch());
  EXPECT_EQ(V7(absl::InfiniteFuture(), random).time(), absl::FromUnixMillis(0xffffffffffff));
}

TEST(SequenceTest, OnlyGoesUp) {
  std::mt19937_64 random(1);
  Sequence ids;
  Uuid last;
  absl::Time now = kNow;
  for (int i = 0; i < 100'000; ++i) {
    // Mostly the same millisecond; the clock sometimes steps back.
    if (absl::Bernoulli(random, 0.001)) now += absl::Milliseconds(absl::Uniform(random, -50, 60));
    const Uuid id = ids.Next(now, random);
    ASSERT_LT(last, id);
    EXPECT_EQ(id.version(), 7);
    EXPECT_EQ(id.bytes()[8] >> 6, 0b10);
    last = id;
  }
}

TEST(SequenceTest, FollowsTheClock) {
  std::mt19937_64 random(1);
  Sequence ids;
  EXPECT_EQ(ids.Next(kNow, random).time(), kNow);
  EXPECT_EQ(ids.Next(kNow + absl::Seconds(1), random).time(), kNow + absl::Seconds(1));
  EXPECT_EQ(ids.Next(kNow, random).time(), kNow + absl::Seconds(1)) << "must not go back";
}

TEST(SequenceTest, ThreadsGetDifferentIds) {
  constexpr int kThreads = 4, kEach = 5000;
  Sequence ids;
  std::vector<std::vector<Uuid>> made(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(7);  // The same in all: only the counter tells them apart.
      for (int i = 0; i < kEach; ++i) made[t].push_back(ids.Next(kNow, random));
    });
  }
  for (std::thread& thread : threads) thread.join();
  absl::flat_hash_set<Uuid> all;
  for (const auto& some : made) {
    EXPECT_TRUE(std::is_sorted(some.begin(), some.end()));
    all.insert(some.begin(), some.end());
  }
  EXPECT_EQ(all.size(), size_t{kThreads} * kEach);
}

}  // namespace
}  // namespace selfology::uuid
