#include "services/platform/security/api_keys.h"

#include <string>

#include "gtest/gtest.h"

namespace selfology::security {
namespace {

crypto::Sealer TheSealer() { return *crypto::Sealer::Of(std::string(32, 'k')); }

TEST(ApiKeysTest, AKeyComesBackFromItsText) {
  const ApiKeyText key = MakeApiKey(TheSealer(), 7, "first");
  const auto shown = ParseApiKey(ToText(key));
  ASSERT_TRUE(shown.has_value());
  EXPECT_EQ(shown->id, key.id);
  EXPECT_EQ(shown->secret, key.secret);
}

TEST(ApiKeysTest, IsTheSameForTheSameRequestOnly) {
  const ApiKeyText key = MakeApiKey(TheSealer(), 7, "first");
  EXPECT_EQ(ToText(MakeApiKey(TheSealer(), 7, "first")), ToText(key));
  const ApiKeyText others[] = {MakeApiKey(TheSealer(), 8, "first"),
                               MakeApiKey(TheSealer(), 7, "second"),
                               MakeApiKey(*crypto::Sealer::Of(std::string(32, 'l')), 7, "first")};
  for (const ApiKeyText& other : others) {
    EXPECT_NE(other.id, key.id);
    EXPECT_NE(other.secret, key.secret);
  }
}

TEST(ApiKeysTest, WhatHasAnotherFormIsNoKey) {
  const std::string text = ToText(MakeApiKey(TheSealer(), 7, "first"));
  EXPECT_FALSE(ParseApiKey("").has_value());
  EXPECT_FALSE(ParseApiKey("sk_").has_value());
  EXPECT_FALSE(ParseApiKey(text + "x").has_value());
  EXPECT_FALSE(ParseApiKey(text.substr(1)).has_value());
  std::string other = text;
  other[3] = 'z';
  EXPECT_FALSE(ParseApiKey(other).has_value());
  other = text;
  other[27] = '-';
  EXPECT_FALSE(ParseApiKey(other).has_value());
}

}  // namespace
}  // namespace selfology::security
