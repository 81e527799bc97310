// What a source gives of a channel: one reading, whatever it was read from.
//
// Threads: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "selfology/channel_reader/v1/channel_reader.pb.h"

namespace selfology::channel_reader {

// A post as it is at its source.
struct FoundPost {
  // Without channel_id, revision, seen_at and what is decided when it is stored; post_number is 0
  // where the source has no numbers.
  v1::Post post = {};
  // The source says that it was edited, but perhaps not when.
  bool is_edited = false;
  // Fields that every such post has, and this one has not: "views". See drift.h.
  std::vector<std::string> missing = {};
  // Of a pushed post: the number of the update that it came with.
  int64_t update_number = 0;
};

struct Reading {
  // UNSPECIFIED: it was read.
  v1::UnreadableReason reason = v1::UNREADABLE_REASON_UNSPECIFIED;
  // Not before that time again, where the other side says so.
  std::optional<absl::Duration> retry_after = std::nullopt;
  // Nothing has changed since the last reading, says the source; the rest is empty.
  bool unchanged = false;

  // Empty, or 0: the source does not say.
  int64_t telegram_id = 0;
  std::string handle = {};  // As the source writes it: "Durov" for "durov".
  std::string title = {};
  std::string about = {};
  std::string picture_url = {};
  std::string link = {};
  int64_t subscribers = 0;

  // Posts, the oldest first, each once.
  std::vector<FoundPost> posts = {};
  // All posts of these numbers are in `posts`; one that is known and not among them is gone. `to`
  // may be the highest there is. 0 and 0: not known.
  int64_t complete_from = 0;
  int64_t complete_to = 0;
  // The same by time, from then on, for sources without numbers.
  std::optional<absl::Time> complete_since = std::nullopt;

  // What makes the next reading cheap: HTTP's validators.
  std::string etag = {};
  std::string last_modified = {};

  bool readable() const { return reason == v1::UNREADABLE_REASON_UNSPECIFIED; }
};

// A reading that failed.
inline Reading Failed(v1::UnreadableReason reason,
                      std::optional<absl::Duration> retry_after = std::nullopt) {
  Reading reading;
  reading.reason = reason;
  reading.retry_after = retry_after;
  return reading;
}

// The oldest first; those of one time, and those without one, in the order in which they stand.
void SortByTime(std::vector<FoundPost>& posts);

// Takes `prefix` off the front; whether it was there.
inline bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace selfology::channel_reader
