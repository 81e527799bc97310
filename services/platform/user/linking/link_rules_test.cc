#include "services/platform/user/linking/link_rules.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::user {
namespace {

TEST(LinkRulesTest, TheIdThatHasDataStays) {
  EXPECT_EQ(DecideLink(false, true), LinkDecision::kKeepTelegram);
  EXPECT_EQ(DecideLink(true, false), LinkDecision::kKeepWeb);
  EXPECT_EQ(DecideLink(false, false), LinkDecision::kKeepTelegram);
  EXPECT_EQ(DecideLink(true, true), LinkDecision::kAsk);
}

TEST(LinkRulesTest, WhatTheKeptAccountLacksComesFromTheOther) {
  Credentials kept, other;
  kept.user.set_user_id(7);
  kept.user.set_bio("sings");
  other.user.set_user_id(8);
  other.user.set_email("ann@example.org");
  other.user.set_email_verified(true);
  other.user.set_first_name("Ann");
  other.user.set_bio("dances");
  other.password_hash = "hash";
  const Credentials merged = Merged(kept, other);
  EXPECT_EQ(merged.user.user_id(), 7);
  EXPECT_EQ(merged.user.email(), "ann@example.org");
  EXPECT_TRUE(merged.user.email_verified());
  EXPECT_EQ(merged.user.first_name(), "Ann");
  EXPECT_EQ(merged.user.bio(), "sings");
  EXPECT_EQ(merged.password_hash, "hash");
}

TEST(LinkRulesTest, AnAddressIsNeverMixedWithTheOthersPassword) {
  Credentials kept, other;
  kept.user.set_email("ann@example.org");
  other.user.set_email("bob@example.org");
  other.user.set_email_verified(true);
  other.password_hash = "hash";
  const Credentials merged = Merged(kept, other);
  EXPECT_EQ(merged.user.email(), "ann@example.org");
  EXPECT_FALSE(merged.user.email_verified());
  EXPECT_EQ(merged.password_hash, "");
}

}  // namespace
}  // namespace selfology::user
