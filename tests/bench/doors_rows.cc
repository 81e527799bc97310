// The doors: checks of tokens here, and what stands in files of its own: REST (doors_rest.cc), refreshes
// (doors_refresh.cc), devices that wait and are told (doors_fanout.cc). Servers are processes of their own. A ratio
// whose peer was not run counts as missed, and says so.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "common/identity/caller.h"
#include "common/identity/jws.h"
#include "common/identity/revocations.h"
#include "common/identity/token_cache.h"
#include "common/identity/token_verifier.h"
#include "common/status/status_macros.h"
#include "openssl/ec.h"
#include "openssl/evp.h"
#include "testing/tokens.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

constexpr int kRounds = 5;

// Microseconds for each of so many.
double MedianOf(int count, const std::function<void(size_t)>& work) {
  std::vector<double> rounds;
  for (int round = 0; round < 2 * kRounds - 1; ++round) {
    const absl::Time start = absl::Now();
    for (int i = 0; i < count; ++i) work(static_cast<size_t>(i));
    rounds.push_back(absl::ToDoubleMicroseconds(absl::Now() - start) / count);
  }
  return Median(std::move(rounds));
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

absl::Status TokenRows(Report& report) {
  constexpr int kTokens = 2'000, kRevoked = 10'000;
  const testing::TokenSigner signer("key-1");
  const identity::KeySet keys({signer.key()});
  const absl::Time now = absl::Now();
  std::vector<std::string> tokens;
  std::vector<Signed> parts;
  identity::TokenCache seen(100'000);
  identity::Revocations revoked;
  for (int i = 0; i < kRevoked; ++i) {
    revoked.Add({.user_id = 1'000'000 + i, .issued_before = now});
  }
  for (int i = 0; i < kTokens; ++i) {
    tokens.push_back(signer.Person(i + 1, {"editor"}));
    parts.push_back(Split(tokens.back()));
    ASSIGN_OR_RETURN(const identity::Caller caller,
                     identity::VerifyToken(tokens.back(), keys, {}, now));
    seen.Remember(tokens.back(), std::make_shared<const identity::Caller>(caller),
                  caller.expires_at);
  }
  int64_t good = 0, asked = 0;
  const double again = MedianOf(kTokens, [&](size_t i) {
    const auto caller = seen.Find(tokens[i], now);
    good += caller != nullptr && !revoked.Revoked(*caller);
    ++asked;
  });
  const double anew = MedianOf(kTokens, [&](size_t i) {
    good += identity::VerifyToken(tokens[i], keys, {}, now).ok();
    ++asked;
  });
  EVP_PKEY* const key = keys.Find("key-1");
  const double bare = MedianOf(kTokens, [&](size_t i) {
    EVP_MD_CTX* const digest = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(digest, nullptr, EVP_sha256(), nullptr, key);
    good += EVP_DigestVerify(digest, reinterpret_cast<const unsigned char*>(parts[i].der.data()),
                             parts[i].der.size(),
                             reinterpret_cast<const unsigned char*>(parts[i].text.data()),
                             parts[i].text.size()) == 1;
    ++asked;
    EVP_MD_CTX_free(digest);
  });
  if (good != asked) return absl::InternalError("some tokens were refused");
  report.Add({.name = "doors.token.seen",
              .what = "check of a token seen before, 10,000 revoked",
              .unit = "us",
              .ours = again,
              .aim = {.kind = Aim::kAtMost, .value = 20}});
  // The other way round than for rates: how many of ours fit into one of theirs.
  report.Add({.name = "doors.token.new",
              .what = "checks of new tokens",
              .unit = "checks/s",
              .ours = 1e6 / anew,
              .reference = 1e6 / bare,
              .peer = "OpenSSL's verify alone",
              .aim = {.kind = Aim::kRatioAtLeast, .value = 1 / 1.2}});
  return absl::OkStatus();
}

}  // namespace

absl::Status DoorsRows(const Scale& scale, const Wanted& wanted, Report& report) {
  if (wanted("doors.token")) RETURN_IF_ERROR(TokenRows(report));
  if (wanted("doors.rest")) RETURN_IF_ERROR(RestRows(scale, report));
  if (wanted("doors.refresh")) RETURN_IF_ERROR(RefreshRows(scale, report));
  if (wanted("doors.socket") || wanted("doors.fanout")) {
    RETURN_IF_ERROR(FanOutRows(scale, report));
  }
  return absl::OkStatus();
}

}  // namespace selfology::bench
