#include "services/platform/outbox_relay/erased_entries.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/postgres/connection.h"
#include "gmock/gmock.h"
#include "testing/relay/relay_fixture.h"

namespace selfology::outbox_relay {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class ErasedEntriesTest : public relay::RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    relay_ = StartRelay();
    database_ = *postgres::Database::Open({.url = database_url_, .role = "selfology_mesh"});
    entries_.emplace(database_->WithRole("selfology_mesh"), *redis_, kPartitions);
  }
  void TearDown() override {
    relay_.reset();
    database_.reset();
    RelayFixture::TearDown();
  }

  // The end of an erasure, as the kernel notes and publishes it.
  void EndErasure(int64_t user) {
    Sql(absl::StrCat("BEGIN; INSERT INTO selfology.redactions (user_id, erased_at) VALUES (", user,
                     ", clock_timestamp());"
                     "INSERT INTO selfology.outbox (id, type, partition_key, payload)"
                     " VALUES (selfology.uuid_at(now()), 'user.data.erased', ",
                     user, ", '0'); COMMIT"));
  }
  std::string Left(std::string_view what) {
    return SqlText(absl::StrCat("SELECT count(*)::text FROM selfology.", what));
  }
  // As the timer does, until nothing is left to do.
  void AwaitRemoved() {
    EXPECT_TRUE(relay::Eventually([&] {
      EXPECT_EQ(entries_->Remove(relay::Soon()), absl::OkStatus());
      return Left("redactions WHERE done_at IS NULL") == "0";
    }));
  }
  // How many entries each key has.
  std::map<int64_t, int> EntriesByKey() {
    std::map<int64_t, int> left;
    for (const relay::Delivered& entry : Entries()) ++left[entry.event.partition_key];
    return left;
  }

  std::unique_ptr<relay::Relay> relay_;
  std::unique_ptr<postgres::Database> database_;
  std::optional<ErasedEntries> entries_;
};

TEST_F(ErasedEntriesTest, TakesThePersonsEntriesOutWhateverTheirKey) {
  Emit(1, 450);
  Emit(2, 2);
  Sql("INSERT INTO selfology.outbox (id, type, partition_key, subject, payload)"
      " VALUES (selfology.uuid_at(now()), 'test.happened', -7, 1, '1')");
  EndErasure(1);
  ASSERT_TRUE(relay::Eventually([&] { return EntryCount() == 454; }));
  AwaitRemoved();
  // Of the first, what tells of the erasure.
  EXPECT_THAT(EntriesByKey(), ElementsAre(Pair(1, 1), Pair(2, 2)));
  EXPECT_EQ(Left("outbox WHERE redacted_at IS NOT NULL AND payload = ''"), "451");

  Emit(1, 1);
  ASSERT_TRUE(relay::Eventually([&] { return EntryCount() == 4; }));
  Sql("UPDATE selfology.redactions SET streams_done = 0, done_at = NULL");
  AwaitRemoved();
  EXPECT_THAT(EntriesByKey(), ElementsAre(Pair(1, 2), Pair(2, 2)))
      << "who comes back keeps what is new";
}

TEST_F(ErasedEntriesTest, WaitsForTransactionsThatBeganBefore) {
  Emit(1, 1);
  auto slow = postgres::Connection::Open(relay::Soon(), {.url = database_url_, .keywords = {}});
  ASSERT_TRUE(slow.ok()) << slow.status();
  ASSERT_EQ((*slow)->Script(relay::Soon(), "BEGIN; SELECT emit(1, 1)"), absl::OkStatus());
  EndErasure(1);
  ASSERT_TRUE(relay::Eventually([&] { return EntryCount() == 2; }));
  EXPECT_EQ(entries_->Remove(relay::Soon()), absl::OkStatus());
  EXPECT_EQ(Left("outbox WHERE redacted_at IS NOT NULL"), "0");
  EXPECT_EQ(EntryCount(), 2);
  ASSERT_EQ((*slow)->Script(relay::Soon(), "COMMIT"), absl::OkStatus());
  AwaitRemoved();
  EXPECT_THAT(EntriesByKey(), ElementsAre(Pair(1, 1)));
  EXPECT_EQ(Left("outbox WHERE redacted_at IS NOT NULL"), "2");
}

TEST_F(ErasedEntriesTest, AnEventThatWasRedactedBeforeTheRelayReadItHoldsNothingUp) {
  relay_.reset();
  relay::Options options = DefaultOptions();
  options.preference = relay::Preference::kSnapshot;
  relay_ = StartRelay(options);
  Emit(1, 1);
  auto slow = postgres::Connection::Open(relay::Soon(), {.url = database_url_, .keywords = {}});
  ASSERT_TRUE(slow.ok()) << slow.status();
  ASSERT_EQ((*slow)->Script(relay::Soon(),
                            "BEGIN; INSERT INTO selfology.outbox"
                            " (id, type, partition_key, payload, redacted_at)"
                            " VALUES (selfology.uuid_at(now()), 'test.happened', 1, '', now())"),
            absl::OkStatus());
  EndErasure(1);
  ASSERT_TRUE(relay::Eventually([&] { return EntryCount() == 2; }));
  ASSERT_EQ((*slow)->Script(relay::Soon(), "COMMIT"), absl::OkStatus());
  AwaitRemoved();
  EXPECT_THAT(EntriesByKey(), ElementsAre(Pair(1, 1)));
}

TEST_F(ErasedEntriesTest, GoesOnWhereItWasInterrupted) {
  Emit(1, 2);
  EndErasure(1);
  ASSERT_TRUE(relay::Eventually([&] { return EntryCount() == 3; }));
  redis_server_->Kill();
  EXPECT_TRUE(relay::Eventually([&] {
    entries_->Remove(Call::Background(absl::Seconds(2))).IgnoreError();
    return Left("redactions WHERE outbox_done_at IS NOT NULL") == "1";
  })) << "the outbox needs no Redis";
  ASSERT_EQ(redis_server_->Restart(), absl::OkStatus());
  AwaitRemoved();
  EXPECT_THAT(EntriesByKey(), ElementsAre(Pair(1, 1)));
}

TEST_F(ErasedEntriesTest, AfterAReplayTheStreamsAreLookedThroughOnceMore) {
  Emit(1, 2);
  EndErasure(1);
  ASSERT_TRUE(relay::Eventually([&] { return EntryCount() == 3; }));
  AwaitRemoved();
  const auto replayed = relay_->Replay(relay::Soon(), {});
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_EQ(*replayed, 1) << "what tells of the erasure";
  EXPECT_EQ(Left("redactions WHERE streams_done = 0 AND done_at IS NULL"), "1");
}

}  // namespace
}  // namespace selfology::outbox_relay
