// A public channel, as people see it on the web: for the emulator's pages and for tests of readers.
//
//   PublicChannel channel{.username = "daily_tea", .title = "Daily tea"};
//   channel.Add({.text = "Oolong today.", .at = now, .views = 1234});
//   channel.Add({.text = "Three cups", .at = now, .media = {{.kind = "photo"}, {.kind = "photo"}}});
//   channel.Page(/*before=*/0, /*after=*/0, /*words=*/"")     // the newest posts, the oldest first
//
// Numbers grow by one a post, an album's by its parts; what is removed leaves a gap.
// Threads: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace selfology::telegram_channels {

struct PublicMedia {
  // "photo", "video", "large_video" (without an address), "round", "voice", "audio", "document",
  // "sticker", "location"
  std::string kind = "photo";
  std::string url = {};  // Of the picture, film or recording.
  int width = 800;
  int height = 450;
  int seconds = 0;             // Of films and recordings.
  std::string file_name = {};  // Of documents and music.
  std::string file_size = {};  // As it is shown: "1.2 MB".
};

struct PublicPost {
  int64_t id = 0;  // 0: the next one.
  absl::Time at = absl::UnixEpoch();
  std::string text = {};  // Plain; addresses in it become links.
  // The text as Telegram's HTML, instead of what is made of `text`.
  std::string html = {};
  std::vector<PublicMedia> media = {};  // Photos and films, 2 to 10: an album.
  bool edited = false;
  bool service = false;      // "Channel created".
  bool unsupported = false;  // Shown in Telegram's apps only.
  std::string author = {};
  int64_t views = 1;
  std::vector<std::pair<std::string, int64_t>> reactions = {};  // By emoji.
  int64_t reply_to = 0;
  std::string forwarded_from = {};  // A title; its address is below.
  std::string forwarded_link = {};
  std::string preview_url = {};  // Of a link.
  std::string preview_site = {};
  std::string preview_title = {};
  std::string preview_text = {};
  std::string preview_picture = {};
  std::string poll = {};  // A question.
  std::vector<std::string> options = {};

  bool is_album() const { return media.size() > 1; }
  int64_t last_id() const { return is_album() ? id + static_cast<int64_t>(media.size()) - 1 : id; }
};

struct PublicChannel {
  std::string username = {};
  std::string title = {};
  std::string about = {};
  std::string picture_url = {};
  int64_t telegram_id = -1'000'000'000'001;
  int64_t subscribers = 1;
  // "channel"; "hidden": a channel without a preview (18+, or switched off); "group"; "person".
  std::string kind = "channel";
  int page_size = 20;
  std::vector<PublicPost> posts = {};  // By number.

  // Gives its number.
  int64_t Add(PublicPost post);
  PublicPost* Find(int64_t id);
  bool Remove(int64_t id);
  // At most page_size, the oldest first: the newest; those below `before`; the first above `after`;
  // and only those with `words`, in any case of ASCII letters.
  std::vector<const PublicPost*> Page(int64_t before, int64_t after, std::string_view words) const;
};

}  // namespace selfology::telegram_channels
