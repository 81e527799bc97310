#include "common/identity/revocations.h"

#include "gtest/gtest.h"

namespace selfology::identity {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

Caller Person(int64_t user_id, absl::Time issued_at) {
  return {.kind = Caller::Kind::kPerson,
          .user_id = user_id,
          .session_id = "session",
          .token_id = "token",
          .issued_at = issued_at};
}

TEST(Revocations, OfAPersonTakeTokensOfBefore) {
  Revocations revoked;
  revoked.Add({.user_id = 7, .issued_before = kNow});
  EXPECT_TRUE(revoked.Revoked(Person(7, kNow - absl::Microseconds(1))));
  EXPECT_FALSE(revoked.Revoked(Person(7, kNow)));
  EXPECT_FALSE(revoked.Revoked(Person(8, kNow - absl::Hours(1))));
}

TEST(Revocations, AnEarlierOneTakesNothingBack) {
  Revocations revoked;
  revoked.Add({.user_id = 7, .issued_before = kNow});
  revoked.Add({.user_id = 7, .issued_before = kNow - absl::Hours(1)});
  EXPECT_TRUE(revoked.Revoked(Person(7, kNow - absl::Minutes(1))));
}

TEST(Revocations, OfASessionTakeAllOfIt) {
  Revocations revoked;
  revoked.Add({.session_id = "session"});
  EXPECT_TRUE(revoked.Revoked(Person(7, kNow)));
  Caller other = Person(7, kNow);
  other.session_id = "another";
  EXPECT_FALSE(revoked.Revoked(other));
  other.session_id = "";
  EXPECT_FALSE(revoked.Revoked(other));
}

TEST(Revocations, OfATokenTakeThatOne) {
  Revocations revoked;
  revoked.Add({.token_id = "token"});
  EXPECT_TRUE(revoked.Revoked(Person(7, kNow)));
  Caller key{.kind = Caller::Kind::kMachine, .user_id = 7, .token_id = "token"};
  EXPECT_TRUE(revoked.Revoked(key));
  key.token_id = "another";
  EXPECT_FALSE(revoked.Revoked(key));
}

TEST(Revocations, OfAPersonLeaveTheirApiKeys) {
  Revocations revoked;
  revoked.Add({.user_id = 7, .issued_before = kNow});
  EXPECT_FALSE(revoked.Revoked({.kind = Caller::Kind::kMachine, .user_id = 7, .token_id = "key"}));
}

TEST(Revocations, AreForgottenWhenTheirTimeIsOver) {
  Revocations revoked;
  revoked.Add({.user_id = 7, .issued_before = kNow, .forget_after = kNow + absl::Minutes(15)});
  revoked.Add({.session_id = "session", .forget_after = kNow + absl::Minutes(15)});
  revoked.Add({.token_id = "token", .forget_after = kNow + absl::Minutes(15)});
  revoked.Add({.token_id = "for ever"});
  revoked.Forget(kNow + absl::Minutes(15));
  EXPECT_EQ(revoked.size(), 4);
  revoked.Forget(kNow + absl::Minutes(16));
  EXPECT_EQ(revoked.size(), 1);
  EXPECT_FALSE(revoked.Revoked(Person(7, kNow - absl::Minutes(1))));
}

TEST(Revocations, TheLongerOneIsKept) {
  Revocations revoked;
  revoked.Add({.token_id = "token"});
  revoked.Add({.token_id = "token", .forget_after = kNow});
  revoked.Forget(kNow + absl::Hours(1));
  EXPECT_TRUE(revoked.Revoked(Person(7, kNow)));
}

TEST(Revocations, ThatNameNothingDoNothing) {
  Revocations revoked;
  revoked.Add({});
  EXPECT_EQ(revoked.size(), 0);
  EXPECT_FALSE(revoked.Revoked(*Anonymous()));
}

}  // namespace
}  // namespace selfology::identity
