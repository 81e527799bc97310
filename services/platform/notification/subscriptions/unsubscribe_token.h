// What stands in the unsubscribe link of a mail: whose mail it was and of which topic, signed, so that
// nobody can unsubscribe another and no table of tokens has to be kept.
//
//   const std::string token = UnsubscribeToken(key, {.user_id = 7, .topic = "tasks"});
//   const std::optional<MutedTopic> who = ReadUnsubscribeToken(key, token);
//
// It does not expire: an old mail's link still works. Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace selfology::notification {

struct MutedTopic {
  int64_t user_id = 0;
  std::string topic = {};
  friend bool operator==(const MutedTopic&, const MutedTopic&) = default;
};

std::string UnsubscribeToken(std::string_view key, const MutedTopic& muted);
// nullopt: it was not made with this key.
std::optional<MutedTopic> ReadUnsubscribeToken(std::string_view key, std::string_view token);

}  // namespace selfology::notification
