// Randomness and hashes for what must not be guessed or read back.
//
//   const std::string code = NewCode();                  // goes to the person
//   store::SaveCode(tx, HashOfCode(code), ...);          // is kept
//
// Aborts if the system gives no randomness: nothing could be issued safely then. Threads: thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace selfology::user {

std::string RandomBytes(size_t count);

// 256 random bits, base64url without padding: for links in mails, states and verifiers.
std::string NewCode();

// `letters` of 4.9 random bits each, of 2 to 9 and A to Z without I, L, O and U, for people to type.
std::string NewShortCode(int letters);
// As it was made, whatever a person made of it: upper case, without spaces and dashes.
std::string TypedCode(std::string_view typed);

// 32 hexadecimal digits.
std::string NewJobId();

// SHA-256 in hexadecimal digits. For what has enough randomness of its own, never for passwords.
std::string HashOfCode(std::string_view code);
// SHA-256 in base64url: PKCE's "S256" (RFC 7636, section 4.2).
std::string ChallengeOf(std::string_view verifier);
// HMAC-SHA-256 in hexadecimal digits: tells equal names apart from others without saying them.
std::string KeyedHash(std::string_view key, std::string_view name);

// In a time that does not depend on where they differ.
bool SameSecret(std::string_view a, std::string_view b);

}  // namespace selfology::user
