// Signatures of tokens: JSON Web Signature in its compact form (RFC 7515), by ES256 and nothing else.
//
//   const identity::KeySet keys(jwks);
//   ASSIGN_OR_RETURN(const std::string claims, identity::CheckSignature(token, keys));
//
// A key may be used with the one algorithm that it was made for, and a token says by `kid` which key
// it is; what else its header says about algorithms and keys ("none", HS256 with the public key as
// the secret, keys of its own) gets it refused.
//
// Threads: values that do not change, and pure functions.
// Sources: RFC 7515, 7517, 7518; RFC 8725 on what has gone wrong with these.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "openssl/types.h"

namespace selfology::identity {

// Longer ones are refused unread.
inline constexpr size_t kMaxTokenBytes = 8192;

// A public key as RFC 7517 has it; members that are absent are empty.
struct JsonWebKey {
  std::string kty = {};
  std::string crv = {};
  std::string x = {};  // base64url, as is y.
  std::string y = {};
  std::string kid = {};
  std::string alg = {};
  std::string use = {};
};

class KeySet {
 public:
  KeySet() = default;
  // Keys that are not for signatures by ES256, or are no points of its curve, are left out, so that
  // they serve for nothing.
  explicit KeySet(absl::Span<const JsonWebKey> keys);

  bool empty() const { return keys_.empty(); }
  // Null: no such key. Lives as long as the set.
  EVP_PKEY* Find(std::string_view kid) const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const;
  };
  absl::flat_hash_map<std::string, std::unique_ptr<EVP_PKEY, Free>> keys_;
};

// The payload of a token that one of the keys has signed. UNAUTHENTICATED for every other token, but
// NOT_FOUND where it names a key that is not in the set: a newer set may have it.
absl::StatusOr<std::string> CheckSignature(std::string_view token, const KeySet& keys);

// base64url without padding (RFC 7515, section 2), of which each text has one spelling.
absl::StatusOr<std::string> FromBase64Url(std::string_view text);

}  // namespace selfology::identity
