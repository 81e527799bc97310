#include "services/platform/notification/subscriptions/unsubscribe_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace selfology::notification {
namespace {

// 128 bits of HMAC-SHA-256: links stay short, and guessing is hopeless.
constexpr size_t kMacBytes = 16;
constexpr size_t kLongestToken = 512;

std::string MacOf(std::string_view key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const std::string named = absl::StrCat("unsubscribe\n", text);
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(named.data()), named.size(), digest,
           &size) == nullptr) {
    std::abort();  // Only without memory.
  }
  return {reinterpret_cast<const char*>(digest), kMacBytes};
}

}  // namespace

std::string UnsubscribeToken(std::string_view key, const MutedTopic& muted) {
  const std::string text = absl::StrCat(muted.user_id, ".", muted.topic);
  return absl::WebSafeBase64Escape(absl::StrCat(MacOf(key, text), text));
}

std::optional<MutedTopic> ReadUnsubscribeToken(std::string_view key, std::string_view token) {
  std::string bytes;
  if (token.size() > kLongestToken || !absl::WebSafeBase64Unescape(token, &bytes) ||
      bytes.size() <= kMacBytes) {
    return std::nullopt;
  }
  const std::string text = bytes.substr(kMacBytes);
  const std::string mac = MacOf(key, text);
  if (CRYPTO_memcmp(mac.data(), bytes.data(), kMacBytes) != 0) return std::nullopt;
  const size_t dot = text.find('.');
  MutedTopic muted;
  if (dot == std::string::npos || !absl::SimpleAtoi(text.substr(0, dot), &muted.user_id)) {
    return std::nullopt;
  }
  muted.topic = text.substr(dot + 1);
  return muted;
}

}  // namespace selfology::notification
