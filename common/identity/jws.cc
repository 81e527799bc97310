#include "common/identity/jws.h"

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "openssl/core_names.h"
#include "openssl/ec.h"
#include "openssl/evp.h"
#include "openssl/params.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::identity {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kAlgorithm = "ES256";
constexpr size_t kNumberBytes = 32;  // Of a coordinate, and of each half of a signature.

template <auto free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};
using SignaturePtr = std::unique_ptr<ECDSA_SIG, Deleter<&ECDSA_SIG_free>>;
using DigestPtr = std::unique_ptr<EVP_MD_CTX, Deleter<&EVP_MD_CTX_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Deleter<&EVP_PKEY_CTX_free>>;

absl::Status Refused(std::string_view why) {
  return status::Error(mesh::v1::ERROR_CODE_UNAUTHENTICATED, absl::StrCat("token refused: ", why));
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Null: no point of P-256.
EVP_PKEY* PublicKey(const std::string& x, const std::string& y) {
  if (x.size() != kNumberBytes || y.size() != kNumberBytes) return nullptr;
  std::string point = absl::StrCat("\x04", x, y);  // Uncompressed: SEC 1, 2.3.3.
  std::string group = "prime256v1";
  const std::array<OSSL_PARAM, 3> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  const KeyContextPtr make(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (make == nullptr || EVP_PKEY_fromdata_init(make.get()) != 1 ||
      EVP_PKEY_fromdata(make.get(), &key, EVP_PKEY_PUBLIC_KEY,
                        const_cast<OSSL_PARAM*>(parameters.data())) != 1) {
    return nullptr;
  }
  const KeyContextPtr check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (check != nullptr && EVP_PKEY_public_check(check.get()) == 1) return key;
  EVP_PKEY_free(key);
  return nullptr;
}

// The two numbers of a signature as OpenSSL takes them, in DER.
std::string Der(std::string_view signature) {
  const SignaturePtr pair(ECDSA_SIG_new());
  BIGNUM* const r = BN_bin2bn(Bytes(signature), kNumberBytes, nullptr);
  BIGNUM* const s = BN_bin2bn(Bytes(signature) + kNumberBytes, kNumberBytes, nullptr);
  ECDSA_SIG_set0(pair.get(), r, s);
  std::string der(static_cast<size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(pair.get(), &out);
  return der;
}

bool IsSignedBy(EVP_PKEY* key, std::string_view text, std::string_view signature) {
  const std::string der = Der(signature);
  const DigestPtr digest(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(digest.get(), Bytes(der), der.size(), Bytes(text), text.size()) == 1;
}

// The id of the key that the header names.
absl::StatusOr<std::string> KeyId(std::string_view encoded) {
  ASSIGN_OR_RETURN(const std::string text, FromBase64Url(encoded));
  const Json header = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) return Refused("its header is no JSON object");
  const auto alg = header.find("alg");
  if (alg == header.end() || !alg->is_string() ||
      alg->get_ref<const std::string&>() != kAlgorithm) {
    return Refused("its algorithm is not ES256");
  }
  // What it says must be understood would have to be, and nothing is (RFC 7515, 4.1.11).
  if (header.contains("crit")) return Refused("it has critical extensions");
  for (const std::string_view own : {"jwk", "jku", "x5c", "x5u"}) {
    if (header.contains(own)) return Refused("it brings a key of its own");
  }
  const auto kid = header.find("kid");
  if (kid == header.end()) return std::string();  // The key without an id, if there is one.
  if (!kid->is_string()) return Refused("it names no key");
  return kid->get<std::string>();
}

}  // namespace

void KeySet::Free::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

KeySet::KeySet(absl::Span<const JsonWebKey> keys) {
  for (const JsonWebKey& key : keys) {
    if (key.kty != "EC" || key.crv != "P-256" || key.alg != kAlgorithm || key.use != "sig")
      continue;
    const auto x = FromBase64Url(key.x), y = FromBase64Url(key.y);
    if (!x.ok() || !y.ok()) continue;
    if (EVP_PKEY* const made = PublicKey(*x, *y); made != nullptr) keys_[key.kid].reset(made);
  }
}

EVP_PKEY* KeySet::Find(std::string_view kid) const {
  const auto found = keys_.find(kid);
  return found == keys_.end() ? nullptr : found->second.get();
}

absl::StatusOr<std::string> FromBase64Url(std::string_view text) {
  std::string bytes;
  // absl also takes padding, spaces and unused bits, with which one token would have many spellings.
  if (!absl::WebSafeBase64Unescape(text, &bytes) || absl::WebSafeBase64Escape(bytes) != text) {
    return Refused("a part is no base64url");
  }
  return bytes;
}

absl::StatusOr<std::string> CheckSignature(std::string_view token, const KeySet& keys) {
  if (token.size() > kMaxTokenBytes) return Refused("too long");
  const std::vector<std::string_view> parts =
      absl::StrSplit(token, absl::MaxSplits('.', 3));  // A fourth part is one too many.
  if (parts.size() != 3) return Refused("it has not three parts");
  ASSIGN_OR_RETURN(const std::string kid, KeyId(parts[0]));
  ASSIGN_OR_RETURN(std::string payload, FromBase64Url(parts[1]));
  ASSIGN_OR_RETURN(const std::string signature, FromBase64Url(parts[2]));
  if (signature.size() != 2 * kNumberBytes) return Refused("its signature has not 64 bytes");
  EVP_PKEY* const key = keys.Find(kid);
  if (key == nullptr) return absl::NotFoundError("token refused: unknown key");
  const std::string_view signed_text = token.substr(0, parts[0].size() + 1 + parts[1].size());
  if (!IsSignedBy(key, signed_text, signature)) return Refused("its signature is wrong");
  return payload;
}

}  // namespace selfology::identity
