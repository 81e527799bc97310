// JSON Web Tokens that say to a push service who we are.
//
//   ASSIGN_OR_RETURN(const PrivateKey key, PrivateKey::FromPem(pem));
//   ASSIGN_OR_RETURN(std::string token, key.Sign({{"kid", "ABC"}}, {{"iss", "DEF"}, {"iat", 17}}));
//
// RS256 with an RSA key (Google's service accounts), ES256 with one on P-256 (APNs, VAPID).
// Errors: INVALID_ARGUMENT for a key of another kind. Threads: values; one may be used by several
// threads. Sources: RFC 7515, RFC 7518, by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"
#include "openssl/types.h"

namespace selfology::notification {

class PrivateKey {
 public:
  // PKCS#8 or the older forms, "-----BEGIN PRIVATE KEY-----". RSA of at least 2,048 bits, or P-256.
  static absl::StatusOr<PrivateKey> FromPem(std::string_view pem);
  // A number of 32 bytes on P-256, as VAPID keys are kept.
  static absl::StatusOr<PrivateKey> FromScalar(std::string_view scalar);
  // A new one on P-256.
  static PrivateKey Generate();

  bool is_rsa() const;
  // The compact form; "alg" and "typ" are set by themselves.
  absl::StatusOr<std::string> Sign(nlohmann::json header, const nlohmann::json& claims) const;

  // On P-256: 32 and 65 bytes (uncompressed point).
  std::string Scalar() const;
  std::string Point() const;
  // ECDH with another's point of 65 bytes: 32 bytes. INVALID_ARGUMENT: it is no point of P-256.
  absl::StatusOr<std::string> SharedSecret(std::string_view point) const;

 private:
  explicit PrivateKey(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key)) {}

  std::shared_ptr<EVP_PKEY> key_;
};

// Without padding.
std::string ToBase64Url(std::string_view bytes);
// nullopt-like: INVALID_ARGUMENT for what is none; padding is taken as well.
absl::StatusOr<std::string> FromBase64Url(std::string_view text);

}  // namespace selfology::notification
