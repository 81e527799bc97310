#include "services/edge/api_gateway/caller_key.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace selfology::api_gateway {

using Kind = identity::Caller::Kind;

std::string RateKeyOf(const identity::Caller& caller, std::string_view address) {
  switch (caller.kind) {
    case Kind::kPerson:
    case Kind::kMachine:  // Its owner could make as many keys as they like.
      return absl::StrCat("person:", caller.user_id);
    case Kind::kService:
      return absl::StrCat("service:", caller.service);
    case Kind::kAnonymous:
      break;
  }
  return absl::StrCat("address:", address);
}

std::string KeyedHash(std::string_view text, std::string_view secret) {
  constexpr size_t kBytes = 6;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), kBytes));
}

std::string PseudonymOf(const identity::Caller& caller, std::string_view secret) {
  if (caller.kind == Kind::kAnonymous) return "-";
  return KeyedHash(RateKeyOf(caller, ""), secret);
}

std::string ClientAddress(std::string_view peer, const http::Headers& headers, int proxies) {
  if (proxies <= 0) return std::string(peer);
  std::vector<std::string> addresses;
  for (const auto& [name, value] : headers) {
    if (!absl::EqualsIgnoreCase(name, "X-Forwarded-For")) continue;
    for (const absl::string_view address : absl::StrSplit(value, ',')) {
      addresses.emplace_back(absl::StripAsciiWhitespace(address));
    }
  }
  const size_t back = static_cast<size_t>(proxies);
  return addresses.size() < back ? std::string(peer) : addresses[addresses.size() - back];
}

}  // namespace selfology::api_gateway
