// RSS 2.0, RSS 1.0 and Atom feeds.
//
//   ASSIGN_OR_RETURN(const Reading reading, ParseWebFeed(body, "https://example.org/feed.xml"));
//   FindFeedLink(page, "https://example.org/")      // what an HTML page says its feed is
//
// A post's text is the entry's title, and its content without markup. Entries are known by guid or
// id, else by their link; those that have neither are passed over.
//
// Errors: INVALID_ARGUMENT: no feed, or above kMaxFeedBytes.
// Threads: pure functions. Sources: RFC 4287, rssboard.org/rss-specification, RSS 1.0, Media RSS.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/feed/channel_reader/reading/found.h"

namespace selfology::channel_reader {

inline constexpr size_t kMaxFeedBytes = size_t{4} << 20;
inline constexpr int kMaxFeedEntries = 100;  // The newest.

// `url`: what relative links are relative to.
absl::StatusOr<Reading> ParseWebFeed(std::string_view xml, std::string_view url);

// Empty: the page names none.
std::string FindFeedLink(std::string_view html, std::string_view url);

}  // namespace selfology::channel_reader
