// What secrets are made of and kept with: hashes, keyed hashes, sealed texts. All of it is OpenSSL's.
//
//   const std::string token = "rt_" + ToBase64Url(RandomBytes(32));
//   store::Save(tx, Sha256(token));                       // The token itself is kept nowhere.
//
//   ASSIGN_OR_RETURN(const Sealer sealer, Sealer::Of(key));
//   const std::string sealed = sealer.Seal("signing key", private_jwk);
//   ASSIGN_OR_RETURN(std::string jwk, sealer.Open("signing key", sealed));
//
// Strings hold bytes. Errors: as each says. Threads: functions and values.
// Sources: FIPS 180-4, RFC 2104, NIST SP 800-38D, RFC 4648 section 5.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace selfology::crypto {

// From the system's generator. Aborts when it has failed: nothing would be safe.
std::string RandomBytes(size_t count);

std::string Sha256(std::string_view data);                            // 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view data);  // 32 bytes.

// In a time that does not depend on where they differ.
bool SameBytes(std::string_view left, std::string_view right);

// Without padding; back with identity::FromBase64Url.
std::string ToBase64Url(std::string_view bytes);

// AES-256-GCM with a fresh nonce each time.
class Sealer {
 public:
  static constexpr size_t kKeyBytes = 32;

  // INVALID_ARGUMENT unless the key has kKeyBytes.
  static absl::StatusOr<Sealer> Of(std::string key);

  // What is sealed for one purpose opens for that purpose only.
  std::string Seal(std::string_view purpose, std::string_view text) const;
  // DATA_LOSS when it was changed, or sealed with another key or for another purpose.
  absl::StatusOr<std::string> Open(std::string_view purpose, std::string_view sealed) const;

  // 32 bytes that only this key makes of `data`: a secret that can be made again instead of kept.
  std::string Derive(std::string_view purpose, std::string_view data) const;

 private:
  explicit Sealer(std::string key) : key_(std::move(key)) {}

  std::string key_;
};

}  // namespace selfology::crypto
