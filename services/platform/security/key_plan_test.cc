#include "services/platform/security/key_plan.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace selfology::security {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'760'000'000);
const KeyRules kRules;

TEST(KeyPlanTest, TheFirstKeySignsAtOnce) {
  EXPECT_EQ(SigningAt({}, kStart), nullptr);
  EXPECT_EQ(NextSignsFrom({}, kStart, kRules), kStart);
  const std::vector<KeyTimes> keys = {{"a", kStart}};
  EXPECT_EQ(SigningAt(keys, kStart)->kid, "a");
  EXPECT_EQ(NextSignsFrom(keys, kStart, kRules), std::nullopt);
}

TEST(KeyPlanTest, AFutureKeyDoesNotSign) {
  const std::vector<KeyTimes> keys = {{"a", kStart}, {"b", kStart + kRules.life}};
  EXPECT_EQ(SigningAt(keys, kStart + kRules.life - absl::Seconds(1))->kid, "a");
  EXPECT_EQ(SigningAt(keys, kStart + kRules.life)->kid, "b");
  EXPECT_TRUE(IsPublished(keys, "b", kStart, kRules));
  EXPECT_FALSE(IsPublished(keys, "c", kStart, kRules));
}

TEST(KeyPlanTest, WhoComesLateStillGivesNotice) {
  const absl::Time late = kStart + 3 * kRules.life;
  EXPECT_EQ(NextSignsFrom({{"a", kStart}}, late, kRules), late + kRules.notice);
}

// A year, looked at every hour: at each moment a key signs, it was published for its notice before
// it did, and every token can be checked until it expires.
TEST(KeyPlanTest, AYearOfKeysLeavesNoTokenUnchecked) {
  std::vector<KeyTimes> keys;
  std::vector<absl::Time> made;
  struct Issued {
    std::string kid;
    absl::Time expires;
  };
  std::vector<Issued> issued;
  for (absl::Time now = kStart; now < kStart + absl::Hours(24 * 365); now += absl::Hours(1)) {
    if (const auto from = NextSignsFrom(keys, now, kRules)) {
      keys.push_back({absl::StrCat("k", keys.size()), *from});
      made.push_back(now);
    }
    const KeyTimes* const signing = SigningAt(keys, now);
    ASSERT_NE(signing, nullptr);
    const size_t index = static_cast<size_t>(signing - keys.data());
    if (index > 0) EXPECT_GE(signing->signs_from - made[index], kRules.notice);
    EXPECT_TRUE(IsPublished(keys, signing->kid, now, kRules));
    issued.push_back({signing->kid, now + kRules.longest_token});
    std::erase_if(issued, [&](const Issued& token) { return token.expires < now; });
    for (const Issued& token : issued) EXPECT_TRUE(IsPublished(keys, token.kid, now, kRules));
  }
  EXPECT_GE(keys.size(), 12);
  EXPECT_LE(keys.size(), 14);
  EXPECT_FALSE(IsPublished(keys, "k0", kStart + absl::Hours(24 * 365), kRules));
}

}  // namespace
}  // namespace selfology::security
