// Password hashes: Argon2id (RFC 9106) in its usual text form, "$argon2id$v=19$m=19456,t=2,p=1$...".
//
//   const std::string hash = HashPassword(password, RandomBytes(kSaltBytes), {});
//   if (MatchesHash(password, hash) && NeedsRehash(hash, {})) ...
//
// Each takes tens of milliseconds and memory_kib of memory: never on an I/O thread, see
// password_workers.h. Threads: pure functions.
// Source: the parameters are OWASP's (Password Storage Cheat Sheet: 19 MiB, t=2, p=1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace selfology::user {

struct HashParameters {
  uint32_t memory_kib = 19 * 1024;
  uint32_t passes = 2;
  uint32_t lanes = 1;
};

inline constexpr size_t kSaltBytes = 16;

// salt: kSaltBytes random bytes. Empty if there is not enough memory.
std::string HashPassword(std::string_view password, std::string_view salt,
                         const HashParameters& parameters);

// False, too, for what is no hash. Takes as long whether they match or not.
bool MatchesHash(std::string_view password, const std::string& hash);

// Whether it was made with other parameters.
bool NeedsRehash(std::string_view hash, const HashParameters& parameters);

}  // namespace selfology::user
