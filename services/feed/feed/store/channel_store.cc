#include "services/feed/feed/store/channel_store.h"

#include <tuple>
#include <utility>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/feed/feed/people/channel_name.h"

namespace selfology::feed::store {
namespace {

using postgres::Transaction;

#define FEED_CHANNEL                                                                  \
  "c.id, coalesce(c.telegram_id, 0), coalesce(c.reader_id, 0), c.username, c.title, " \
  "c.is_default, c.may_show, c.may_keep, c.may_learn"

std::optional<int64_t> OrNull(int64_t id) {
  return id == 0 ? std::nullopt : std::optional<int64_t>(id);
}

std::optional<std::string> KeyOrNull(const std::string& username) {
  return username.empty() ? std::nullopt : std::optional<std::string>(KeyOfChannel(username));
}

// A channel may be known twice: by a name that a person typed, and by its number under an older name.
// Who follows the first follows the second from now on.
void TakeOverName(Transaction& tx, int64_t id, const std::string& key) {
  tx.Queue(
      "INSERT INTO feed_user_channels (user_id, channel_id, is_for_training, is_bonus,"
      " is_muted, followed_at) SELECT u.user_id, $1, u.is_for_training, u.is_bonus,"
      " u.is_muted, u.followed_at FROM feed_user_channels u JOIN feed_channels c"
      " ON c.id = u.channel_id WHERE c.username_key = $2 AND c.id <> $1"
      " AND c.telegram_id IS NULL AND c.reader_id IS NULL ON CONFLICT DO NOTHING",
      id, key);
  tx.Queue(
      "DELETE FROM feed_channels c WHERE username_key = $2 AND id <> $1"
      " AND telegram_id IS NULL AND reader_id IS NULL"
      " AND NOT EXISTS (SELECT FROM feed_posts p WHERE p.channel_id = c.id)",
      id, key);
  tx.Queue("UPDATE feed_channels SET username_key = NULL WHERE username_key = $2 AND id <> $1", id,
           key);
}

struct Row {
  int64_t id;
  int64_t telegram_id;
  int64_t reader_id;
  std::string username;
  std::string title;
  bool is_default;
  bool may_show;
  bool may_keep;
  bool may_learn;
};

ChannelRow ToChannel(Row row) {
  return {.id = row.id,
          .telegram_id = row.telegram_id,
          .reader_id = row.reader_id,
          .username = std::move(row.username),
          .title = std::move(row.title),
          .is_default = row.is_default,
          .may_show = row.may_show,
          .may_keep = row.may_keep,
          .may_learn = row.may_learn};
}

absl::StatusOr<std::optional<ChannelRow>> Found(absl::StatusOr<std::optional<Row>> row) {
  RETURN_IF_ERROR(row.status());
  if (!row->has_value()) return std::nullopt;
  return ToChannel(*std::move(*row));
}

absl::StatusOr<std::optional<ChannelRow>> LockByAnyName(Transaction& tx,
                                                        const ChannelFacts& facts) {
  return Found(tx.QueryOne<Row>(
      "SELECT " FEED_CHANNEL
      " FROM feed_channels c WHERE c.reader_id = $1 OR c.telegram_id = $2 OR c.username_key = $3"
      " ORDER BY c.reader_id = $1 DESC NULLS LAST, c.telegram_id = $2 DESC NULLS LAST LIMIT 1"
      " FOR UPDATE",
      OrNull(facts.reader_id), OrNull(facts.telegram_id), KeyOrNull(facts.username)));
}

}  // namespace

absl::StatusOr<Saved> SaveChannel(Transaction& tx, const ChannelFacts& facts) {
  ASSIGN_OR_RETURN(std::optional<ChannelRow> found, LockByAnyName(tx, facts));
  if (!found.has_value()) {
    ASSIGN_OR_RETURN(const int64_t inserted,
                     tx.Execute("INSERT INTO feed_channels (telegram_id, reader_id, username,"
                                " username_key) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                                OrNull(facts.telegram_id), OrNull(facts.reader_id), facts.username,
                                KeyOrNull(facts.username)));
    ASSIGN_OR_RETURN(found, LockByAnyName(tx, facts));
    if (!found.has_value()) return absl::AbortedError("another made the channel, and it is gone");
    // A new one may say so at once, and its words have not been learned before.
    if (inserted > 0) found->may_learn = false;
  }
  Saved saved = {.channel = *std::move(found)};
  ChannelRow& channel = saved.channel;
  const bool could_learn = channel.may_learn;
  if (facts.telegram_id != 0) channel.telegram_id = facts.telegram_id;
  if (facts.reader_id != 0) channel.reader_id = facts.reader_id;
  if (!facts.username.empty()) channel.username = facts.username;
  if (!facts.title.empty()) channel.title = facts.title;
  channel.is_default = facts.is_default.value_or(channel.is_default);
  channel.may_show = facts.may_show.value_or(channel.may_show);
  channel.may_keep = facts.may_keep.value_or(channel.may_keep);
  channel.may_learn = facts.may_learn.value_or(channel.may_learn);
  if (!channel.username.empty()) TakeOverName(tx, channel.id, KeyOfChannel(channel.username));
  tx.Queue(
      "UPDATE feed_channels SET telegram_id = $2, reader_id = $3, username = $4,"
      " username_key = $5, title = $6, is_default = $7, may_show = $8, may_keep = $9,"
      " may_learn = $10 WHERE id = $1",
      channel.id, OrNull(channel.telegram_id), OrNull(channel.reader_id), channel.username,
      KeyOrNull(channel.username), channel.title, channel.is_default, channel.may_show,
      channel.may_keep, channel.may_learn);
  saved.learning_ended = could_learn && !channel.may_learn;
  saved.learning_began = !could_learn && channel.may_learn;
  return saved;
}

absl::StatusOr<std::optional<ChannelRow>> FindChannel(Transaction& tx, int64_t id) {
  return Found(
      tx.QueryOne<Row>("SELECT " FEED_CHANNEL " FROM feed_channels c WHERE c.id = $1", id));
}

absl::StatusOr<std::optional<ChannelRow>> FindTelegramChannel(Transaction& tx,
                                                              int64_t telegram_id) {
  return Found(tx.QueryOne<Row>(
      "SELECT " FEED_CHANNEL " FROM feed_channels c WHERE c.telegram_id = $1", telegram_id));
}

absl::StatusOr<std::optional<ChannelRow>> FindReaderChannel(Transaction& tx, int64_t reader_id) {
  return Found(tx.QueryOne<Row>(
      "SELECT " FEED_CHANNEL " FROM feed_channels c WHERE c.reader_id = $1", reader_id));
}

absl::StatusOr<std::optional<Following>> FindFollowing(Transaction& tx, int64_t user_id,
                                                       int64_t channel_id) {
  return tx.QueryOne<Following>(
      "SELECT is_for_training, is_bonus, is_muted, followed_at FROM feed_user_channels"
      " WHERE user_id = $1 AND channel_id = $2",
      user_id, channel_id);
}

void SaveFollowing(Transaction& tx, int64_t user_id, int64_t channel_id,
                   const Following& following) {
  tx.Queue(
      "INSERT INTO feed_user_channels (user_id, channel_id, is_for_training, is_bonus,"
      " is_muted, followed_at) VALUES ($1, $2, $3, $4, $5, $6)"
      " ON CONFLICT (user_id, channel_id) DO UPDATE SET is_for_training = $3, is_bonus = $4,"
      " is_muted = $5",
      user_id, channel_id, following.is_for_training, following.is_bonus, following.is_muted,
      following.followed_at);
}

absl::StatusOr<bool> DeleteFollowing(Transaction& tx, int64_t user_id, int64_t channel_id) {
  ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute("DELETE FROM feed_user_channels WHERE user_id = $1 AND channel_id = $2", user_id,
                 channel_id));
  return rows > 0;
}

