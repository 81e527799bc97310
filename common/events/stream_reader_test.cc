#include "common/events/stream_reader.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/redis_test.h"

namespace selfology::events {
namespace {

using ::testing::ElementsAre;

constexpr int kPartitions = 2;

Call TestCall() { return Call::Background(absl::Seconds(20)); }

// Keeps the positions that it was given, each once, as a consumer does.
class Recorder final : public StreamReader::Follower {
 public:
  explicit Recorder(StreamReader& streams) : streams_(streams) {}
  ~Recorder() override { Leave(); }

  void Leave() {
    streams_.Leave(*this);
    absl::MutexLock lock(&mutex_);
    following_ = false;
  }
  void Follow(int partition = 0) { streams_.Follow({{partition, last()}}, *this); }
  void Following(int) override {
    absl::MutexLock lock(&mutex_);
    following_ = true;
  }
  StreamReader::Taken Take(int, absl::Span<const StreamEntry> entries) override {
    absl::MutexLock lock(&mutex_);
    if (!following_) return StreamReader::Taken::kNoLonger;
    Note(entries);
    if (positions_.size() < most_) return StreamReader::Taken::kWanted;
    following_ = false;
    return StreamReader::Taken::kNoLonger;
  }
  // By itself, until the reader has no more than it.
  void CatchUp() {
    while (!following()) {
      ASSERT_TRUE(streams_
                      .Read(TestCall(), {{0, last()}},
                            [&](int, absl::Span<const StreamEntry> entries) {
                              absl::MutexLock lock(&mutex_);
                              Note(entries);
                            })
                      .ok());
      Follow();
    }
  }
  void StopAfter(size_t more) {
    absl::MutexLock lock(&mutex_);
    most_ = positions_.size() + more;
  }
  std::vector<uint64_t> positions() const {
    absl::MutexLock lock(&mutex_);
    return positions_;
  }
  std::vector<uint64_t> AwaitUpTo(uint64_t position) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return last_.position >= position;
    };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(20)));
    return positions_;
  }
  bool following() const {
    absl::MutexLock lock(&mutex_);
    return following_;
  }
  EntryId last() const {
    absl::MutexLock lock(&mutex_);
    return last_;
  }

 private:
  void Note(absl::Span<const StreamEntry> entries) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (const StreamEntry& entry : entries) {
      if (entry.id() <= last_) continue;
      last_ = entry.id();
      positions_.push_back(entry.id().position);
      EXPECT_EQ(*entry.type(), absl::StrCat("type.", entry.id().position));
      EXPECT_FALSE(entry.envelope().ok()) << "of our entries it has the type only";
    }
  }

  StreamReader& streams_;
  mutable absl::Mutex mutex_;
  bool following_ ABSL_GUARDED_BY(mutex_) = false;
  size_t most_ ABSL_GUARDED_BY(mutex_) = 1'000'000;
  EntryId last_ ABSL_GUARDED_BY(mutex_);
  std::vector<uint64_t> positions_ ABSL_GUARDED_BY(mutex_);
};

class StreamReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    redis_ = *redis::Client::Open(servers::TestRedis().url());
    ASSERT_TRUE(redis_->Command(TestCall(), {"FLUSHALL"}).ok());
    streams_ = std::make_unique<StreamReader>(*redis_, kPartitions);
  }
  void Add(uint64_t position) {
    ASSERT_TRUE(redis_
                    ->Command(TestCall(), {"XADD", StreamName(0, kPartitions),
                                           EntryId{.position = position, .n = 1}.ToString(), "type",
                                           absl::StrCat("type.", position)})
                    .ok());
  }
  static std::vector<uint64_t> UpTo(uint64_t last) {
    std::vector<uint64_t> all;
    for (uint64_t position = 1; position <= last; ++position) all.push_back(position);
    return all;
  }

  std::unique_ptr<redis::Client> redis_;
  std::unique_ptr<StreamReader> streams_;
};

