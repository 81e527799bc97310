// API keys as texts: "sk_<id>_<secret>".
//
//   const ApiKeyText made = MakeApiKey(sealer, user_id, idempotency_key);
//   std::optional<ApiKeyText> shown = ParseApiKey(request.api_key());
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/crypto/crypto.h"

namespace selfology::security {

struct ApiKeyText {
  std::string id = {};      // 24 hexadecimal digits; no secret.
  std::string secret = {};  // 43 characters.
};

// The same for the same person and idempotency key, so that a request that is sent twice gets the
// same key although the secret is kept nowhere.
ApiKeyText MakeApiKey(const crypto::Sealer& sealer, int64_t user_id,
                      std::string_view idempotency_key);

std::string ToText(const ApiKeyText& key);
// nullopt for what has not the form of a key.
std::optional<ApiKeyText> ParseApiKey(std::string_view text);

}  // namespace selfology::security
