#include "common/crypto/crypto.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace selfology::crypto {
namespace {

// FIPS 180-4's example, and RFC 4231 test case 2.
TEST(CryptoTest, HashesAsPublished) {
  EXPECT_EQ(absl::BytesToHexString(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(absl::BytesToHexString(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(CryptoTest, WhatIsSealedOpensForItsPurposeWithItsKeyOnly) {
  const Sealer sealer = *Sealer::Of(std::string(32, 'k'));
  const std::string sealed = sealer.Seal("a", "secret");
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_NE(sealed, sealer.Seal("a", "secret")) << "the same nonce twice";
  EXPECT_EQ(*sealer.Open("a", sealed), "secret");
  EXPECT_FALSE(sealer.Open("b", sealed).ok());
  EXPECT_FALSE(Sealer::Of(std::string(32, 'l'))->Open("a", sealed).ok());
  EXPECT_FALSE(sealer.Open("a", "short").ok());
  EXPECT_EQ(*sealer.Open("a", sealer.Seal("a", "")), "");
}

TEST(CryptoTest, AChangeOfAnyByteIsNoticed) {
  const Sealer sealer = *Sealer::Of(RandomBytes(Sealer::kKeyBytes));
  const std::string sealed = sealer.Seal("a", "some text");
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(sealer.Open("a", changed).ok()) << i;
  }
}

// As the version before wrote it, with the key of 32 times 'k', for the purpose "a": "secret".
TEST(CryptoTest, WhatWasSealedBeforeSealsNamedTheirKeyOpens) {
  const std::string sealed = absl::HexStringToBytes(
      "000102030405060708090a0b19b8975c61a4fb3983195a3eea53fd0412048ff7191a");
  EXPECT_EQ(*Sealer::Of(std::string(32, 'k'))->Open("a", sealed), "secret");
  EXPECT_EQ(*Sealer::Of({std::string(32, 'l'), std::string(32, 'k')})->Open("a", sealed), "secret");
  EXPECT_FALSE(Sealer::Of(std::string(32, 'k'))->IsNewest(sealed));
}

TEST(CryptoTest, OldKeysOpenAndTheNewestSeals) {
  const std::string old_key(32, 'k'), new_key(32, 'l');
  const Sealer before = *Sealer::Of(old_key);
  const Sealer after = *Sealer::Of({new_key, old_key});
  const std::string sealed = before.Seal("a", "secret");
  EXPECT_EQ(sealed.size(), Sealer::kOverhead + 6);
  EXPECT_EQ(*after.Open("a", sealed), "secret");
  EXPECT_FALSE(after.IsNewest(sealed));
  const std::string again = after.Seal("a", "secret");
  EXPECT_TRUE(after.IsNewest(again));
  EXPECT_EQ(*after.Open("a", again), "secret");
  EXPECT_FALSE(before.Open("a", again).ok());
  EXPECT_FALSE(Sealer::Of(std::vector<std::string>{}).ok());
}

TEST(CryptoTest, AKeyHas32Bytes) {
  EXPECT_FALSE(Sealer::Of("").ok());
  EXPECT_FALSE(Sealer::Of(std::string(31, 'k')).ok());
  EXPECT_FALSE(Sealer::Of(std::string(33, 'k')).ok());
}

TEST(CryptoTest, DerivesTheSameForTheSameAndElseAnother) {
  const Sealer sealer = *Sealer::Of(std::string(32, 'k'));
  EXPECT_EQ(sealer.Derive("a", "1"), sealer.Derive("a", "1"));
  const std::set<std::string> all = {sealer.Derive("a", "1"), sealer.Derive("a", "2"),
                                     sealer.Derive("b", "1"),
                                     Sealer::Of(std::string(32, 'l'))->Derive("a", "1")};
  EXPECT_EQ(all.size(), 4);
}

TEST(CryptoTest, ComparesBytes) {
  EXPECT_TRUE(SameBytes("", ""));
  EXPECT_TRUE(SameBytes("ab", "ab"));
  EXPECT_FALSE(SameBytes("ab", "ac"));
  EXPECT_FALSE(SameBytes("ab", "abc"));
}

}  // namespace
}  // namespace selfology::crypto