TEST_F(StreamReaderTest, GivesEachEntryToAllWhoFollow) {
  Recorder early(*streams_), late(*streams_), elsewhere(*streams_);
  Add(1);
  early.Follow();
  elsewhere.Follow(/*partition=*/1);
  EXPECT_THAT(early.AwaitUpTo(1), ElementsAre(1));
  streams_->Follow({{0, early.last()}}, late);
  EXPECT_TRUE(late.following());
  Add(2);
  Add(3);
  EXPECT_THAT(early.AwaitUpTo(3), ElementsAre(1, 2, 3));
  EXPECT_THAT(late.AwaitUpTo(3), ElementsAre(2, 3));
  EXPECT_THAT(elsewhere.positions(), ElementsAre());
}

TEST_F(StreamReaderTest, WhoIsBehindTheOthersReadsByItselfFirst) {
  Recorder ahead(*streams_), behind(*streams_);
  Add(1);
  ahead.Follow();
  ahead.AwaitUpTo(1);
  behind.Follow();
  EXPECT_FALSE(behind.following()) << "it would never be given the first entry";
  behind.CatchUp();
  Add(2);
  EXPECT_THAT(behind.AwaitUpTo(2), ElementsAre(1, 2));
  EXPECT_THAT(ahead.AwaitUpTo(2), ElementsAre(1, 2));
}

TEST_F(StreamReaderTest, NobodyMissesAnythingWhileOthersComeAndGo) {
  constexpr uint64_t kEntries = 3'000;
  Recorder always(*streams_);
  always.Follow();
  std::atomic<bool> done = false;
  std::vector<std::thread> visitors;
  for (int i = 0; i < 3; ++i) {
    visitors.emplace_back([&] {
      Recorder faithful(*streams_);
      while (!done) {
        // Each begins at the beginning, and stops by itself or is taken away.
        Recorder once(*streams_);
        once.StopAfter(20);
        once.CatchUp();
        once.Leave();
        EXPECT_EQ(once.positions(), UpTo(once.positions().size()));
        // Comes back to where it was.
        faithful.StopAfter(50);
        faithful.CatchUp();
        faithful.Leave();
      }
      faithful.StopAfter(kEntries);
      faithful.CatchUp();
      EXPECT_EQ(faithful.AwaitUpTo(kEntries), UpTo(kEntries));
    });
  }
  for (uint64_t position = 1; position <= kEntries; ++position) Add(position);
  EXPECT_EQ(always.AwaitUpTo(kEntries), UpTo(kEntries));
  done = true;
  for (std::thread& visitor : visitors) visitor.join();
}

TEST_F(StreamReaderTest, WhenRedisHasLostEntriesAllMeetAtTheNext) {
  Recorder before(*streams_), after(*streams_);
  before.Follow();
  Add(1);
  Add(2);
  EXPECT_THAT(before.AwaitUpTo(2), ElementsAre(1, 2));
  ASSERT_TRUE(redis_->Command(TestCall(), {"DEL", StreamName(0, kPartitions)}).ok());
  after.Follow();
  EXPECT_FALSE(after.following());
  // The relay gives higher ids than ever before.
  Add(3);
  after.CatchUp();
  Add(4);
  EXPECT_THAT(after.AwaitUpTo(4), ElementsAre(3, 4));
  EXPECT_THAT(before.AwaitUpTo(4), ElementsAre(1, 2, 3, 4));
}

TEST_F(StreamReaderTest, WhoHasHadEnoughMayComeBackToWhereItStopped) {
  Recorder follower(*streams_), other(*streams_);
  follower.StopAfter(1);
  follower.Follow();
  Add(1);
  EXPECT_THAT(follower.AwaitUpTo(1), ElementsAre(1));
  Add(2);
  Add(3);
  follower.StopAfter(10);
  follower.Follow();
  EXPECT_THAT(follower.AwaitUpTo(3), ElementsAre(1, 2, 3));
  follower.Leave();
  Add(4);
  streams_->Follow({{0, follower.last()}}, other);
  EXPECT_THAT(other.AwaitUpTo(4), ElementsAre(4));
  EXPECT_THAT(follower.positions(), ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace selfology::events
