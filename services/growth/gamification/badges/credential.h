// Badges as Open Badges 3.0: verifiable credentials in the form of a JSON Web Token, signed by EdDSA
// with Ed25519.
//
//   ASSIGN_OR_RETURN(const CredentialSigner signer, CredentialSigner::Of(seed));
//   const std::string jwt = signer.Sign(Describe(...));
//
// Threads: values that do not change, and pure functions.
// Sources: Open Badges 3.0 (1EdTech), sections 8.2.4 (JWT proof) and B.1.1; Verifiable Credentials Data
// Model 2.0 (W3C); RFC 7515, RFC 8037.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "openssl/types.h"

namespace selfology::gamification {

struct Credential {
  std::string issuer_id = {};  // A URL, below which the key and the revocations are found.
  std::string award_id = {};   // A UUID.
  std::string badge_id = {};
  std::string title = {};
  std::string criteria = {};
  std::string subject_hash = {};  // Of the person: IdentityHash.
  std::string salt = {};
  absl::Time awarded_at;
};

// The credential as JSON, without its proof; with the registered claims of a token.
std::string DescribeCredential(const Credential& credential);

// "sha256$" and the hash of a person's id with a salt: who knows the id can check it.
std::string IdentityHash(std::string_view identity, std::string_view salt);

class CredentialSigner {
 public:
  static constexpr size_t kSeedBytes = 32;

  // INVALID_ARGUMENT unless the seed has kSeedBytes.
  static absl::StatusOr<CredentialSigner> Of(std::string_view seed);

  // The token in its compact form. INTERNAL when OpenSSL fails.
  absl::StatusOr<std::string> Sign(std::string_view claims) const;
  // The public key (RFC 8037), with `kid`.
  const std::string& public_jwk() const { return public_jwk_; }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const;
  };
  std::shared_ptr<EVP_PKEY> key_;
  std::string public_jwk_;
};

}  // namespace selfology::gamification
