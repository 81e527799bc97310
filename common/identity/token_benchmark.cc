// Measures the check of a token: one seen before, a new one, and beside it what OpenSSL alone takes to
// verify its signature. Not a test.
//
//   bazel run -c opt //common/identity:token_benchmark
//
// Prints microseconds for each, medians of several rounds, and the ratio of the last two.

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/identity/jws.h"
#include "common/identity/revocations.h"
#include "common/identity/token_cache.h"
#include "common/identity/token_verifier.h"
#include "openssl/ec.h"
#include "openssl/evp.h"
#include "testing/tokens.h"

namespace selfology::identity {
namespace {

constexpr int kRounds = 9;
constexpr int kTokens = 2'000;

double Median(const std::function<void(int token)>& work) {
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    const absl::Time start = absl::Now();
    for (int token = 0; token < kTokens; ++token) work(token);
    rounds.push_back(absl::ToDoubleMicroseconds(absl::Now() - start) / kTokens);
  }
  std::nth_element(rounds.begin(), rounds.begin() + kRounds / 2, rounds.end());
  return rounds[kRounds / 2];
}

// A token's signed text, and its signature in DER.
struct Signed {
  std::string text;
  std::string der;
};

Signed Split(const std::string& token) {
  const size_t dot = token.rfind('.');
  std::string signature;
  absl::WebSafeBase64Unescape(token.substr(dot + 1), &signature);
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  const int half = static_cast<int>(signature.size() / 2);
  ECDSA_SIG* const pair = ECDSA_SIG_new();
  ECDSA_SIG_set0(pair, BN_bin2bn(bytes, half, nullptr), BN_bin2bn(bytes + half, half, nullptr));
  std::string der(static_cast<size_t>(i2d_ECDSA_SIG(pair, nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(pair, &out);
  ECDSA_SIG_free(pair);
  return {token.substr(0, dot), der};
}

int Main() {
  const testing::TokenSigner signer("key-1");
  const KeySet keys({signer.key()});
  const absl::Time now = absl::Now();
  std::vector<std::string> tokens;
  std::vector<Signed> parts;
  for (int i = 0; i < kTokens; ++i) {
    tokens.push_back(signer.Person(i + 1, {"editor"}));
    parts.push_back(Split(tokens.back()));
  }
  int good = 0;

  TokenCache seen(100'000);
  Revocations revoked;
  for (int i = 0; i < 10'000; ++i) revoked.Add({.user_id = 1'000'000 + i, .issued_before = now});
  for (const std::string& token : tokens) {
    const auto caller = std::make_shared<const Caller>(*VerifyToken(token, keys, {}, now));
    seen.Remember(token, caller, caller->expires_at);
  }
  const double again = Median([&](int i) {
    const auto caller = seen.Find(tokens[static_cast<size_t>(i)], now);
    good += caller != nullptr && !revoked.Revoked(*caller);
  });
  const double anew = Median(
      [&](int i) { good += VerifyToken(tokens[static_cast<size_t>(i)], keys, {}, now).ok(); });
  EVP_PKEY* const key = keys.Find("key-1");
  const double bare = Median([&](int i) {
    const Signed& one = parts[static_cast<size_t>(i)];
    EVP_MD_CTX* const digest = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(digest, nullptr, EVP_sha256(), nullptr, key);
    good += EVP_DigestVerify(
                digest, reinterpret_cast<const unsigned char*>(one.der.data()), one.der.size(),
                reinterpret_cast<const unsigned char*>(one.text.data()), one.text.size()) == 1;
    EVP_MD_CTX_free(digest);
  });
  if (good != 3 * kRounds * kTokens) {
    std::fprintf(stderr, "some tokens were refused\n");
    return 1;
  }
  std::printf(
      "token of %zu bytes: seen before %.2f us, new %.1f us; OpenSSL's verify %.1f us: %.2f\n",
      tokens[0].size(), again, anew, bare, anew / bare);
  return 0;
}

}  // namespace
}  // namespace selfology::identity

int main() { return selfology::identity::Main(); }
