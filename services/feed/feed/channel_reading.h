// channel_reader, as the feed uses it: it is told which channels persons follow.
//
//   ASSIGN_OR_RETURN(const std::optional<store::ChannelFacts> facts, reader->Follow(call, user_id, "durov"));
//
// Errors: UNAVAILABLE and DEADLINE_EXCEEDED while it is away. Threads: any.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/rpc/channel.h"
#include "services/feed/feed/store/channel_store.h"

namespace selfology::feed {

class ChannelReading {
 public:
  virtual ~ChannelReading() = default;
  // What it knows of the channel; nullopt: it takes no such channel.
  virtual absl::StatusOr<std::optional<store::ChannelFacts>> Follow(const Call& call,
                                                                    int64_t user_id,
                                                                    const std::string& name) = 0;
  virtual absl::Status Unfollow(const Call& call, int64_t user_id, int64_t reader_channel_id) = 0;
};

std::shared_ptr<ChannelReading> MakeChannelReading(std::shared_ptr<rpc::Channel> peer);

}  // namespace selfology::feed
