#include "services/edge/telegram_gateway/routing/rate_limits.h"

#include <string>

#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::SizeIs;

TEST(RateClassOfTest, TapsAreCountedByThemselves) {
  EXPECT_EQ(RateClassOf(Words{"x"}), RateClass::kWords);
  EXPECT_EQ(RateClassOf(Command{"start"}), RateClass::kWords);
  EXPECT_EQ(RateClassOf(Edited{"x"}), RateClass::kWords);
  EXPECT_EQ(RateClassOf(NotText{}), RateClass::kWords);
  EXPECT_EQ(RateClassOf(Press{}), RateClass::kTaps);
  EXPECT_EQ(RateClassOf(Reacted{}), RateClass::kTaps);
  EXPECT_EQ(RateClassOf(Left{}), RateClass::kFree);
}

class RateLimitsTest : public GatewayTest {
 protected:
  void StartFast() {
    Start([](GatewaySettings& s) {
      s.pacing = {.chat = {.per_second = 1000, .burst = 1000},
                  .all = {.per_second = 1000, .burst = 1000}};
    });
  }
};

TEST_F(RateLimitsTest, GuardsSeeAllWordsAndTheOthersNoMoreThanThirty) {
  FakeDialog& lighthouse = AddGuard("lighthouse");
  lighthouse.Do([](FakeDialog& d) {
    d.react = [](const v1::ReactRequest& request) {
      v1::ReactResponse response;
      if (request.update().words() == "A storm comes.") {
        *response.mutable_reaction()->add_messages() = Saying("This way!");
        response.set_taken(true);
      }
      return response;
    };
  });
  StartFast();
  for (int i = 0; i < 35; ++i) Say("Fair weather.");
  Await("faster than I can read");
  Await("This way!", Say("A storm comes."));
  AwaitQuiet();
  EXPECT_THAT(lighthouse.Heard(), SizeIs(36));
  EXPECT_THAT(garden().Heard(), SizeIs(30));
  EXPECT_EQ(Rows("SELECT count(*) FROM handled_updates WHERE outcome = 'rate_limited'"), 5);
}

TEST_F(RateLimitsTest, ButtonsWorkForWhoWritesTooMuch) {
  garden().Do([](FakeDialog& d) {
    d.react = [](const v1::ReactRequest& request) {
      if (request.update().has_button()) return Answering({Saying("Watered.")});
      return Answering({Asking("Water it?", "Yes", "garden:yes")});
    };
  });
  StartFast();
  const Message prompt = Await("Water it?", Say("/start"));
  for (int i = 0; i < 31; ++i) Say("/help");
  Await("faster than I can read");
  Press(prompt, "Yes");
  Await("Watered.");
}

}  // namespace
}  // namespace selfology::telegram_gateway
