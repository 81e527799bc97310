// A person's feed as RSS 2.0, for feed readers.
//
//   std::string xml = RssOf(posts, {.title = "My feed", .link = "https://…", .built_at = now});
//
// Each post is an item whose guid is its address, or "selfology:post:<id>" where it has none, so that a
// reader shows it once. Control characters, which XML cannot hold, are left out.
//
// Threads: pure functions. Source: https://www.rssboard.org/rss-specification
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "selfology/feed/v1/feed.pb.h"

namespace selfology::feed {

struct RssChannel {
  std::string title = {};
  std::string description = {};
  std::string language = {};  // BCP 47.
  absl::Time built_at;
};

// The newest first.
std::string RssOf(std::vector<v1::Post> posts, const RssChannel& channel);

// RFC 822, as RSS wants it: "Sat, 07 Sep 2002 09:42:31 GMT".
std::string Rfc822(absl::Time time);

}  // namespace selfology::feed
