#include "services/platform/outbox_relay/erased_entries.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/postgres/connection.h"
#include "common/timestamps/timestamp.h"
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

  // The event of an erasure that ends now, as the kernel publishes it.
  void PublishErased(int64_t user) {
    event_.set_user_id(user);
    *event_.mutable_erased_at() = timestamps::ToProto(absl::Now());
    envelope_.id = *uuid::Uuid::Parse("018f4e6c-7a3b-7c1d-9e2f-0123456789ab");
    Sql(absl::StrCat("INSERT INTO selfology.outbox (id, type, partition_key, payload) VALUES ('",
                     envelope_.id.ToString(), "', 'user.data.erased', ", user, ", '0')"));
  }
  absl::Status Remove() {
    const Call call = relay::Soon();
    events::Handling handling(*database_, call, "outbox_relay", envelope_);
    return entries_->Remove(event_, handling);
  }
  // The relay's own transactions may be open for a moment.
  void AwaitRemoved() {
    EXPECT_TRUE(relay::Eventually([&] { return Remove().ok(); })) << Remove();
  }
  // How many entries each key has.
  std::map<int64_t, int> Left() {
    std::map<int64_t, int> left;
    for (const relay::Delivered& entry : Entries()) ++left[entry.event.partition_key];
    return left;
  }

  std::unique_ptr<relay::Relay> relay_;
  std::unique_ptr<postgres::Database> database_;
  std::optional<ErasedEntries> entries_;
  events::v1::UserDataErased event_;
  events::Envelope envelope_;
};

TEST_F(ErasedEntriesTest, TakesThePersonsEntriesOutWhateverTheirKey) {
  Emit(1, 450);
  Emit(2, 2);
  Sql("INSERT INTO selfology.outbox (id, type, partition_key, subject, payload)"
      " VALUES (selfology.uuid_at(now()), 'test.happened', -7, 1, '1')");
  PublishErased(1);
  ASSERT_TRUE(relay::Eventually([&] { return EntryCount() == 454; }));
  AwaitRemoved();
  // Of the first, what tells of the erasure.
  EXPECT_THAT(Left(), ElementsAre(Pair(1, 1), Pair(2, 2)));
  EXPECT_EQ(SqlText("SELECT count(*)::text FROM selfology.outbox WHERE redacted_at IS NOT NULL"
                    " AND payload = ''"),
            "451");
  AwaitRemoved();

  Emit(1, 1);
  ASSERT_TRUE(relay::Eventually([&] { return EntryCount() == 4; }));
  AwaitRemoved();
  EXPECT_THAT(Left(), ElementsAre(Pair(1, 2), Pair(2, 2))) << "who comes back keeps what is new";
}

TEST_F(ErasedEntriesTest, WaitsForTransactionsThatBeganBefore) {
  auto slow = postgres::Connection::Open(relay::Soon(), {.url = database_url_, .keywords = {}});
  ASSERT_TRUE(slow.ok()) << slow.status();
  ASSERT_EQ((*slow)->Script(relay::Soon(), "BEGIN; SELECT emit(1, 1)"), absl::OkStatus());
  PublishErased(1);
  ASSERT_TRUE(relay::Eventually([&] { return EntryCount() == 1; }));
  EXPECT_TRUE(absl::IsUnavailable(Remove()));
  ASSERT_EQ((*slow)->Script(relay::Soon(), "COMMIT"), absl::OkStatus());
  ASSERT_TRUE(relay::Eventually([&] { return EntryCount() == 2; }));
  AwaitRemoved();
  EXPECT_THAT(Left(), ElementsAre(Pair(1, 1)));
}

}  // namespace
}  // namespace selfology::outbox_relay
