#include "services/edge/telegram_gateway/routing/dialog_gate.h"

#include <optional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "services/edge/telegram_gateway/routing/failure_policy.h"

namespace selfology::telegram_gateway {
namespace {

class DialogGateTest : public ::testing::Test {
 protected:
  absl::Status Call(const absl::Status& result, bool had_its_time = true) {
    auto permit = gate_.Enter();
    if (!permit.ok()) return permit.status();
    std::move(*permit).Finish(result, had_its_time);
    return result;
  }

  absl::Time now_ = absl::UnixEpoch();
  DialogGate gate_{"garden", /*most=*/2, [this] { return now_; }, nullptr};
};

TEST_F(DialogGateTest, OneThatHangsIsNotCalledButForATrial) {
  const absl::Status hung = absl::DeadlineExceededError("");
  for (int i = 0; i < DialogGate::kTimeouts; ++i) EXPECT_EQ(Call(hung), hung);
  EXPECT_TRUE(gate_.away());
  absl::Status refused = Call(absl::OkStatus());
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_TRUE(WasNotAsked(refused));
  EXPECT_FALSE(WasCrowded(refused));
  now_ += absl::Seconds(6);
  EXPECT_EQ(Call(hung), hung);
  EXPECT_TRUE(WasNotAsked(Call(absl::OkStatus()))) << "the trial failed";
  now_ += absl::Seconds(11);
  EXPECT_EQ(Call(absl::OkStatus()), absl::OkStatus());
  EXPECT_EQ(Call(absl::OkStatus()), absl::OkStatus());
  EXPECT_FALSE(gate_.away());
}

TEST_F(DialogGateTest, ACallerInAHurryAndWhatFailsFastOpenNothing) {
  for (int i = 0; i < 3 * DialogGate::kTimeouts; ++i) {
    EXPECT_FALSE(WasNotAsked(Call(absl::DeadlineExceededError(""), /*had_its_time=*/false)));
    EXPECT_FALSE(gate_.away());
  }
  for (int i = 0; i < 3 * DialogGate::kTimeouts; ++i) {
    EXPECT_FALSE(WasNotAsked(Call(absl::UnavailableError("down"))));
  }
  EXPECT_TRUE(gate_.away());
  EXPECT_EQ(gate_.answers(), 0);
  // It refuses this, so it is there.
  EXPECT_TRUE(absl::IsInternal(Call(absl::InternalError("bad soil"))));
  EXPECT_FALSE(gate_.away());
  EXPECT_EQ(gate_.answers(), 1);
  EXPECT_EQ(gate_.served(), 0);
  EXPECT_TRUE(Call(absl::OkStatus()).ok());
  EXPECT_EQ(gate_.answers(), 2);
  EXPECT_EQ(gate_.served(), 1);
}

TEST_F(DialogGateTest, SoManyCallsAtATime) {
  std::vector<DialogGate::Permit> running;
  for (int i = 0; i < 2; ++i) running.push_back(*gate_.Enter());
  const absl::Status refused = gate_.Enter().status();
  EXPECT_TRUE(WasCrowded(refused)) << refused;
  EXPECT_TRUE(gate_.Enter(DialogGate::Limit::kNone).ok()) << "others see to that";
  running.pop_back();
  EXPECT_TRUE(gate_.Enter().ok());
}

}  // namespace
}  // namespace selfology::telegram_gateway
