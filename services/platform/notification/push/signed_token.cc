#include "services/platform/notification/push/signed_token.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace selfology::notification {
namespace {

constexpr size_t kScalarBytes = 32;
constexpr size_t kPointBytes = 65;
constexpr int kFewestRsaBits = 2048;
constexpr char kCurve[] = "P-256";
constexpr char kCurveName[] = "prime256v1";

struct Freeing {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
  void operator()(BIGNUM* number) const { BN_clear_free(number); }
  void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
  void operator()(EC_POINT* point) const { EC_POINT_free(point); }
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
};
template <typename T>
using Owned = std::unique_ptr<T, Freeing>;
using Key = std::shared_ptr<EVP_PKEY>;

Key Own(EVP_PKEY* key) {
  return Key(key, [](EVP_PKEY* k) { EVP_PKEY_free(k); });
}

const unsigned char* In(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

absl::Status NoKey() { return absl::InvalidArgumentError("no private key, RSA or on P-256"); }

bool IsP256(EVP_PKEY* key) {
  char name[64] = {};
  size_t size = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof name,
                                        &size) == 1 &&
         std::string_view(name, size) == kCurveName;
}

// Of an ECDSA signature in DER: r and s, 32 bytes each, as RFC 7518 has it.
absl::StatusOr<std::string> ToRaw(std::string_view der) {
  const unsigned char* begin = In(der);
  const Owned<ECDSA_SIG> parts(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(der.size())));
  std::string raw(2 * kScalarBytes, '\0');
  if (parts == nullptr || BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), Out(raw), kScalarBytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), Out(raw) + kScalarBytes, kScalarBytes) < 0) {
    return absl::InternalError("nothing could be signed");
  }
  return raw;
}

// A key of parameters: its point, and the number if it is a private one.
Key Import(std::string_view point, const BIGNUM* scalar) {
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kCurveName, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  if (scalar != nullptr) OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar);
  const Owned<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(builder.get()));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key,
                        scalar == nullptr ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
                        params.get()) != 1) {
    return nullptr;
  }
  return Own(key);
}

}  // namespace

absl::StatusOr<PrivateKey> PrivateKey::FromPem(std::string_view pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // Never a question for a password at a terminal.
  const auto no_password = [](char*, int, int, void*) { return 0; };
  Key key = Own(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (key == nullptr) return NoKey();
  const bool is_rsa =
      EVP_PKEY_is_a(key.get(), "RSA") == 1 && EVP_PKEY_bits(key.get()) >= kFewestRsaBits;
  if (!is_rsa && !IsP256(key.get())) return NoKey();
  return PrivateKey(std::move(key));
}

absl::StatusOr<PrivateKey> PrivateKey::FromScalar(std::string_view scalar) {
  const Owned<BIGNUM> number(BN_bin2bn(In(scalar), static_cast<int>(scalar.size()), nullptr));
  const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Owned<EC_POINT> point(EC_POINT_new(group.get()));
  std::string encoded(kPointBytes, '\0');
  if (scalar.size() != kScalarBytes || BN_is_zero(number.get()) ||
      BN_cmp(number.get(), EC_GROUP_get0_order(group.get())) >= 0 ||
      EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, Out(encoded),
                         encoded.size(), nullptr) != kPointBytes) {
    return NoKey();
  }
  Key key = Import(encoded, number.get());
  if (key == nullptr) return NoKey();
  return PrivateKey(std::move(key));
}

PrivateKey PrivateKey::Generate() {
  Key key = Own(EVP_EC_gen(kCurve));
  if (key == nullptr) std::abort();  // Without memory or randomness nothing would be safe.
  return PrivateKey(std::move(key));
}

bool PrivateKey::is_rsa() const { return EVP_PKEY_is_a(key_.get(), "RSA") == 1; }

absl::StatusOr<std::string> PrivateKey::Sign(nlohmann::json header,
                                             const nlohmann::json& claims) const {
  header["alg"] = is_rsa() ? "RS256" : "ES256";
  header["typ"] = "JWT";
  const std::string signed_part =
      absl::StrCat(ToBase64Url(header.dump()), ".", ToBase64Url(claims.dump()));
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, In(signed_part), signed_part.size()) != 1) {
    return absl::InternalError("nothing could be signed");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), Out(signature), &size, In(signed_part), signed_part.size()) !=
      1) {
    return absl::InternalError("nothing could be signed");
  }
  signature.resize(size);
  if (!is_rsa()) {
    absl::StatusOr<std::string> raw = ToRaw(signature);
    if (!raw.ok()) return raw.status();
    signature = *std::move(raw);
  }
  return absl::StrCat(signed_part, ".", ToBase64Url(signature));
}

std::string PrivateKey::Scalar() const {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number);
  const Owned<BIGNUM> owned(number);
  std::string scalar(kScalarBytes, '\0');
  if (number == nullptr || BN_bn2binpad(number, Out(scalar), kScalarBytes) < 0) return "";
  return scalar;
}

std::string PrivateKey::Point() const {
  std::string point(kPointBytes, '\0');
  size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, Out(point), point.size(),
                                      &size) != 1 ||
      size != kPointBytes) {
    return "";
  }
  return point;
}

absl::StatusOr<std::string> PrivateKey::SharedSecret(std::string_view point) const {
  constexpr char kUncompressed = 4;
  const Key other = point.size() == kPointBytes && point.front() == kUncompressed
                        ? Import(point, nullptr)
                        : nullptr;
  const Owned<EVP_PKEY_CTX> context(other == nullptr ? nullptr
                                                     : EVP_PKEY_CTX_new(key_.get(), nullptr));
  std::string secret(kScalarBytes, '\0');
  size_t size = secret.size();
  if (context == nullptr || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1 ||
      EVP_PKEY_derive(context.get(), Out(secret), &size) != 1 || size != kScalarBytes) {
    return absl::InvalidArgumentError("no point of P-256");
  }
  return secret;
}

std::string ToBase64Url(std::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

absl::StatusOr<std::string> FromBase64Url(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes)) {
    return absl::InvalidArgumentError("no base64url");
  }
  return bytes;
}

}  // namespace selfology::notification
