#include "services/platform/security/signing.h"

#include <cjose/cjose.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/status/status_macros.h"

namespace selfology::security {
namespace {

using Jwk = std::shared_ptr<_cjose_jwk_int>;
using Jws = std::unique_ptr<cjose_jws_t, decltype(&cjose_jws_release)>;
using Header = std::unique_ptr<cjose_header_t, decltype(&cjose_header_release)>;

constexpr size_t kRsaBits = 2048;
constexpr uint8_t kRsaExponent[] = {1, 0, 1};

Jwk Own(cjose_jwk_t* key) {
  return Jwk(key, [](cjose_jwk_t* k) { cjose_jwk_release(k); });
}

absl::Status Failed(std::string_view what, const cjose_err& error) {
  return absl::InternalError(
      absl::StrCat(what, ": ", error.message == nullptr ? "" : error.message));
}

absl::StatusOr<std::string> ToJson(const Jwk& key, bool with_private) {
  cjose_err error = {};
  char* const text = cjose_jwk_to_json(key.get(), with_private, &error);
  if (text == nullptr) return Failed("a key cannot be written", error);
  std::string json(text);
  std::free(text);
  return json;
}

// Of RFC 7638: the required members, in this order, without spaces.
std::string Thumbprint(const v1::JsonWebKey& key) {
  const std::string members =
      key.kty() == "RSA"
          ? absl::StrCat(R"({"e":")", key.e(), R"(","kty":"RSA","n":")", key.n(), R"("})")
          : absl::StrCat(R"({"crv":")", key.crv(), R"(","kty":")", key.kty(), R"(","x":")", key.x(),
                         R"(","y":")", key.y(), R"("})");
  return crypto::ToBase64Url(crypto::Sha256(members));
}

absl::StatusOr<v1::JsonWebKey> PublicPart(const Jwk& key) {
  ASSIGN_OR_RETURN(const std::string text, ToJson(key, false));
  const nlohmann::json members = nlohmann::json::parse(text, nullptr, false);
  v1::JsonWebKey jwk;
  jwk.set_kty(members.value("kty", ""));
  if (jwk.kty() == "EC" && members.value("crv", "") == "P-256") {
    jwk.set_crv("P-256");
    jwk.set_x(members.value("x", ""));
    jwk.set_y(members.value("y", ""));
    jwk.set_alg(CJOSE_HDR_ALG_ES256);
  } else if (jwk.kty() == "RSA") {
    jwk.set_n(members.value("n", ""));
    jwk.set_e(members.value("e", ""));
    jwk.set_alg(CJOSE_HDR_ALG_RS256);
  } else {
    return absl::InvalidArgumentError("no key on P-256 and none of RSA");
  }
  jwk.set_kid(Thumbprint(jwk));
  jwk.set_use("sig");
  return jwk;
}

}  // namespace

SigningKey::SigningKey(Jwk key, v1::JsonWebKey public_jwk)
    : key_(std::move(key)), public_jwk_(std::move(public_jwk)) {}

absl::StatusOr<SigningKey> SigningKey::Generate() {
  cjose_err error = {};
  Jwk key = Own(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error));
  if (key == nullptr) return Failed("no key could be made", error);
  ASSIGN_OR_RETURN(v1::JsonWebKey public_jwk, PublicPart(key));
  return SigningKey(std::move(key), std::move(public_jwk));
}

absl::StatusOr<SigningKey> SigningKey::GenerateRsa() {
  cjose_err error = {};
  Jwk key = Own(cjose_jwk_create_RSA_random(kRsaBits, kRsaExponent, sizeof(kRsaExponent), &error));
  if (key == nullptr) return Failed("no key could be made", error);
  ASSIGN_OR_RETURN(v1::JsonWebKey public_jwk, PublicPart(key));
  return SigningKey(std::move(key), std::move(public_jwk));
}

absl::StatusOr<SigningKey> SigningKey::FromPrivateJwk(const std::string& jwk) {
  const nlohmann::json members = nlohmann::json::parse(jwk, nullptr, false);
  if (!members.is_object() || !members.contains("d")) {
    return absl::InvalidArgumentError("no private key");
  }
  cjose_err error = {};
  Jwk key = Own(cjose_jwk_import(jwk.data(), jwk.size(), &error));
  if (key == nullptr) return absl::InvalidArgumentError("no key");
  ASSIGN_OR_RETURN(v1::JsonWebKey public_jwk, PublicPart(key));
  return SigningKey(std::move(key), std::move(public_jwk));
}

absl::StatusOr<std::string> SigningKey::PrivateJwk() const { return ToJson(key_, true); }

absl::StatusOr<std::string> SigningKey::Sign(std::string_view type,
                                             std::string_view payload) const {
  cjose_err error = {};
  const Header header(cjose_header_new(&error), &cjose_header_release);
  const std::string typ(type);
  if (header == nullptr ||
      !cjose_header_set(header.get(), CJOSE_HDR_ALG, algorithm().c_str(), &error) ||
      !cjose_header_set(header.get(), CJOSE_HDR_KID, kid().c_str(), &error) ||
      !cjose_header_set(header.get(), "typ", typ.c_str(), &error)) {
    return Failed("no header could be made", error);
  }
  const Jws jws(
      cjose_jws_sign(key_.get(), header.get(), reinterpret_cast<const uint8_t*>(payload.data()),
                     payload.size(), &error),
      &cjose_jws_release);
  const char* compact = nullptr;
  if (jws == nullptr || !cjose_jws_export(jws.get(), &compact, &error)) {
    return Failed("nothing could be signed", error);
  }
  return std::string(compact);
}

identity::KeySet ToKeySet(const std::vector<v1::JsonWebKey>& keys) {
  std::vector<identity::JsonWebKey> list;
  for (const v1::JsonWebKey& key : keys) {
    list.push_back({.kty = key.kty(),
                    .crv = key.crv(),
                    .x = key.x(),
                    .y = key.y(),
                    .kid = key.kid(),
                    .alg = key.alg(),
                    .use = key.use()});
  }
  return identity::KeySet(list);
}

}  // namespace selfology::security
