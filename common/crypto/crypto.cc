#include "common/crypto/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace selfology::crypto {
namespace {

constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr std::string_view kMagic = "SEL1";
constexpr size_t kIdBytes = 8;
static_assert(Sealer::kOverhead == kMagic.size() + kIdBytes + kNonceBytes + kTagBytes);

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Cipher NewCipher() { return {EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free}; }

const unsigned char* In(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
int Size(std::string_view bytes) { return static_cast<int>(bytes.size()); }

// OpenSSL fails here only for want of memory, or of an algorithm that the build has.
void Must(bool done) {
  if (!done) std::abort();
}

// nonce, text, tag; nothing: it does not open.
std::optional<std::string> OpenWith(std::string_view key, std::string_view header,
                                    std::string_view purpose, std::string_view sealed) {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::string_view nonce = sealed.substr(0, kNonceBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  sealed = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  const Cipher cipher = NewCipher();
  std::string text(sealed.size(), '\0');
  int size = 0;
  Must(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, In(key), In(nonce)) == 1 &&
       EVP_DecryptUpdate(cipher.get(), nullptr, &size, In(header), Size(header)) == 1 &&
       EVP_DecryptUpdate(cipher.get(), nullptr, &size, In(purpose), Size(purpose)) == 1 &&
       EVP_DecryptUpdate(cipher.get(), Out(text), &size, In(sealed), Size(sealed)) == 1 &&
       EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1);
  if (EVP_DecryptFinal_ex(cipher.get(), Out(text) + size, &size) != 1) return std::nullopt;
  return text;
}

}  // namespace

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  Must(RAND_bytes(Out(bytes), static_cast<int>(count)) == 1);
  return bytes;
}

std::string Sha256(std::string_view data) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(In(data), data.size(), Out(digest));
  return digest;
}

std::string HmacSha256(std::string_view key, std::string_view data) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  Must(HMAC(EVP_sha256(), key.data(), Size(key), In(data), data.size(), Out(digest), nullptr) !=
       nullptr);
  return digest;
}

bool SameBytes(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string ToBase64Url(std::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

absl::StatusOr<Sealer> Sealer::Of(std::string key) {
  return Of(std::vector<std::string>{std::move(key)});
}

absl::StatusOr<Sealer> Sealer::Of(std::vector<std::string> keys) {
  if (keys.empty()) return absl::InvalidArgumentError("there is no seal key");
  std::vector<Key> ring;
  for (std::string& key : keys) {
    if (key.size() != kKeyBytes) {
      return absl::InvalidArgumentError(absl::StrCat("a seal key has ", kKeyBytes, " bytes"));
    }
    const std::string id = HmacSha256(key, "key id").substr(0, kIdBytes);
    ring.push_back({.key = std::move(key), .header = absl::StrCat(kMagic, id)});
  }
  return Sealer(std::move(ring));
}

std::string Sealer::Seal(std::string_view purpose, std::string_view text) const {
  const Key& newest = keys_.front();
  const std::string nonce = RandomBytes(kNonceBytes);
  const Cipher cipher = NewCipher();
  std::string sealed(text.size(), '\0'), tag(kTagBytes, '\0');
  int size = 0;
  Must(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, In(newest.key), In(nonce)) ==
           1 &&
       EVP_EncryptUpdate(cipher.get(), nullptr, &size, In(newest.header), Size(newest.header)) ==
           1 &&
       EVP_EncryptUpdate(cipher.get(), nullptr, &size, In(purpose), Size(purpose)) == 1 &&
       EVP_EncryptUpdate(cipher.get(), Out(sealed), &size, In(text), Size(text)) == 1 &&
       EVP_EncryptFinal_ex(cipher.get(), Out(sealed) + size, &size) == 1 &&
       EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1);
  return absl::StrCat(newest.header, nonce, sealed, tag);
}

absl::StatusOr<std::string> Sealer::Open(std::string_view purpose, std::string_view sealed) const {
  for (const Key& key : keys_) {
    if (!sealed.starts_with(key.header)) continue;
    std::optional<std::string> text =
        OpenWith(key.key, key.header, purpose, sealed.substr(key.header.size()));
    if (text.has_value()) return *std::move(text);
  }
  // Before seals named their key; by chance a nonce may begin as a header does.
  for (const Key& key : keys_) {
    std::optional<std::string> text = OpenWith(key.key, "", purpose, sealed);
    if (text.has_value()) return *std::move(text);
  }
  return absl::DataLossError("does not open: changed, or sealed with another key");
}

std::string Sealer::Derive(std::string_view purpose, std::string_view data) const {
  return HmacSha256(HmacSha256(keys_.front().key, absl::StrCat("derive ", purpose)), data);
}

}  // namespace selfology::crypto
