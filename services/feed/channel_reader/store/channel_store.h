// All SQL of channels and their followers; see migrations/. Functions that
// return nothing are queued: they cost no round trip of their own. Errors: the transaction's. Threads: as
// the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/feed/channel_reader/address.h"
#include "services/feed/channel_reader/post.h"

namespace selfology::channel_reader::store {

// A channel, and what only the reader needs of it.
struct StoredChannel {
  v1::Channel channel = {};  // Without advice, which has a language.
  std::string key = {};
  ScopeRules rules = {};
  bool enabled = true;  // Its kind of source.
  int failures = 0;     // In a row.
  int64_t read_up_to = 0;
  std::string feed_url = {};
  std::string etag = {};
  std::string last_modified = {};
  int64_t update_number = 0;
};

absl::StatusOr<std::optional<StoredChannel>> FindChannel(postgres::Transaction& tx,
                                                         int64_t channel_id);
absl::StatusOr<std::optional<StoredChannel>> FindChannelByKey(postgres::Transaction& tx,
                                                              std::string_view key);
// Those that our bot reads first.
absl::StatusOr<std::optional<StoredChannel>> FindChannelByTelegramId(postgres::Transaction& tx,
                                                                     int64_t telegram_id);
// The same, until the transaction ends for this one only.
absl::StatusOr<std::optional<StoredChannel>> LockChannel(postgres::Transaction& tx,
                                                         int64_t channel_id);
// The one of that address; a new one is WAITING, and not due.
absl::StatusOr<int64_t> EnsureChannel(postgres::Transaction& tx, const Address& address,
                                      absl::Time now);
// All of a locked one but its counts of followers.
void SaveChannel(postgres::Transaction& tx, const StoredChannel& stored);

// The due one of these kinds that waits longest, for this replica only until `lease_end`.
absl::StatusOr<std::optional<int64_t>> ClaimDue(postgres::Transaction& tx,
                                                const std::vector<int32_t>& kinds, absl::Time now,
                                                absl::Time lease_end);
// False: another replica reads it.
absl::StatusOr<bool> Claim(postgres::Transaction& tx, int64_t channel_id, absl::Time now,
                           absl::Time lease_end);
void Release(postgres::Transaction& tx, int64_t channel_id);

// Whether it is new. The channel is locked.
absl::StatusOr<bool> Follow(postgres::Transaction& tx, int64_t user_id, int64_t channel_id,
                            absl::Time now);
absl::StatusOr<bool> Unfollow(postgres::Transaction& tx, int64_t user_id, int64_t channel_id);
// Locks the person's followings against a second addition at the same time.
absl::StatusOr<int64_t> CountFollowed(postgres::Transaction& tx, int64_t user_id);
struct Followed {
  StoredChannel stored = {};
  std::string position = {};  // For the next page.
};
absl::StatusOr<std::vector<Followed>> ListFollowed(postgres::Transaction& tx, int64_t user_id,
                                                   std::string_view after, int64_t limit);

// What a person follows, and their name under consents and channels; the number of rows.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);
// Of a kind, whose channels hear of a change.
absl::StatusOr<std::vector<int64_t>> ListChannelIds(postgres::Transaction& tx,
                                                    v1::SourceKind source, int64_t after,
                                                    int64_t limit);

// Whether anybody follows it.
absl::StatusOr<bool> IsFollowed(postgres::Transaction& tx, int64_t channel_id);

// Has channels that nobody follows any more, and that do not push, rest; the number of them.
absl::StatusOr<int64_t> RestUnfollowed(postgres::Transaction& tx);

}  // namespace selfology::channel_reader::store
