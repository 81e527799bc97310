// What the feed does when something has happened: posts that channel_reader found come in, and each of the
// two learns whom the other's persons follow.
//
// Threads: handlers run on many, those of one channel or person one after the other.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/events/handling.h"
#include "selfology/events/v1/channel_reader.pb.h"
#include "selfology/events/v1/feed.pb.h"
#include "services/feed/feed/channel_reading.h"

namespace selfology::feed {

absl::Status KeepPost(const events::v1::ChannelPostPublished& event, events::Handling& handling);
absl::Status KeepEditedPost(const events::v1::ChannelPostEdited& event, events::Handling& handling);
absl::Status DropPost(const events::v1::ChannelPostDeleted& event, events::Handling& handling);
absl::Status KeepChannel(const events::v1::ChannelChanged& event, events::Handling& handling);

// A person told channel_reader, not the feed.
absl::Status FollowToo(const events::v1::ChannelFollowed& event, events::Handling& handling);
absl::Status UnfollowToo(const events::v1::ChannelUnfollowed& event, events::Handling& handling);

// A person told the feed, not channel_reader: waits for it while it is away.
class ReaderTeller {
 public:
  explicit ReaderTeller(std::shared_ptr<ChannelReading> reader) : reader_(std::move(reader)) {}

  absl::Status TellFollowed(const events::v1::FeedChannelFollowed& event,
                            events::Handling& handling);
  absl::Status TellUnfollowed(const events::v1::FeedChannelUnfollowed& event,
                              events::Handling& handling);

 private:
  const std::shared_ptr<ChannelReading> reader_;
};

}  // namespace selfology::feed
