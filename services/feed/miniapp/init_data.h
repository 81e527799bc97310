// What Telegram tells a mini app about who opened it (`Telegram.WebApp.initData`), and its signature for
// third parties: Ed25519 by a key of Telegram's, so that no bot's token is needed to check it. (The HMAC by
// the bot's token is checked by the security service, which gives a token for it.)
//
//   ASSIGN_OR_RETURN(const InitData data, ParseInitData(text));
//   RETURN_IF_ERROR(CheckSignature(text, bot_id, kProductionKey));
//   data.user_id, data.signed_at, data.start_parameter
//
// Errors: INIT_DATA_REFUSED. Threads: pure functions.
// Source: https://core.telegram.org/bots/webapps#validating-data-for-third-party-use
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::miniapp {

inline constexpr size_t kMaxInitDataBytes = 4096;

// Telegram's public keys, hexadecimal, as its documentation has them.
inline constexpr std::string_view kProductionKey =
    "e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d";
inline constexpr std::string_view kTestKey =
    "40055058a4ee38156a06562e52eece92a771bcd8346a8c4615cb7376eddf72ec";

struct InitData {
  int64_t user_id = 0;  // 0: it names nobody.
  absl::Time signed_at = absl::InfinitePast();
  std::string start_parameter = {};
};

// What it says, whoever signed it.
absl::StatusOr<InitData> ParseInitData(std::string_view text);

// Whether `key` signed all of it for the mini app of that bot. A field that is there twice is refused: it
// would be unclear which of the two was signed.
absl::Status CheckSignature(std::string_view text, int64_t bot_id, std::string_view key);

}  // namespace selfology::miniapp
