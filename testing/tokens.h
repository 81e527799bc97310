// Signs tokens for tests, apart from what the product signs them with.
//
//   const testing::TokenSigner signer("key-1");
//   const identity::KeySet keys({signer.key()});
//   const std::string token = signer.Person(7, {"viewer"});
//
// Threads: thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/identity/jws.h"
#include "nlohmann/json.hpp"

namespace selfology::testing {

class TokenSigner {
 public:
  // Makes a key.
  explicit TokenSigner(std::string kid);
  ~TokenSigner();

  const identity::JsonWebKey& key() const { return key_; }

  // ES256 of a header {"alg", "kid"}, or of another.
  std::string Sign(const nlohmann::json& claims) const;
  std::string Sign(const nlohmann::json& claims, const nlohmann::json& header) const;

  // Claims as security makes them, issued `at` for 15 minutes, each with a "jti" of its own.
  static nlohmann::json PersonClaims(int64_t user_id, const std::vector<std::string>& roles = {},
                                     absl::Time at = absl::Now());
  static nlohmann::json ServiceClaims(std::string_view service, std::string_view scope,
                                      absl::Time at = absl::Now());
  std::string Person(int64_t user_id, const std::vector<std::string>& roles = {}) const {
    return Sign(PersonClaims(user_id, roles));
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const;
  };

  std::unique_ptr<EVP_PKEY, Free> private_key_;
  identity::JsonWebKey key_;
};

// base64url without padding.
std::string Base64Url(std::string_view bytes);

}  // namespace selfology::testing
