// Keys that tokens are signed with (ES256: ECDSA on P-256 with SHA-256; for id_tokens of apps that ask
// for it RS256: RSASSA-PKCS1-v1_5 with SHA-256 and 2,048 bits), and signatures by them.
//
//   ASSIGN_OR_RETURN(const SigningKey key, SigningKey::Generate());
//   ASSIGN_OR_RETURN(std::string token, key.Sign("at+jwt", R"({"sub":"1001"})"));
//   identity::CheckSignature(token, ToKeySet({key.public_jwk()}));
//
// A key has one algorithm, and the kernel takes no access token that is not ES256 (RFC 8725 section 3.1).
// Threads: values; one may be used by several threads.
// Sources: RFC 7515, 7517, 7518, 7638, by libcjose.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/identity/jws.h"
#include "selfology/security/v1/verification_service.pb.h"

struct _cjose_jwk_int;

namespace selfology::security {

class SigningKey {
 public:
  static absl::StatusOr<SigningKey> Generate();
  // For RS256; takes a tenth of a second and more.
  static absl::StatusOr<SigningKey> GenerateRsa();
  // INVALID_ARGUMENT unless it is a whole P-256 or RSA key.
  static absl::StatusOr<SigningKey> FromPrivateJwk(const std::string& jwk);

  // With the private part: only to be sealed.
  absl::StatusOr<std::string> PrivateJwk() const;
  // Its kid is the thumbprint of RFC 7638.
  const v1::JsonWebKey& public_jwk() const { return public_jwk_; }
  const std::string& kid() const { return public_jwk_.kid(); }
  const std::string& algorithm() const { return public_jwk_.alg(); }

  // A compact JWS whose header has alg, kid and typ.
  absl::StatusOr<std::string> Sign(std::string_view type, std::string_view payload) const;

 private:
  SigningKey(std::shared_ptr<_cjose_jwk_int> key, v1::JsonWebKey public_jwk);

  std::shared_ptr<_cjose_jwk_int> key_;
  v1::JsonWebKey public_jwk_;
};

// The keys as the kernel checks signatures with them (common/identity/jws.h).
identity::KeySet ToKeySet(const std::vector<v1::JsonWebKey>& keys);

}  // namespace selfology::security
