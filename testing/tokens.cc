#include "testing/tokens.h"

#include <utility>

#include "absl/random/random.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/core_names.h"
#include "openssl/ec.h"
#include "openssl/evp.h"

namespace selfology::testing {
namespace {

using nlohmann::json;

constexpr int kNumberBytes = 32;

std::string Number(const BIGNUM* number) {
  std::string bytes(kNumberBytes, '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), kNumberBytes);
  return bytes;
}

std::string Coordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  std::string bytes = Number(number);
  BN_free(number);
  return Base64Url(bytes);
}

json Claims(std::string_view subject, absl::Time at, absl::Duration lifetime) {
  absl::BitGen random;
  return {{"iss", "selfology"},
          {"aud", "selfology"},
          {"sub", subject},
          {"iat", absl::ToUnixSeconds(at)},
          {"exp", absl::ToUnixSeconds(at + lifetime)},
          {"jti", absl::StrCat(absl::Hex(absl::Uniform<uint64_t>(random), absl::kZeroPad16))}};
}

}  // namespace

void TokenSigner::Free::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

TokenSigner::TokenSigner(std::string kid) : private_key_(EVP_EC_gen("P-256")) {
  key_ = {.kty = "EC",
          .crv = "P-256",
          .x = Coordinate(private_key_.get(), OSSL_PKEY_PARAM_EC_PUB_X),
          .y = Coordinate(private_key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y),
          .kid = std::move(kid),
          .alg = "ES256",
          .use = "sig"};
}

TokenSigner::~TokenSigner() = default;

std::string TokenSigner::Sign(const json& claims) const {
  return Sign(claims, {{"alg", "ES256"}, {"kid", key_.kid}});
}

std::string TokenSigner::Sign(const json& claims, const json& header) const {
  const std::string text = absl::StrCat(Base64Url(header.dump()), ".", Base64Url(claims.dump()));
  EVP_MD_CTX* const digest = EVP_MD_CTX_new();
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  EVP_DigestSignInit(digest, nullptr, EVP_sha256(), nullptr, private_key_.get());
  EVP_DigestSign(digest, nullptr, &size, bytes, text.size());
  std::string der(size, '\0');
  EVP_DigestSign(digest, reinterpret_cast<unsigned char*>(der.data()), &size, bytes, text.size());
  EVP_MD_CTX_free(digest);
  const auto* in = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* const pair = d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(size));
  const std::string signature =
      absl::StrCat(Number(ECDSA_SIG_get0_r(pair)), Number(ECDSA_SIG_get0_s(pair)));
  ECDSA_SIG_free(pair);
  return absl::StrCat(text, ".", Base64Url(signature));
}

json TokenSigner::PersonClaims(int64_t user_id, const std::vector<std::string>& roles,
                               absl::Time at) {
  json claims = Claims(absl::StrCat(user_id), at, absl::Minutes(15));
  claims["sid"] = absl::StrCat("session-of-", user_id);
  claims["roles"] = roles;
  return claims;
}

json TokenSigner::ServiceClaims(std::string_view service, std::string_view scope, absl::Time at) {
  json claims = Claims(service, at, absl::Hours(1));
  claims["service"] = service;
  claims["scope"] = scope;
  return claims;
}

std::string Base64Url(std::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

}  // namespace selfology::testing
