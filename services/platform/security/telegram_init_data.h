// What Telegram signs for a mini app: `Telegram.WebApp.initData`, a query string with an HMAC.
//
//   ASSIGN_OR_RETURN(const InitData data, ReadInitData(text, bot_token, clock()));
//   data.user_id
//
// Threads: pure functions.
// Source: https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::security {

inline constexpr size_t kMaxInitDataBytes = 4096;
inline constexpr absl::Duration kInitDataLife = absl::Hours(1);

struct InitData {
  int64_t user_id = 0;
  absl::Time signed_at;
  std::string signature = {};  // 32 bytes: the same for the same content, however it is spelt.
};

// Errors: INIT_DATA_REFUSED when it is not signed with this bot's token, is older than
// kInitDataLife, comes from the future, or names no person.
absl::StatusOr<InitData> ReadInitData(std::string_view text, std::string_view bot_token,
                                      absl::Time now);

}  // namespace selfology::security
