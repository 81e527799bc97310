// Where channels are read: one interface, a source for each kind.
//
//   class PreviewSource final : public Source { ... };
//   const absl::StatusOr<Reading> reading = source.Read(call, {.handle = "durov", .limit = 20});
//
// That a channel cannot be read is a Reading with its reason. An error of Read is ours: the database
// is away, or the call was cancelled.
// Threads: thread-safe; Read blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "services/feed/channel_reader/reading/found.h"

namespace selfology::channel_reader {

// Which posts are wanted.
struct Wanted {
  std::string handle = {};    // As in Address.
  std::string feed_url = {};  // Where the feed of a page was found; may be empty.
  // The highest number that is known; 0: none. Where the source has numbers, posts after it are
  // read without a gap, as far as the call's time and kMostPages go.
  int64_t newest_number = 0;
  int limit = 20;  // Besides, at least so many of the newest.
  std::string etag = {};
  std::string last_modified = {};
};

struct SourceReading : Reading {
  std::string feed_url = {};  // Where it was found; empty: as wanted.
  // Posts between those that are known and the oldest of these could not be read now.
  bool has_gap = false;
};

class Source {
 public:
  virtual ~Source() = default;
  virtual absl::StatusOr<SourceReading> Read(const Call& call, const Wanted& wanted) = 0;
  // Has the operator's account join; FAILED_PRECONDITION: there is nothing to join here.
  virtual absl::Status Join(const Call& call, std::string_view handle);
};

// What an error of Fetcher says of a channel; an error again where it is ours.
absl::StatusOr<SourceReading> ReadingOfError(const Call& call, const absl::Status& error);
// The same for an HTTP status that is none of success, as most servers mean it.
SourceReading ReadingOfStatus(int http_status);

}  // namespace selfology::channel_reader
