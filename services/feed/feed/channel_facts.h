// What channel_reader tells, in the feed's terms.
//
// Threads: pure functions.
#pragma once

#include <cstdint>

#include "selfology/channel_reader/v1/channel_reader.pb.h"
#include "services/feed/feed/store/channel_store.h"
#include "services/feed/feed/store/post_store.h"

namespace selfology::feed {

store::ChannelFacts FactsOf(const channel_reader::v1::Channel& channel);

// `may_learn`: the channel's.
store::PostFacts FactsOf(const channel_reader::v1::Post& post, int64_t channel_id, bool may_learn);

}  // namespace selfology::feed
