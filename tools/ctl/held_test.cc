#include "tools/ctl/held.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/edge/telegram_gateway/settings.h"
#include "testing/mesh_test.h"

namespace selfology::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// The gateway, without a bot and with a dialog that is not there: it handles nothing by itself.
class HeldTest : public testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(testing::Modules(telegram_gateway::MakeModule({.dialogs = {"garden"}})),
              [](service::Settings& settings) { settings.peers["garden"] = "127.0.0.1:1"; });
    Hold(11, /*user=*/7, /*parked=*/true);
    Hold(12, /*user=*/7, /*parked=*/false);
    Hold(13, /*user=*/8, /*parked=*/true);
  }
  void TearDown() override { StopMesh(); }

  void Hold(int64_t update, int64_t user, bool parked) {
    const absl::Status held =
        Gateway().Write(Deadline(), [&](postgres::Transaction& tx) -> absl::Status {
          return tx
              .Execute(
                  "INSERT INTO held_updates (bot_id, update_id, user_id, body, dialog, code, "
                  "reason,"
                  " rounds, due_at, held_at, parked) VALUES (1, $1, $2, '{\"text\": \"secret\"}',"
                  " 'garden', 'INTERNAL', 'broken', 1, now(), now(), $3)",
                  update, user, parked)
              .status();
        });
    ASSERT_TRUE(held.ok()) << held;
  }
  // Updates that are parked, or wait.
  int64_t Count(bool parked) {
    const auto row = Gateway().Read(Deadline(), [parked](postgres::Transaction& tx) {
      return tx.QueryOne<int64_t>("SELECT count(*) FROM held_updates WHERE parked = $1", parked);
    });
    return row.ok() ? std::get<0>(**row) : -1;
  }

  // What it prints, or its error.
  std::string Run(const std::string& command, const HeldFlags& flags = {}) {
    const std::string endpoints =
        absl::StrCat(R"({"telegram_gateway":{"grpc":")", host().grpc_address(), R"("}})");
    ::testing::internal::CaptureStdout();
    const absl::Status status = RunHeld(endpoints, {command}, flags);
    const std::string printed = ::testing::internal::GetCapturedStdout();
    return status.ok() ? printed : status.ToString();
  }

 private:
  postgres::Database& Gateway() { return DatabaseAs("selfology_telegram_gateway"); }
};

TEST_F(HeldTest, ListsThemWithoutWhatPeopleWrote) {
  EXPECT_THAT(Run("list"),
              AllOf(HasSubstr("11  user=7  PARKED   dialog=garden  rounds=1  INTERNAL broken\n"),
                    HasSubstr("12  user=7  WAITING"), HasSubstr("13  user=8  PARKED"),
                    Not(HasSubstr("secret"))));
  EXPECT_THAT(Run("list", {.user = 8}), AllOf(HasSubstr("13  user=8"), Not(HasSubstr("user=7"))));
  EXPECT_THAT(Run("list", {.updates = {"11", "12"}}),
              AllOf(HasSubstr("11  "), HasSubstr("12  "), Not(HasSubstr("13  "))));
}

TEST_F(HeldTest, ReplayLetsParkedOnesWait) {
  EXPECT_EQ(Run("replay", {.user = 8}), "1 updates will be tried again\n");
  EXPECT_EQ(Count(/*parked=*/false), 2);
  EXPECT_EQ(Run("replay"), "1 updates will be tried again\n");
  EXPECT_EQ(Count(/*parked=*/true), 0);
  EXPECT_EQ(Count(/*parked=*/false), 3);
}

TEST_F(HeldTest, DiscardTakesWaitingOnesOnlyWhenTold) {
  EXPECT_EQ(Run("discard", {.updates = {"12", "13"}}), "1 updates discarded\n");
  EXPECT_EQ(Run("discard"), "1 updates discarded\n");
  EXPECT_EQ(Count(/*parked=*/true), 0);
  EXPECT_EQ(Count(/*parked=*/false), 1);
  EXPECT_EQ(Run("discard", {.include_waiting = true}), "1 updates discarded\n");
  EXPECT_EQ(Count(/*parked=*/false), 0);
}

TEST_F(HeldTest, SaysWhatItDoesNotUnderstand) {
  EXPECT_THAT(Run("edit"), HasSubstr("held: list, replay or discard"));
  EXPECT_THAT(Run("list", {.updates = {"eleven"}}), HasSubstr("\"eleven\" is no update's number"));
  EXPECT_TRUE(absl::IsNotFound(RunHeld("{}", {"list"}, {})));
}

}  // namespace
}  // namespace selfology::ctl
