// A digest: a person's best posts of a day, by channel, as posts and as text.
//
//   std::vector<v1::Post> ordered = ByChannel(posts);          // channels with the best first
//   std::string text = DigestText(ordered, "ru");
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "selfology/feed/v1/feed.pb.h"

namespace selfology::feed {

inline constexpr absl::Duration kDigestSpan = absl::Hours(24);

// Keeps the order within each channel; a channel stands where its first post stood.
std::vector<v1::Post> ByChannel(const std::vector<v1::Post>& posts);

// Languages: "ru"; everything else is English. Each post in one line, at most 200 characters of it.
std::string DigestText(const std::vector<v1::Post>& posts, std::string_view language);

// At most so many characters, with "…" where something was cut; never within a character.
std::string Cut(std::string_view text, size_t characters);

}  // namespace selfology::feed
