#include "services/platform/user/secrets.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

namespace selfology::user {
namespace {

constexpr std::string_view kLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
// 30 letters: a byte from here on would favour the first ones.
constexpr int kFair = 256 / 30 * 30;

std::string Sha256(std::string_view text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

}  // namespace

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    std::abort();
  }
  return bytes;
}

std::string NewCode() { return absl::WebSafeBase64Escape(RandomBytes(32)); }

std::string NewShortCode(int letters) {
  std::string code;
  while (code.size() < static_cast<size_t>(letters)) {
    for (const char byte : RandomBytes(static_cast<size_t>(letters))) {
      const int value = static_cast<unsigned char>(byte);
      if (value < kFair && code.size() < static_cast<size_t>(letters)) {
        code += kLetters[static_cast<size_t>(value) % kLetters.size()];
      }
    }
  }
  return code;
}

std::string TypedCode(std::string_view typed) {
  std::string code;
  for (const char letter : typed) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(letter))) {
      code += absl::ascii_toupper(static_cast<unsigned char>(letter));
    }
  }
  return code;
}

std::string NewJobId() { return absl::BytesToHexString(RandomBytes(16)); }

std::string HashOfCode(std::string_view code) { return absl::BytesToHexString(Sha256(code)); }

std::string ChallengeOf(std::string_view verifier) {
  return absl::WebSafeBase64Escape(Sha256(verifier));
}

std::string KeyedHash(std::string_view key, std::string_view name) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(name.data()), name.size(), digest, &size);
  return absl::BytesToHexString(
      std::string_view(reinterpret_cast<const char*>(digest), static_cast<size_t>(size)));
}

bool SameSecret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace selfology::user
