// What people write when they name a channel.
//
//   ReadAddress("https://t.me/s/durov/123")   // {TELEGRAM_PREVIEW, "durov", "telegram:durov"}
//   ReadAddress("alice.bsky.social")           // {BLUESKY, …}
//   ReadAddress("@alice@mastodon.example")     // {MASTODON, …}
//   ReadAddress("https://example.org/blog")    // {WEB_FEED, …}: a feed, or a page that names one
//   ReadAddress("t.me/+AbCd")                  // is_private: an invitation
//
// Threads: pure functions. Source of Telegram's names: core.telegram.org/method/account.checkUsername,
// 4 characters of collectible ones and more.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "selfology/channel_reader/v1/channel_reader.pb.h"

namespace selfology::channel_reader {

struct Address {
  v1::SourceKind source = v1::SOURCE_KIND_UNSPECIFIED;
  std::string handle = {};  // As it is shown: "durov", "alice@mastodon.example", an https address.
  // What tells channels apart, however they are written: "telegram:durov".
  std::string key = {};
  bool is_private = false;  // An invitation, or a link into a channel that only members see.
};

// nullopt: nothing that names a channel.
std::optional<Address> ReadAddress(std::string_view text);

// The key of a Telegram channel by its public name, or by its id where it has none.
std::string TelegramKey(std::string_view username, int64_t telegram_id);

}  // namespace selfology::channel_reader
