// SQL about channels and who follows them; see migrations/. Functions that return nothing are queued.
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/feed/v1/feed.pb.h"

namespace selfology::feed::store {

// What is told about a channel; what is absent stays as it is.
struct ChannelFacts {
  int64_t telegram_id = 0;    // 0: not known.
  int64_t reader_id = 0;      // 0: not known.
  std::string username = {};  // Empty: not known.
  std::string title = {};     // Empty: not known.
  std::optional<bool> is_default = {};
  std::optional<bool> may_show = {};
  std::optional<bool> may_keep = {};
  std::optional<bool> may_learn = {};
};

struct ChannelRow {
  int64_t id = 0;
  int64_t telegram_id = 0;  // 0: none.
  int64_t reader_id = 0;    // 0: none.
  std::string username = {};
  std::string title = {};
  bool is_default = false;
  bool may_show = true;
  bool may_keep = true;
  bool may_learn = false;
};

struct Saved {
  ChannelRow channel = {};
  bool learning_ended = false;  // Its words might be learned before, and may not any more.
  bool learning_began = false;
};
// Finds the channel by any of its names, makes it if there is none, and brings it up to date; locks it.
absl::StatusOr<Saved> SaveChannel(postgres::Transaction& tx, const ChannelFacts& facts);

absl::StatusOr<std::optional<ChannelRow>> FindChannel(postgres::Transaction& tx, int64_t id);
absl::StatusOr<std::optional<ChannelRow>> FindTelegramChannel(postgres::Transaction& tx,
                                                              int64_t telegram_id);
absl::StatusOr<std::optional<ChannelRow>> FindReaderChannel(postgres::Transaction& tx,
                                                            int64_t reader_id);

struct Following {
  bool is_for_training = true;
  bool is_bonus = false;
  bool is_muted = false;
  absl::Time followed_at;
};
absl::StatusOr<std::optional<Following>> FindFollowing(postgres::Transaction& tx, int64_t user_id,
                                                       int64_t channel_id);
void SaveFollowing(postgres::Transaction& tx, int64_t user_id, int64_t channel_id,
                   const Following& following);
absl::StatusOr<bool> DeleteFollowing(postgres::Transaction& tx, int64_t user_id,
                                     int64_t channel_id);
absl::StatusOr<int64_t> CountFollowed(postgres::Transaction& tx, int64_t user_id);

// By their ids, above `after_channel`.
absl::StatusOr<std::vector<v1::UserChannel>> ListUserChannels(postgres::Transaction& tx,
                                                              int64_t user_id,
                                                              int64_t after_channel, int64_t limit);

// The default channels, which a new person follows.
void FollowDefaults(postgres::Transaction& tx, int64_t user_id, absl::Time now);

// Channels with posts since `since` that the person does not follow, most followed first.
absl::StatusOr<std::vector<v1::Channel>> ListUnfollowed(postgres::Transaction& tx, int64_t user_id,
                                                        absl::Time since, int64_t limit);
void AddProposal(postgres::Transaction& tx, int64_t user_id, int64_t channel_id, absl::Time now);
absl::StatusOr<bool> WasProposed(postgres::Transaction& tx, int64_t user_id, int64_t channel_id,
                                 absl::Time since);

}  // namespace selfology::feed::store
