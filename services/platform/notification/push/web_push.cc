#include "services/platform/notification/push/web_push.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "nlohmann/json.hpp"

namespace selfology::notification {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr size_t kAuthBytes = 16;
constexpr size_t kPointBytes = 65;
constexpr size_t kKeyBytes = 16;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr uint32_t kRecordBytes = 4096;
constexpr absl::Duration kTokenLasts = absl::Hours(12);
constexpr int kMostTitle = 200;
constexpr int kMostText = 600;  // 4 bytes each stay far below the limit.
constexpr size_t kLongestTopic = 32;

struct Freeing {
  void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, Freeing>;

const unsigned char* In(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

// HKDF with SHA-256 (RFC 5869).
absl::StatusOr<std::string> Hkdf(std::string_view salt, std::string_view key, std::string_view info,
                                 size_t size) {
  const Owned<EVP_KDF> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const Owned<EVP_KDF_CTX> context(EVP_KDF_CTX_new(kdf.get()));
  char digest[] = "SHA256";
  const auto octets = [](const char* name, std::string_view bytes) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()), bytes.size());
  };
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                               octets(OSSL_KDF_PARAM_SALT, salt), octets(OSSL_KDF_PARAM_KEY, key),
                               octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  std::string out(size, '\0');
  if (context == nullptr || EVP_KDF_derive(context.get(), Out(out), out.size(), params) != 1) {
    return absl::InternalError("no key could be derived");
  }
  return out;
}

// "https://push.example.org", as RFC 6454 has it; empty: no URL of ours to use.
std::string OriginOf(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "";
  const size_t end = std::min(url.find_first_of("/?#", scheme + 3), url.size());
  return std::string(url.substr(0, end));
}

std::string_view UrgencyOf(v1::Priority priority) {
  switch (priority) {
    case v1::PRIORITY_LOW:
      return "low";
    case v1::PRIORITY_HIGH:
    case v1::PRIORITY_URGENT:
      return "high";
    default:
      return "normal";
  }
}

}  // namespace

absl::StatusOr<BrowserKeys> ParseBrowserKeys(std::string_view p256dh, std::string_view auth) {
  BrowserKeys keys;
  ASSIGN_OR_RETURN(keys.p256dh, FromBase64Url(p256dh));
  ASSIGN_OR_RETURN(keys.auth, FromBase64Url(auth));
  if (keys.auth.size() != kAuthBytes) return absl::InvalidArgumentError("auth has 16 bytes");
  // Whether it is a point of the curve is seen by using it.
  RETURN_IF_ERROR(PrivateKey::Generate().SharedSecret(keys.p256dh).status());
  return keys;
}

absl::StatusOr<std::string> EncryptForBrowser(std::string_view text, const BrowserKeys& browser,
                                              const PrivateKey& own, std::string_view salt) {
  if (text.size() > kMostWebPushBytes) return absl::InvalidArgumentError("too long for web push");
  if (salt.size() != kSaltBytes) return absl::InvalidArgumentError("salt has 16 bytes");
  ASSIGN_OR_RETURN(const std::string shared, own.SharedSecret(browser.p256dh));
  const std::string point = own.Point();
  // RFC 8291, 3.3 and 3.4; the names end with a zero byte.
  const std::string key_info =
      absl::StrCat(std::string_view("WebPush: info\0", 14), browser.p256dh, point);
  ASSIGN_OR_RETURN(const std::string input, Hkdf(browser.auth, shared, key_info, 32));
  ASSIGN_OR_RETURN(
      const std::string key,
      Hkdf(salt, input, std::string_view("Content-Encoding: aes128gcm\0", 28), kKeyBytes));
  ASSIGN_OR_RETURN(
      const std::string nonce,
      Hkdf(salt, input, std::string_view("Content-Encoding: nonce\0", 24), kNonceBytes));
  std::string body(salt);
  for (const int shift : {24, 16, 8, 0}) body += static_cast<char>(kRecordBytes >> shift & 0xff);
  body += static_cast<char>(kPointBytes);
  body += point;

  constexpr char kLastRecord = 2;  // RFC 8188, 2.
  const std::string padded = absl::StrCat(text, std::string_view(&kLastRecord, 1));
  std::string sealed(padded.size(), '\0'), tag(kTagBytes, '\0');
  const Owned<EVP_CIPHER_CTX> cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  if (EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_gcm(), nullptr, In(key), In(nonce)) != 1 ||
      EVP_EncryptUpdate(cipher.get(), Out(sealed), &size, In(padded),
                        static_cast<int>(padded.size())) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), Out(sealed) + size, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) != 1) {
    return absl::InternalError("nothing could be encrypted");
  }
  return absl::StrCat(body, sealed, tag);
}

absl::StatusOr<std::string> VapidHeader(const PrivateKey& key, std::string_view endpoint,
                                        std::string_view contact, absl::Time now) {
  const std::string origin = OriginOf(endpoint);
  if (origin.empty()) return absl::InvalidArgumentError("the endpoint is no URL");
  ASSIGN_OR_RETURN(
      const std::string token,
      key.Sign(nlohmann::json::object(), {{"aud", origin},
                                          {"exp", absl::ToUnixSeconds(now + kTokenLasts)},
                                          {"sub", std::string(contact)}}));
  return absl::StrCat("vapid t=", token, ", k=", ToBase64Url(key.Point()));
}

bool IsEndpoint(std::string_view url) {
  const bool is_https = absl::StartsWith(url, "https://") && url.size() > 8 && url[8] != '/';
  const bool is_local =
      absl::StartsWith(url, "http://127.0.0.1:") || absl::StartsWith(url, "http://localhost:");
  const std::string origin = OriginOf(url);
  return (is_https || is_local) && !absl::StrContains(origin, "@") &&
         std::none_of(url.begin(), url.end(), [](char c) {
           return absl::ascii_iscntrl(static_cast<unsigned char>(c)) || c == ' ';
         });
}

std::string WebPushJson(const PushMessage& message) {
  const nlohmann::json json = {{"notification_id", message.notification_id},
                               {"title", std::string(text::Prefix(message.title, kMostTitle))},
                               {"body", std::string(text::Prefix(message.text, kMostText))},
                               {"link", message.link.size() <= 512 ? message.link : ""},
                               {"tag", message.stable_id},
                               {"badge", message.badge}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

http::Headers WebPushHeaders(const PushMessage& message) {
  http::Headers headers = {
      {"Content-Type", "application/octet-stream"},
      {"Content-Encoding", "aes128gcm"},
      {"TTL", absl::StrCat(std::max<int64_t>(0, absl::ToInt64Seconds(message.time_to_live)))},
      {"Urgency", std::string(UrgencyOf(message.priority))}};
  // A UUID without its hyphens has 32 characters of the base64url alphabet, which is the limit.
  const std::string topic = absl::StrReplaceAll(message.stable_id, {{"-", ""}});
  if (!topic.empty() && topic.size() <= kLongestTopic) headers.Add("Topic", topic);
  return headers;
}

}  // namespace selfology::notification
