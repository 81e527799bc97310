#include "common/identity/jws.h"

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "testing/tokens.h"

namespace selfology::identity {
namespace {

using nlohmann::json;
using testing::Base64Url;
using testing::TokenSigner;

bool IsRefused(const absl::StatusOr<std::string>& payload) {
  return status::Reason(payload.status()) == "UNAUTHENTICATED";
}

std::string Member(const json& key, const char* name) {
  return key.contains(name) ? key[name].get<std::string>() : "";
}

JsonWebKey KeyOf(const json& key) {
  return {.kty = Member(key, "kty"),
          .crv = Member(key, "crv"),
          .x = Member(key, "x"),
          .y = Member(key, "y"),
          .kid = Member(key, "kid"),
          .alg = Member(key, "alg"),
          .use = Member(key, "use")};
}

TEST(Jws, Rfc7515AppendixA3) {
  const KeySet keys({JsonWebKey{.kty = "EC",
                                .crv = "P-256",
                                .x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                                .y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                                .alg = "ES256",
                                .use = "sig"}});
  const std::string token =
      "eyJhbGciOiJFUzI1NiJ9"
      ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
      "VlfQ"
      ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  const auto payload = CheckSignature(token, keys);
  ASSERT_TRUE(payload.ok()) << payload.status();
  EXPECT_EQ(*payload,
            "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
}

// What is valid by another algorithm than ES256 is no token of ours.
TEST(Jws, Wycheproof) {
  std::ifstream file("common/identity/wycheproof/json_web_signature_test.json");
  const json vectors = json::parse(file, nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(vectors.is_object());
  int accepted = 0, refused = 0;
  for (const json& group : vectors["testGroups"]) {
    const JsonWebKey key = KeyOf(group.contains("public") ? group["public"] : group["private"]);
    const KeySet keys({key});
    for (const json& test : group["tests"]) {
      const bool valid = test["result"] == "valid" && key.alg == "ES256";
      const std::string& jws =
          test["jws"].is_string() ? test["jws"].get_ref<const std::string&>() : test["jws"].dump();
      EXPECT_EQ(CheckSignature(jws, keys).ok(), valid) << test;
      ++(valid ? accepted : refused);
    }
  }
  EXPECT_EQ(accepted, 2);
  EXPECT_EQ(accepted + refused, vectors["numberOfTests"].get<int>());
}

class SignedTest : public ::testing::Test {
 protected:
  const TokenSigner signer_{"key-1"};
  const KeySet keys_{{signer_.key()}};
  const json claims_ = {{"sub", "7"}};
};

TEST_F(SignedTest, ATokenOfOursIsTaken) {
  const auto payload = CheckSignature(signer_.Sign(claims_), keys_);
  ASSERT_TRUE(payload.ok()) << payload.status();
  EXPECT_EQ(json::parse(*payload), claims_);
}

TEST_F(SignedTest, AnUnknownKeyIsToldApart) {
  const TokenSigner other("key-2");
  EXPECT_TRUE(absl::IsNotFound(CheckSignature(other.Sign(claims_), keys_).status()));
  // Another's key under our key's name.
  const TokenSigner forger("key-1");
  EXPECT_TRUE(IsRefused(CheckSignature(forger.Sign(claims_), keys_)));
}

TEST_F(SignedTest, OtherAlgorithmsAreRefused) {
  for (const char* alg :
       {"none", "None", "nOnE", "HS256", "RS256", "ES384", "ES256K", "es256", ""}) {
    EXPECT_TRUE(
        IsRefused(CheckSignature(signer_.Sign(claims_, {{"alg", alg}, {"kid", "key-1"}}), keys_)))
        << alg;
  }
  EXPECT_TRUE(IsRefused(CheckSignature(signer_.Sign(claims_, {{"kid", "key-1"}}), keys_)));
  EXPECT_TRUE(IsRefused(
      CheckSignature(signer_.Sign(claims_, {{"alg", {"ES256"}}, {"kid", "key-1"}}), keys_)));
  const std::string unsigned_token = absl::StrCat(Base64Url(R"({"alg":"none","kid":"key-1"})"), ".",
                                                  Base64Url(claims_.dump()), ".");
  EXPECT_TRUE(IsRefused(CheckSignature(unsigned_token, keys_)));
}

TEST_F(SignedTest, AHeaderCannotBringOrDemandAnything) {
  for (const char* member : {"jwk", "jku", "x5c", "x5u", "crit"}) {
    json header = {{"alg", "ES256"}, {"kid", "key-1"}};
    header[member] = {"x"};
    EXPECT_TRUE(IsRefused(CheckSignature(signer_.Sign(claims_, header), keys_))) << member;
  }
}

TEST_F(SignedTest, EveryChangedCharacterIsNoticed) {
  const std::string token = signer_.Sign(claims_);
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(CheckSignature(changed, keys_).ok()) << i;
  }
}

TEST_F(SignedTest, OneTokenHasOneSpelling) {
  const std::string token = signer_.Sign(claims_);
  EXPECT_TRUE(IsRefused(CheckSignature(token + "=", keys_)));
  EXPECT_TRUE(IsRefused(CheckSignature(token + "==", keys_)));
  EXPECT_TRUE(IsRefused(CheckSignature(token + ".", keys_)));
  EXPECT_TRUE(IsRefused(CheckSignature(token + "\n", keys_)));
  EXPECT_TRUE(IsRefused(CheckSignature(" " + token, keys_)));
  // Two bits of the last character of 64 bytes are unused.
  std::string other_bits = token;
  const std::string_view last = "AQgw";
  for (const char c : last) {
    other_bits.back() = static_cast<char>(c + 1);
    EXPECT_FALSE(CheckSignature(other_bits, keys_).ok());
  }
}

TEST_F(SignedTest, WhatIsTooLongIsRefused) {
  const json claims = {{"sub", std::string(kMaxTokenBytes, '7')}};
  EXPECT_TRUE(IsRefused(CheckSignature(signer_.Sign(claims), keys_)));
}

TEST_F(SignedTest, KeysForOtherThingsServeForNothing) {
  const auto set = [&](auto change) {
    JsonWebKey key = signer_.key();
    change(key);
    return KeySet({key}).empty();
  };
  EXPECT_FALSE(set([](JsonWebKey&) {}));
  EXPECT_TRUE(set([](JsonWebKey& key) { key.use = "enc"; }));
  EXPECT_TRUE(set([](JsonWebKey& key) { key.use = ""; }));
  EXPECT_TRUE(set([](JsonWebKey& key) { key.alg = "ES384"; }));
  EXPECT_TRUE(set([](JsonWebKey& key) { key.crv = "P-384"; }));
  EXPECT_TRUE(set([](JsonWebKey& key) { key.kty = "oct"; }));
  EXPECT_TRUE(set([](JsonWebKey& key) { std::swap(key.x, key.y); })) << "not on the curve";
  EXPECT_TRUE(set([](JsonWebKey& key) { key.x += "AA"; }));
  EXPECT_TRUE(set([](JsonWebKey& key) { key.y = "!"; }));
}

}  // namespace
}  // namespace selfology::identity