absl::StatusOr<int64_t> CountFollowed(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT count(*) FROM feed_user_channels WHERE user_id = $1", user_id));
  return std::get<0>(*row);
}

namespace {

struct ShownChannel {
  int64_t id;
  int64_t telegram_id;
  std::string username;
  std::string title;
  bool is_default;
  bool may_learn;
  int64_t posts;
  std::optional<absl::Time> newest;
};

v1::Channel ToProto(const ShownChannel& row) {
  v1::Channel channel;
  channel.set_id(row.id);
  channel.set_telegram_id(row.telegram_id);
  channel.set_username(row.username);
  channel.set_title(row.title);
  channel.set_is_default(row.is_default);
  channel.set_may_learn_text(row.may_learn);
  channel.set_post_count(static_cast<int32_t>(row.posts));
  if (row.newest) *channel.mutable_newest_posted_at() = timestamps::ToProto(*row.newest);
  return channel;
}

#define FEED_SHOWN_CHANNEL                                                                   \
  "c.id, coalesce(c.telegram_id, 0), c.username, c.title, c.is_default, c.may_learn, "       \
  "(SELECT count(*) FROM feed_posts p WHERE p.channel_id = c.id AND p.deleted_at IS NULL), " \
  "(SELECT max(posted_at) FROM feed_posts p WHERE p.channel_id = c.id AND p.deleted_at IS NULL)"

}  // namespace

