#include "services/edge/telegram_gateway/bot_settings.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

GatewaySettings With(std::string more_bots) {
  return {.token = "42:first-secret",
          .more_bots = std::move(more_bots),
          .dialogs = {"garden", "orchard", "meadow", "lighthouse"}};
}

TEST(BotsOfTest, OneBotHasAllDialogs) {
  const auto bots = BotsOf(With(""));
  ASSERT_TRUE(bots.ok()) << bots.status();
  ASSERT_THAT(*bots, SizeIs(1));
  EXPECT_EQ(bots->front().id, 42);
  EXPECT_THAT(bots->front().dialogs, ElementsAre("garden", "orchard", "meadow", "lighthouse"));
  // Without a token nothing is sent, and all else runs.
  GatewaySettings without = With("");
  without.token.clear();
  EXPECT_EQ(BotsOf(without)->front().id, 0);
}

TEST(BotsOfTest, TheFirstHasWhatNoOtherHas) {
  const auto bots = BotsOf(With("43:s3=meadow+orchard, 44:s4=lighthouse"));
  ASSERT_TRUE(bots.ok()) << bots.status();
  ASSERT_THAT(*bots, SizeIs(3));
  EXPECT_THAT((*bots)[0].dialogs, ElementsAre("garden"));
  EXPECT_EQ((*bots)[1].id, 43);
  EXPECT_EQ((*bots)[1].token, "43:s3");
  EXPECT_THAT((*bots)[1].dialogs, ElementsAre("meadow", "orchard"));
  EXPECT_THAT((*bots)[2].dialogs, ElementsAre("lighthouse"));
  EXPECT_FALSE(IsOfSeveral(*bots, "lighthouse"));
}

TEST(BotsOfTest, OneMayBeListedForSeveral) {
  const auto bots = BotsOf(With("42=lighthouse,43:s3=orchard+lighthouse"));
  ASSERT_TRUE(bots.ok()) << bots.status();
  EXPECT_THAT((*bots)[0].dialogs, ElementsAre("garden", "meadow", "lighthouse"));
  EXPECT_THAT((*bots)[1].dialogs, ElementsAre("orchard", "lighthouse"));
  EXPECT_TRUE(IsOfSeveral(*bots, "lighthouse"));
  EXPECT_FALSE(IsOfSeveral(*bots, "garden"));
}

TEST(BotsOfTest, SaysWhatIsWrongAndNoToken) {
  const auto refusal = [](std::string more_bots) {
    const absl::Status status = BotsOf(With(std::move(more_bots))).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
    return std::string(status.message());
  };
  EXPECT_THAT(refusal("43:secret=orchard,secret=meadow"), HasSubstr("entry 2 must begin"));
  EXPECT_THAT(refusal("43=orchard"), HasSubstr("entry 1 must begin with a token"));
  EXPECT_THAT(refusal("43:secret"), HasSubstr("bot 43: must have dialogs"));
  EXPECT_THAT(refusal("43:secret="), HasSubstr("bot 43: must have dialogs"));
  EXPECT_THAT(refusal("43:secret=desert"), HasSubstr("bot 43: \"desert\" is no dialog"));
  EXPECT_THAT(refusal("43:secret=orchard+orchard"), HasSubstr("\"orchard\" is there twice"));
  EXPECT_THAT(refusal("43:secret=orchard,43:other-secret=meadow"),
              HasSubstr("bot 43: is there twice"));
  EXPECT_THAT(refusal("43:secret=garden+orchard+meadow+lighthouse"),
              HasSubstr("bot 42: no dialog is left"));
  GatewaySettings without = With("43:secret=orchard");
  without.token.clear();
  EXPECT_THAT(std::string(BotsOf(without).status().message()),
              HasSubstr("needs telegram_bot_token"));
}

TEST(BotsOfTest, ChecksTheMeshsDialogs) {
  GatewaySettings settings = With("");
  settings.dialogs.clear();
  EXPECT_THAT(std::string(BotsOf(settings).status().message()), HasSubstr("there must be one"));
  settings.dialogs = {"garden", "garden"};
  EXPECT_THAT(std::string(BotsOf(settings).status().message()), HasSubstr("is there twice"));
}

}  // namespace
}  // namespace selfology::telegram_gateway
