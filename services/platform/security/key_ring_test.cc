#include "services/platform/security/key_ring.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "services/platform/security/security_fixture_test.h"

namespace selfology::security {
namespace {

using ::testing::SizeIs;

class KeyRingTest : public SecurityTest {
 protected:
  KeyRing Ring(const crypto::SealKeys& seal_keys = {}) {
    return KeyRing(DatabaseAs("selfology_security"), [this] { return Now(); }, seal_keys, rules_);
  }
  const KeyRules rules_;
};

TEST_F(KeyRingTest, ReplicasThatStartTogetherShareOneKey) {
  Execute("DELETE FROM selfology.security_signing_keys");
  KeyRing first = Ring(), second = Ring(), third = Ring();
  std::vector<std::string> kids(3);
  std::vector<std::thread> threads;
  KeyRing* const rings[] = {&first, &second, &third};
  for (size_t i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      const auto keys = rings[i]->Get(Deadline());
      if (keys.ok()) kids[i] = (*keys)->signing.kid();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(kids[0].empty());
  EXPECT_THAT(std::set<std::string>(kids.begin(), kids.end()), SizeIs(1));
}

TEST_F(KeyRingTest, TheNextKeyIsPublishedBeforeItSignsAndTheLastOneUntilItsTokensExpired) {
  KeyRing ring = Ring();
  const std::string first = (*ring.Get(Deadline()))->signing.kid();
  ASSERT_TRUE(ring.Rotate(Deadline()).ok());
  EXPECT_THAT((*ring.Get(Deadline()))->published, SizeIs(1)) << "not yet";

  Advance(rules_.life - rules_.notice);
  ASSERT_TRUE(ring.Rotate(Deadline()).ok());
  ASSERT_THAT((*ring.Get(Deadline()))->published, SizeIs(2));
  EXPECT_EQ((*ring.Get(Deadline()))->signing.kid(), first);
  const std::string second = (*ring.Get(Deadline()))->published[1].kid();
  const std::string token = *(*ring.Get(Deadline()))->signing.Sign("JWT", "{}");

  Advance(rules_.notice);
  ASSERT_TRUE(ring.Rotate(Deadline()).ok());
  const auto after = *ring.Get(Deadline());
  EXPECT_EQ(after->signing.kid(), second);
  EXPECT_TRUE(identity::CheckSignature(token, after->verifying).ok());

  Advance(absl::Hours(2));
  ASSERT_TRUE(ring.Rotate(Deadline()).ok());
  const auto later = *ring.Get(Deadline());
  EXPECT_FALSE(identity::CheckSignature(token, later->verifying).ok());
  EXPECT_TRUE(identity::CheckSignature(token, later->all).ok()) << "checkpoints are older";
}

TEST_F(KeyRingTest, AKeyOfRsaIsMadeWhenItIsAskedForAndRotatesBesideTheOther) {
  KeyRing ring = Ring();
  ASSERT_TRUE(ring.Rotate(Deadline()).ok());
  const auto before = *ring.Get(Deadline());
  EXPECT_FALSE(before->rsa.has_value());
  EXPECT_THAT(before->published, SizeIs(1));
  const auto with = *ring.GetWithRsa(Deadline());
  ASSERT_TRUE(with->rsa.has_value());
  const std::string first = with->rsa->kid();
  ASSERT_THAT(with->published, SizeIs(2));
  EXPECT_EQ(with->published[0].alg(), "ES256");
  EXPECT_EQ(with->published[1].alg(), "RS256");
  KeyRing other = Ring();
  EXPECT_EQ((*other.GetWithRsa(Deadline()))->rsa->kid(), first) << "replicas share it";

  Advance(rules_.life - rules_.notice);
  ASSERT_TRUE(ring.Rotate(Deadline()).ok());
  const auto noticed = *ring.Get(Deadline());
  EXPECT_THAT(noticed->published, SizeIs(4)) << "two of each";
  EXPECT_EQ(noticed->rsa->kid(), first);
  Advance(rules_.notice);
  ASSERT_TRUE(ring.Rotate(Deadline()).ok());
  const auto after = *ring.Get(Deadline());
  EXPECT_NE(after->rsa->kid(), first);
  EXPECT_EQ(after->published[2].kid(), after->rsa->kid());
  EXPECT_EQ(after->published[3].kid(), first) << "its tokens may still be good";
  Advance(absl::Hours(2));
  ASSERT_TRUE(ring.Rotate(Deadline()).ok());
  EXPECT_THAT((*ring.Get(Deadline()))->published, SizeIs(2));
}

TEST_F(KeyRingTest, AnotherSealKeyOpensNothing) {
  KeyRing ring = Ring({std::string(32, 'k')});
  ASSERT_TRUE(ring.Get(Deadline()).ok());
  ASSERT_TRUE(ring.Reseal(Deadline()).ok()) << "the key may be the room's, sealed without a file";
  EXPECT_EQ(Ring({std::string(32, 'x')}).Get(Deadline()).status().code(),
            absl::StatusCode::kInternal);
}

TEST_F(KeyRingTest, ANewSealKeyTakesOver) {
  const std::string old_key(32, 'k'), new_key(32, 'x');
  ASSERT_TRUE(Ring({old_key}).Get(Deadline()).ok());
  KeyRing both = Ring({new_key, old_key});
  ASSERT_TRUE(both.Get(Deadline()).ok());
  ASSERT_TRUE(both.Reseal(Deadline()).ok());
  EXPECT_TRUE(Ring({new_key}).Get(Deadline()).ok());
  EXPECT_FALSE(Ring({old_key}).Get(Deadline()).ok());
}

}  // namespace
}  // namespace selfology::security
