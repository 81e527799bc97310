#include "services/growth/gamification/badges/credential.h"

#include <array>
#include <cstdint>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "openssl/evp.h"
#include "openssl/sha.h"

namespace selfology::gamification {
namespace {

using Json = nlohmann::ordered_json;

std::string Base64Url(std::string_view bytes) {
  return absl::WebSafeBase64Escape(bytes);  // Without padding.
}

std::string Time(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::string Sha256Hex(std::string_view text) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest.data());
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

std::string IdentityHash(std::string_view identity, std::string_view salt) {
  return absl::StrCat("sha256$", Sha256Hex(absl::StrCat(identity, salt)));
}

std::string DescribeCredential(const Credential& credential) {
  const std::string id = absl::StrCat("urn:uuid:", credential.award_id);
  const Json issuer = {
      {"id", credential.issuer_id}, {"type", Json::array({"Profile"})}, {"name", "Selfology"}};
  const Json achievement = {
      {"id", absl::StrCat(credential.issuer_id, "/api/gamification/badges#", credential.badge_id)},
      {"type", Json::array({"Achievement"})},
      {"name", credential.title},
      {"description", credential.criteria},
      {"criteria", {{"narrative", credential.criteria}}}};
  const Json identity = {{"type", "IdentityObject"},
                         {"identityHash", credential.subject_hash},
                         {"identityType", "identifier"},
                         {"hashed", true},
                         {"salt", credential.salt}};
  const Json claims = {
      {"@context", Json::array({"https://www.w3.org/ns/credentials/v2",
                                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"})},
      {"id", id},
      {"type", Json::array({"VerifiableCredential", "OpenBadgeCredential"})},
      {"issuer", issuer},
      {"validFrom", Time(credential.awarded_at)},
      {"name", credential.title},
      {"credentialSubject",
       {{"type", Json::array({"AchievementSubject"})},
        {"identifier", Json::array({identity})},
        {"achievement", achievement}}},
      {"credentialStatus",
       {{"id", absl::StrCat(credential.issuer_id, "/api/gamification/badges/revocations")},
        {"type", "1EdTechRevocationList"}}},
      {"iss", credential.issuer_id},
      {"jti", id},
      {"nbf", absl::ToUnixSeconds(credential.awarded_at)}};
  return claims.dump();
}

void CredentialSigner::Free::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

absl::StatusOr<CredentialSigner> CredentialSigner::Of(std::string_view seed) {
  if (seed.size() != kSeedBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the key that signs badges must have ", kSeedBytes, " bytes"));
  }
  CredentialSigner signer;
  signer.key_ = std::shared_ptr<EVP_PKEY>(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                   reinterpret_cast<const uint8_t*>(seed.data()), seed.size()),
      Free());
  std::array<uint8_t, 32> raw;
  size_t size = raw.size();
  if (signer.key_ == nullptr ||
      EVP_PKEY_get_raw_public_key(signer.key_.get(), raw.data(), &size) != 1) {
    return absl::InternalError("the key that signs badges could not be made");
  }
  const std::string x = Base64Url({reinterpret_cast<const char*>(raw.data()), size});
  // RFC 7638: the members in this order, without white space, are what a thumbprint is made of.
  const std::string canonical =
      absl::StrCat("{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"", x, "\"}");
  Json jwk = {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", x}};
  jwk["kid"] = Base64Url(absl::HexStringToBytes(Sha256Hex(canonical)));
  jwk["use"] = "sig";
  jwk["alg"] = "EdDSA";
  signer.public_jwk_ = jwk.dump();
  return signer;
}

absl::StatusOr<std::string> CredentialSigner::Sign(std::string_view claims) const {
  const Json jwk = Json::parse(public_jwk_);
  const Json header = {{"alg", "EdDSA"},
                       {"typ", "JWT"},
                       {"jwk", {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", jwk["x"]}}}};
  const std::string signed_text = absl::StrCat(Base64Url(header.dump()), ".", Base64Url(claims));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  std::array<uint8_t, 64> signature;
  size_t size = signature.size();
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size,
                     reinterpret_cast<const uint8_t*>(signed_text.data()),
                     signed_text.size()) != 1) {
    return absl::InternalError("the badge could not be signed");
  }
  return absl::StrCat(signed_text, ".",
                      Base64Url({reinterpret_cast<const char*>(signature.data()), size}));
}

}  // namespace selfology::gamification
