#include "services/platform/file/digest.h"

#include <openssl/evp.h>

#include <cstdlib>

#include "absl/strings/escaping.h"

namespace selfology::file {
namespace {

std::string DigestOf(const EVP_MD* kind, std::string_view bytes) {
  std::string digest(EVP_MD_get_size(kind), '\0');
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                 nullptr, kind, nullptr) != 1) {
    std::abort();  // Out of memory.
  }
  return digest;
}

}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) != 1) std::abort();
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;

void Sha256::Add(std::string_view bytes) {
  if (EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) != 1) std::abort();
}

std::string Sha256::Finish() {
  std::string digest(32, '\0');
  if (EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(digest.data()),
                         nullptr) != 1) {
    std::abort();
  }
  return digest;
}

std::string Sha256::Of(std::string_view bytes) { return DigestOf(EVP_sha256(), bytes); }
std::string Sha1Of(std::string_view bytes) { return DigestOf(EVP_sha1(), bytes); }
std::string Md5Of(std::string_view bytes) { return DigestOf(EVP_md5(), bytes); }

std::string ToHex(std::string_view bytes) { return absl::BytesToHexString(bytes); }

}  // namespace selfology::file
