#include "tools/telegram_emulator/faults.h"

#include <gtest/gtest.h>

#include <random>

namespace selfology::telegram_emulator {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

TEST(FaultsTest, HitTheCallsTheyAreMeantForAndAreUsedUp) {
  Faults faults;
  faults.Add({.method = "sendMessage", .user_id = 7, .times = 2, .error_code = 500});
  EXPECT_FALSE(faults.Take("getMe", 7).has_value());
  EXPECT_FALSE(faults.Take("sendMessage", 8).has_value());
  EXPECT_EQ(faults.Take("sendmessage", 7)->error_code, 500);
  EXPECT_TRUE(faults.Take("sendMessage", 7).has_value());
  EXPECT_FALSE(faults.Take("sendMessage", 7).has_value());
}

TEST(FaultsTest, TheOldestGoesFirst) {
  Faults faults;
  faults.Add({.error_code = 500});
  const int64_t second = faults.Add({.error_code = 502});
  faults.Add({.error_code = 429});
  EXPECT_EQ(faults.Take("getMe", 0)->error_code, 500);
  faults.Remove(second);
  EXPECT_EQ(faults.Take("getMe", 0)->error_code, 429);
}

TEST(FaultsTest, JsonIsCheckedStrictly) {
  const auto parse = [](const char* json) { return Fault::FromJson(*ParseJson(json)); };
  const auto fault =
      parse(R"({"method": "sendMessage", "error_code": 429, "delay_ms": 20, "after": true})");
  ASSERT_TRUE(fault.ok());
  EXPECT_EQ(fault->retry_after_s, 1);
  EXPECT_EQ(fault->times, 1);
  EXPECT_EQ(fault->delay, absl::Milliseconds(20));
  EXPECT_TRUE(fault->after);
  EXPECT_FALSE(parse(R"({"methods": "sendMessage"})").ok());
  EXPECT_FALSE(parse(R"({"times": "2"})").ok());
  EXPECT_FALSE(parse(R"({"times": 0})").ok());
  EXPECT_FALSE(parse(R"({"error_code": 200})").ok());
  EXPECT_FALSE(parse("[]").ok());
}

TEST(ChatRateTest, IsOffUnlessAskedFor) {
  ChatRate rate({});
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(rate.Wait(7, kNow), absl::ZeroDuration());
}

TEST(ChatRateTest, ABurstThenOneEachSecondForEachChat) {
  ChatRate rate({.per_second = 1, .burst = 2});
  EXPECT_EQ(rate.Wait(7, kNow), absl::ZeroDuration());
  EXPECT_EQ(rate.Wait(7, kNow), absl::ZeroDuration());
  EXPECT_EQ(rate.Wait(7, kNow), absl::Seconds(1));
  EXPECT_EQ(rate.Wait(8, kNow), absl::ZeroDuration());
  EXPECT_EQ(rate.Wait(7, kNow + absl::Seconds(1)), absl::ZeroDuration());
  EXPECT_EQ(rate.Wait(7, kNow + absl::Seconds(1)), absl::Seconds(1));
}

TEST(ChatRateTest, NeverLetsMoreThroughThanBurstAndRate) {
  std::mt19937 random(3);
  ChatRate rate({.per_second = 2, .burst = 5});
  absl::Time now = kNow;
  int sent = 0;
  for (int i = 0; i < 5'000; ++i) {
    now += absl::Milliseconds(random() % 400);
    const absl::Duration wait = rate.Wait(7, now);
    if (wait == absl::ZeroDuration()) {
      ++sent;
    } else if (random() % 2 == 0) {
      now += wait;
      EXPECT_EQ(rate.Wait(7, now), absl::ZeroDuration()) << "who waits as told gets through";
      ++sent;
    }
    EXPECT_LE(sent, 5 + 2 * absl::ToDoubleSeconds(now - kNow) + 1e-6);
  }
}

}  // namespace
}  // namespace selfology::telegram_emulator
