#include "common/rpc/contract.h"

#include "common/call/call.h"
#include "common/rpc/channel.h"
#include "common/rpc/probe/probe_service.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace selfology::rpc {
namespace {

using ::testing::SizeIs;

const ServiceContract& Probe() {
  static const auto& contract = *new ServiceContract("selfology.rpc.probe.v1.ProbeService");
  return contract;
}

TEST(ContractTest, SaysWhatTheProtoFileSays) {
  ASSERT_THAT(Probe().methods(), SizeIs(4));
  const MethodContract& look = Probe().method(0);
  EXPECT_EQ(look.name, "selfology.rpc.probe.v1.ProbeService/Look");
  EXPECT_EQ(look.path, "/selfology.rpc.probe.v1.ProbeService/Look");
  EXPECT_EQ(look.deadline, absl::Milliseconds(200));
  EXPECT_EQ(Probe().method(1).deadline, std::nullopt) << "no option";
  EXPECT_EQ(Probe().method(2).deadline, std::nullopt) << "unlimited";
}

TEST(ContractTest, TheServiceConfigHasItToo) {
  const auto config = nlohmann::json::parse(ServiceConfig(Probe().descriptor()));
  EXPECT_TRUE(config["loadBalancingConfig"][0].contains("round_robin"));
  const auto& methods = config["methodConfig"];
  ASSERT_THAT(methods, SizeIs(4));
  EXPECT_EQ(methods[0]["name"][0]["service"], "selfology.rpc.probe.v1.ProbeService");
  EXPECT_EQ(methods[0]["name"][0]["method"], "Look");
  EXPECT_EQ(methods[0]["timeout"], "0.200s");
  EXPECT_EQ(methods[0]["retryPolicy"]["retryableStatusCodes"][0], "UNAVAILABLE");
  EXPECT_FALSE(methods[1].contains("timeout"));
  EXPECT_FALSE(methods[1].contains("retryPolicy")) << "whether it may be repeated is not said";
}

TEST(DeadlineTest, TheContractBoundsOnlyACallWhoseDeadlineWasChosenForOtherWork) {
  const absl::Time now = absl::Now();
  const MethodContract& look = Probe().method(0);
  const Call chosen(now + absl::Seconds(10), {});
  EXPECT_EQ(DeadlineOf(chosen, look, now), now + absl::Seconds(10));
  const Call inherited = chosen.BoundedByContracts();
  EXPECT_EQ(DeadlineOf(inherited, look, now), now + absl::Milliseconds(200));
  EXPECT_EQ(DeadlineOf(inherited, Probe().method(1), now), now + absl::Seconds(10));
  const Call nearly_over = Call(now + absl::Milliseconds(50), {}).BoundedByContracts();
  EXPECT_EQ(DeadlineOf(nearly_over, look, now), now + absl::Milliseconds(50));
  EXPECT_GT(DeadlineOf(inherited.WithTimeout(absl::Seconds(3)), look, now),
            now + absl::Milliseconds(2900))
      << "asked for";
}

}  // namespace
}  // namespace selfology::rpc
