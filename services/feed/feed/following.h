// Following and unfollowing a channel in a transaction that holds the person's lock, whoever asks for
// it: the person (FeedService) or channel_reader's events.
//
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/feed/feed/store/channel_store.h"
#include "services/feed/feed/store/people_store.h"

namespace selfology::feed {

inline constexpr int64_t kMostChannels = 100;
// Whoever follows a proposed channel so soon follows it because of that.
inline constexpr absl::Duration kProposalLasts = absl::Hours(30 * 24);

struct FollowWish {
  std::optional<bool> is_for_training = {};
  std::optional<bool> is_muted = {};
};

struct Followed {
  store::Following following = {};
  bool is_new = false;
};
// Publishes feed.channel.followed for a new one. INVALID_ARGUMENT (channel_id) beyond kMostChannels.
absl::StatusOr<Followed> Follow(postgres::Transaction& tx, store::Person& person,
                                const store::ChannelRow& channel, const FollowWish& wish,
                                absl::Time now);

// Publishes feed.channel.unfollowed if they followed it.
absl::Status Unfollow(postgres::Transaction& tx, const store::Person& person,
                      const store::ChannelRow& channel, bool reader_knows, absl::Time now);

}  // namespace selfology::feed
