// The preview pages of a public Telegram channel: https://t.me/s/NAME, and the page of a name,
// https://t.me/NAME, which says why there is no preview.
//
//   ASSIGN_OR_RETURN(const PreviewPage page, ParsePreviewPage(body));
//   if (!page.is_channel) ...   // a shell: never judged by the HTTP status
//   page.posts                  // the oldest first; about 20, also fewer in the middle of a channel
//
// What is known of these pages: a page has 15 to 20 posts; replies and link previews have texts of
// the same class as the post's own, which are not taken; an album is one post with several numbers;
// numbers have gaps; links with onclick have their "&" escaped twice; the channel's number is in
// data-view; the link to older posts may be missing in the middle of a channel.
//
// Errors: INVALID_ARGUMENT: too large (html_tree.h), or cut off.
// Threads: pure functions. Sources: the public parsers of RSS-Bridge, RSSHub and snscrape, by what
// they look for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/feed/channel_reader/reading/found.h"

namespace selfology::channel_reader {

struct PreviewPage {
  bool is_channel = false;  // It is a preview page, perhaps without posts.
  int64_t telegram_id = 0;  // 0: no post says it.
  std::string handle = {};
  std::string title = {};
  std::string about = {};
  std::string picture_url = {};
  int64_t subscribers = 0;
  std::vector<FoundPost> posts = {};
  // Every number that a post of the page has, those of albums' parts, too.
  int64_t lowest = 0;
  int64_t highest = 0;
  int64_t before = 0;  // Where the page says that older posts are; 0: it does not.
};
absl::StatusOr<PreviewPage> ParsePreviewPage(std::string_view html);

// What t.me/NAME shows.
enum class NamePage { kNothing, kChannel, kGroup, kPerson, kUnknown };
absl::StatusOr<NamePage> ParseNamePage(std::string_view html);

}  // namespace selfology::channel_reader