absl::StatusOr<std::vector<v1::UserChannel>> ListUserChannels(Transaction& tx, int64_t user_id,
                                                              int64_t after_channel,
                                                              int64_t limit) {
  struct Row {
    int64_t id;
    int64_t telegram_id;
    std::string username;
    std::string title;
    bool is_default;
    bool may_learn;
    int64_t posts;
    std::optional<absl::Time> newest;
    bool is_for_training;
    bool is_bonus;
    bool is_muted;
    absl::Time followed_at;
  };
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query<Row>("SELECT " FEED_SHOWN_CHANNEL
                    ", u.is_for_training, u.is_bonus, u.is_muted, u.followed_at"
                    " FROM feed_user_channels u JOIN feed_channels c ON c.id = u.channel_id"
                    " WHERE u.user_id = $1 AND u.channel_id > $2 ORDER BY u.channel_id LIMIT $3",
                    user_id, after_channel, limit));
  std::vector<v1::UserChannel> channels;
  for (const Row& row : rows) {
    v1::UserChannel& channel = channels.emplace_back();
    *channel.mutable_channel() = ToProto({row.id, row.telegram_id, row.username, row.title,
                                          row.is_default, row.may_learn, row.posts, row.newest});
    channel.set_is_for_training(row.is_for_training);
    channel.set_is_bonus(row.is_bonus);
    channel.set_is_muted(row.is_muted);
    *channel.mutable_followed_at() = timestamps::ToProto(row.followed_at);
  }
  return channels;
}

void FollowDefaults(Transaction& tx, int64_t user_id, absl::Time now) {
  tx.Queue(
      "INSERT INTO feed_user_channels (user_id, channel_id, is_for_training, is_bonus,"
      " is_muted, followed_at) SELECT $1, id, true, false, false, $2 FROM feed_channels"
      " WHERE is_default ORDER BY id LIMIT 20 ON CONFLICT DO NOTHING",
      user_id, now);
}

absl::StatusOr<std::vector<v1::Channel>> ListUnfollowed(Transaction& tx, int64_t user_id,
                                                        absl::Time since, int64_t limit) {
  ASSIGN_OR_RETURN(
      const std::vector<ShownChannel> rows,
      tx.Query<ShownChannel>(
          "SELECT " FEED_SHOWN_CHANNEL
          " FROM feed_channels c WHERE c.may_show AND NOT EXISTS (SELECT FROM feed_user_channels u"
          " WHERE u.user_id = $1 AND u.channel_id = c.id) AND EXISTS (SELECT FROM feed_posts p"
          " WHERE p.channel_id = c.id AND p.deleted_at IS NULL AND p.posted_at > $2)"
          " ORDER BY (SELECT count(*) FROM feed_user_channels u WHERE u.channel_id = c.id) DESC,"
          " c.id LIMIT $3",
          user_id, since, limit));
  std::vector<v1::Channel> channels;
  for (const ShownChannel& row : rows) channels.push_back(ToProto(row));
  return channels;
}

void AddProposal(Transaction& tx, int64_t user_id, int64_t channel_id, absl::Time now) {
  tx.Queue(
      "INSERT INTO feed_proposals (user_id, channel_id, proposed_at) VALUES ($1, $2, $3)"
      " ON CONFLICT (user_id, channel_id) DO UPDATE SET proposed_at = $3",
      user_id, channel_id, now);
}

absl::StatusOr<bool> WasProposed(Transaction& tx, int64_t user_id, int64_t channel_id,
                                 absl::Time since) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<bool>("SELECT EXISTS (SELECT FROM feed_proposals WHERE user_id = $1"
                                     " AND channel_id = $2 AND proposed_at > $3)",
                                     user_id, channel_id, since));
  return std::get<0>(*row);
}

}  // namespace selfology::feed::store
