#include "services/edge/webhook/inbound/digests.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

namespace selfology::webhook {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* In(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// digest: null for algorithms that hash by themselves.
bool VerifyBy(EVP_PKEY* key, const EVP_MD* digest, std::string_view data,
              std::string_view signature) {
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return key != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), In(signature), signature.size(), In(data), data.size()) ==
             1;
}

}  // namespace

std::string Hmac(v1::HashAlgorithm algorithm, std::string_view key, std::string_view data) {
  const EVP_MD* const digest = algorithm == v1::HASH_ALGORITHM_SHA1     ? EVP_sha1()
                               : algorithm == v1::HASH_ALGORITHM_SHA512 ? EVP_sha512()
                                                                        : EVP_sha256();
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned int size = 0;
  HMAC(digest, key.data(), static_cast<int>(key.size()), In(data), data.size(), out.data(), &size);
  return std::string(reinterpret_cast<const char*>(out.data()), size);
}

bool VerifyEd25519(std::string_view public_key, std::string_view data, std::string_view signature) {
  const Key key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, In(public_key), public_key.size()),
      &EVP_PKEY_free);
  return VerifyBy(key.get(), nullptr, data, signature);
}

RsaResult VerifyRsaSha256(std::string_view certificate_pem, std::string_view data,
                          std::string_view signature) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())), &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
  if (certificate == nullptr) return RsaResult::kUnusable;
  const Key key(X509_get_pubkey(certificate.get()), &EVP_PKEY_free);
  if (key == nullptr || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) return RsaResult::kUnusable;
  return VerifyBy(key.get(), EVP_sha256(), data, signature) ? RsaResult::kGood : RsaResult::kBad;
}

uint32_t Crc32(std::string_view data) {
  static constexpr std::array<uint32_t, 256> kTable = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ (value & 1 ? 0xEDB88320u : 0);
      table[i] = value;
    }
    return table;
  }();
  uint32_t crc = ~uint32_t{0};
  for (const char c : data) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

}  // namespace selfology::webhook
