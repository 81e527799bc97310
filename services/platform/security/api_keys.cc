#include "services/platform/security/api_keys.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace selfology::security {
namespace {

constexpr std::string_view kPrefix = "sk_";
constexpr size_t kIdBytes = 12;
constexpr size_t kSecretLength = 43;

}  // namespace

ApiKeyText MakeApiKey(const crypto::Sealer& sealer, int64_t user_id,
                      std::string_view idempotency_key) {
  const std::string data = absl::StrCat(user_id, ":", idempotency_key);
  return {.id = absl::BytesToHexString(sealer.Derive("api key id", data).substr(0, kIdBytes)),
          .secret = crypto::ToBase64Url(sealer.Derive("api key secret", data))};
}

std::string ToText(const ApiKeyText& key) { return absl::StrCat(kPrefix, key.id, "_", key.secret); }

std::optional<ApiKeyText> ParseApiKey(std::string_view text) {
  if (text.size() != kPrefix.size() + 2 * kIdBytes + 1 + kSecretLength ||
      !text.starts_with(kPrefix)) {
    return std::nullopt;
  }
  text.remove_prefix(kPrefix.size());
  const std::string_view id = text.substr(0, 2 * kIdBytes);
  if (text[id.size()] != '_' || !std::all_of(id.begin(), id.end(), absl::ascii_isxdigit)) {
    return std::nullopt;
  }
  return ApiKeyText{.id = std::string(id), .secret = std::string(text.substr(id.size() + 1))};
}

}  // namespace selfology::security
