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
#include <vector>

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

// AES-256-GCM with a fresh nonce each time. What is sealed names its key, so keys can change: the first seals, all open.
//
//   sealed = "SEL1", key id (8 bytes), nonce (12), text, tag (16)
class Sealer {
 public:
  static constexpr size_t kKeyBytes = 32;
  // What a seal adds to a text.
  static constexpr size_t kOverhead = 40;

  // INVALID_ARGUMENT unless the key has kKeyBytes.
  static absl::StatusOr<Sealer> Of(std::string key);
  // The newest first. INVALID_ARGUMENT unless there is one, and each has kKeyBytes.
  static absl::StatusOr<Sealer> Of(std::vector<std::string> keys);

  // What is sealed for one purpose opens for that purpose only.
  std::string Seal(std::string_view purpose, std::string_view text) const;
  // DATA_LOSS when it was changed, or sealed with another key or for another purpose. Also opens what was sealed before
  // seals named their key: nonce, text, tag.
  absl::StatusOr<std::string> Open(std::string_view purpose, std::string_view sealed) const;

  // How everything begins that the newest key sealed.
  const std::string& header() const { return keys_.front().header; }
  // Whether the newest key sealed it.
  bool IsNewest(std::string_view sealed) const { return sealed.starts_with(header()); }

  // 32 bytes that only the newest key makes of `data`: a secret that can be made again instead of kept, until there is
  // another key.
  std::string Derive(std::string_view purpose, std::string_view data) const;

 private:
  struct Key {
    std::string key;
    std::string header;
  };

  explicit Sealer(std::vector<Key> keys) : keys_(std::move(keys)) {}

  std::vector<Key> keys_;
};

}  // namespace selfology::crypto
