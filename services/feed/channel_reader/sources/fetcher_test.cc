#include "services/feed/channel_reader/sources/fetcher.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feed/channel_reader/module.h"
#include "services/feed/channel_reader/store/host_store.h"
#include "testing/mesh_test.h"

namespace selfology::channel_reader {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class TurnsTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override { StartMesh(::selfology::testing::Modules(MakeModule())); }

  std::optional<store::Turn> Take(absl::Time now, absl::Duration patience) {
    const auto turn =
        DatabaseAs("selfology_channel_reader").Write(Deadline(), [&](postgres::Transaction& tx) {
          return store::TakeTurn(tx, "host", now, absl::Seconds(1), patience);
        });
    EXPECT_TRUE(turn.ok()) << turn.status();
    return turn.ok() ? *turn : std::nullopt;
  }
};

TEST_F(TurnsTest, ThereIsOneTurnASecondAndNobodyTakesOneTheyCannotWaitFor) {
  const absl::Duration patience = absl::Seconds(2);
  EXPECT_EQ(Take(kNow, patience)->at, kNow);
  EXPECT_EQ(Take(kNow, patience)->at, kNow + absl::Seconds(1));
  EXPECT_EQ(Take(kNow, patience)->at, kNow + absl::Seconds(2));
  EXPECT_FALSE(Take(kNow, patience).has_value());
  EXPECT_EQ(Take(kNow, absl::Seconds(3))->at, kNow + absl::Seconds(3));
  EXPECT_EQ(Take(kNow + absl::Hours(1), patience)->at, kNow + absl::Hours(1));
}

TEST_F(TurnsTest, AHostThatRefusesIsLeftAloneEverLonger) {
  Take(kNow, absl::ZeroDuration());
  const auto refuse = [&] {
    const absl::Status noted =
        DatabaseAs("selfology_channel_reader").Write(Deadline(), [&](postgres::Transaction& tx) {
          store::NoteRefusal(tx, "host", kNow, absl::Minutes(1));
          return absl::OkStatus();
        });
    EXPECT_TRUE(noted.ok()) << noted;
  };
  refuse();
  EXPECT_EQ(Take(kNow, absl::ZeroDuration())->refused_until, kNow + absl::Minutes(1));
  refuse();
  EXPECT_EQ(Take(kNow, absl::ZeroDuration())->refused_until, kNow + absl::Minutes(2));
  for (int i = 0; i < 20; ++i) refuse();
  EXPECT_EQ(Take(kNow, absl::ZeroDuration())->refused_until, kNow + absl::Hours(1));
}

}  // namespace
}  // namespace selfology::channel_reader
