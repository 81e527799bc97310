// How persons write a channel, and what it is called.
//
//   NameOfChannel("https://t.me/s/Durov/123")   // "Durov"
//   NameOfChannel("@durov")                     // "durov"
//   KeyOfChannel("Durov")                       // "durov": equal for the same channel
//
// What is no name of Telegram's (an address of a feed, name@server) stays as it is.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace selfology::feed {

inline constexpr int kMaxChannelName = 512;  // Characters.

// Empty for what cannot be a channel.
std::string NameOfChannel(std::string_view text);

// Of a name: lower case where case does not count, which is in Telegram's names and in addresses' hosts.
std::string KeyOfChannel(std::string_view name);

}  // namespace selfology::feed
