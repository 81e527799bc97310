#include "services/feed/channel_reader/store/channel_store.h"

#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::channel_reader::store {
namespace {

using postgres::Transaction;

struct ChannelRow {
  int64_t channel_id;
  int64_t source;
  std::string key;
  std::string handle;
  int64_t telegram_id;
  std::string title;
  std::string about;
  std::string picture_url;
  std::string link;
  int64_t subscribers;
  bool has_owner_scope;
  bool owner_show;
  bool owner_keep;
  bool owner_learn;
  int64_t owner_user_id;
  int64_t state;
  int64_t reason;
  int64_t failures;
  std::optional<absl::Time> read_at;
  std::optional<absl::Time> next_read_at;
  int64_t period_seconds;
  int64_t newest_number;
  int64_t read_up_to;
  std::string feed_url;
  std::string etag;
  std::string last_modified;
  int64_t update_number;
  int64_t followers;
  std::optional<bool> enabled;
  std::optional<bool> may_show;
  std::optional<bool> may_keep;
  std::optional<bool> may_learn;
};

constexpr std::string_view kChannel =
    "SELECT c.channel_id, c.source, c.key, c.handle, c.telegram_id, c.title, c.about, "
    "c.picture_url,"
    " c.link, c.subscribers, c.has_owner_scope, c.owner_show, c.owner_keep, c.owner_learn,"
    " c.owner_user_id, c.state, c.reason, c.failures, c.read_at, c.next_read_at, c.period_seconds,"
    " c.newest_number, c.read_up_to, c.feed_url, c.etag, c.last_modified, c.update_number,"
    " (SELECT count(*) FROM channel_reader_followers f WHERE f.channel_id = c.channel_id),"
    " s.enabled, s.may_show, s.may_keep, s.may_learn"
    " FROM channel_reader_channels c LEFT JOIN channel_reader_sources s ON s.source = c.source";

v1::UseScope ScopeOf(bool show, bool keep, bool learn) {
  v1::UseScope scope;
  scope.set_show(show);
  scope.set_keep(keep);
  scope.set_learn_from_text(learn);
  return scope;
}

StoredChannel FromRow(ChannelRow row) {
  StoredChannel stored;
  stored.key = std::move(row.key);
  stored.enabled = row.enabled.value_or(true);
  stored.failures = static_cast<int>(row.failures);
  stored.read_up_to = row.read_up_to;
  stored.feed_url = std::move(row.feed_url);
  stored.etag = std::move(row.etag);
  stored.last_modified = std::move(row.last_modified);
  stored.update_number = row.update_number;
  const auto source = static_cast<v1::SourceKind>(row.source);
  stored.rules.of_kind = row.may_show.has_value()
                             ? ScopeOf(*row.may_show, *row.may_keep, *row.may_learn)
                             : DefaultScope(source);
  stored.rules.has_owner = row.has_owner_scope;
  stored.rules.of_owner = ScopeOf(row.owner_show, row.owner_keep, row.owner_learn);
  v1::Channel& channel = stored.channel;
  channel.set_channel_id(row.channel_id);
  channel.set_source(source);
  channel.set_handle(std::move(row.handle));
  channel.set_telegram_id(row.telegram_id);
  channel.set_title(std::move(row.title));
  channel.set_about(std::move(row.about));
  channel.set_picture_url(std::move(row.picture_url));
  channel.set_link(std::move(row.link));
  channel.set_subscribers(row.subscribers);
  *channel.mutable_scope() = EffectiveScope(stored.rules);
  channel.set_state(static_cast<v1::ChannelState>(row.state));
  channel.set_reason(static_cast<v1::UnreadableReason>(row.reason));
  if (row.read_at) *channel.mutable_read_at() = timestamps::ToProto(*row.read_at);
  if (row.next_read_at) *channel.mutable_next_read_at() = timestamps::ToProto(*row.next_read_at);
  if (row.period_seconds > 0) channel.mutable_period()->set_seconds(row.period_seconds);
  channel.set_newest_number(row.newest_number);
  channel.set_followers(row.followers);
  channel.set_owner_user_id(row.owner_user_id);
  return stored;
}

template <typename... Parameters>
absl::StatusOr<std::optional<StoredChannel>> One(Transaction& tx, std::string_view condition,
                                                 const Parameters&... parameters) {
  ASSIGN_OR_RETURN(std::optional<ChannelRow> row,
                   tx.QueryOne<ChannelRow>(absl::StrCat(kChannel, condition), parameters...));
  if (!row.has_value()) return std::nullopt;
  return FromRow(*std::move(row));
}

std::optional<absl::Time> TimeOf(bool has, const google::protobuf::Timestamp& time) {
  return has ? std::optional(timestamps::FromProto(time)) : std::nullopt;
}

}  // namespace

absl::StatusOr<std::optional<StoredChannel>> FindChannel(Transaction& tx, int64_t channel_id) {
  return One(tx, " WHERE c.channel_id = $1", channel_id);
}

absl::StatusOr<std::optional<StoredChannel>> FindChannelByKey(Transaction& tx,
                                                              std::string_view key) {
  return One(tx, " WHERE c.key = $1", key);
}

absl::StatusOr<std::optional<StoredChannel>> FindChannelByTelegramId(Transaction& tx,
                                                                     int64_t telegram_id) {
  return One(tx,
             " WHERE c.telegram_id = $1 AND c.telegram_id <> 0"
             " ORDER BY c.source = 2 DESC, c.channel_id LIMIT 1",
             telegram_id);
}

absl::StatusOr<std::optional<StoredChannel>> LockChannel(Transaction& tx, int64_t channel_id) {
  return One(tx, " WHERE c.channel_id = $1 FOR NO KEY UPDATE OF c", channel_id);
}

absl::StatusOr<int64_t> EnsureChannel(Transaction& tx, const Address& address, absl::Time now) {
  // A channel that is there stays as it is; the update only makes RETURNING give it.
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("INSERT INTO channel_reader_channels (source, key, handle, link, state,"
                           " added_at) VALUES ($1, $2, $3, $4, $5, $6)"
                           " ON CONFLICT (key) DO UPDATE SET key = EXCLUDED.key"
                           " RETURNING channel_id",
                           static_cast<int32_t>(address.source), address.key, address.handle, "",
                           static_cast<int32_t>(v1::CHANNEL_STATE_WAITING), now));
  return std::get<0>(*row);
}

void SaveChannel(Transaction& tx, const StoredChannel& stored) {
  const v1::Channel& channel = stored.channel;
  tx.Queue(
      "UPDATE channel_reader_channels SET source = $2, key = $3, handle = $4, telegram_id = $5,"
      " title = $6, about = $7, picture_url = $8, link = $9, subscribers = $10,"
      " has_owner_scope = $11, owner_show = $12, owner_keep = $13, owner_learn = $14,"
      " owner_user_id = $15, state = $16, reason = $17, failures = $18, read_at = $19,"
      " next_read_at = $20, period_seconds = $21, newest_number = $22, read_up_to = $23,"
      " feed_url = $24, etag = $25, last_modified = $26, update_number = $27"
      " WHERE channel_id = $1",
      channel.channel_id(), static_cast<int32_t>(channel.source()), stored.key, channel.handle(),
      channel.telegram_id(), channel.title(), channel.about(), channel.picture_url(),
      channel.link(), channel.subscribers(), stored.rules.has_owner, stored.rules.of_owner.show(),
      stored.rules.of_owner.keep(), stored.rules.of_owner.learn_from_text(),
      channel.owner_user_id(), static_cast<int32_t>(channel.state()),
      static_cast<int32_t>(channel.reason()), static_cast<int32_t>(stored.failures),
      TimeOf(channel.has_read_at(), channel.read_at()),
      TimeOf(channel.has_next_read_at(), channel.next_read_at()), channel.period().seconds(),
      channel.newest_number(), stored.read_up_to, stored.feed_url, stored.etag,
      stored.last_modified, stored.update_number);
}

absl::StatusOr<std::optional<int64_t>> ClaimDue(Transaction& tx, const std::vector<int32_t>& kinds,
                                                absl::Time now, absl::Time lease_end) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          "UPDATE channel_reader_channels SET leased_until = $3 WHERE channel_id ="
          " (SELECT c.channel_id FROM channel_reader_channels c"
          "  LEFT JOIN channel_reader_sources s ON s.source = c.source"
          "  WHERE c.next_read_at <= $2 AND c.leased_until <= $2 AND c.source = ANY($1)"
          "   AND coalesce(s.enabled, true)"
          "  ORDER BY c.next_read_at, c.channel_id LIMIT 1 FOR UPDATE OF c SKIP LOCKED)"
          " RETURNING channel_id",
          kinds, now, lease_end));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*row);
}

absl::StatusOr<bool> Claim(Transaction& tx, int64_t channel_id, absl::Time now,
                           absl::Time lease_end) {
  ASSIGN_OR_RETURN(const int64_t claimed,
                   tx.Execute("UPDATE channel_reader_channels SET leased_until = $3"
                              " WHERE channel_id = $1 AND leased_until <= $2",
                              channel_id, now, lease_end));
  return claimed > 0;
}

void Release(Transaction& tx, int64_t channel_id) {
  tx.Queue("UPDATE channel_reader_channels SET leased_until = '-infinity' WHERE channel_id = $1",
           channel_id);
}

absl::StatusOr<bool> Follow(Transaction& tx, int64_t user_id, int64_t channel_id, absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t added,
                   tx.Execute("INSERT INTO channel_reader_followers (user_id, channel_id, added_at)"
                              " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                              user_id, channel_id, now));
  return added > 0;
}

absl::StatusOr<bool> Unfollow(Transaction& tx, int64_t user_id, int64_t channel_id) {
  ASSIGN_OR_RETURN(
      const int64_t removed,
      tx.Execute("DELETE FROM channel_reader_followers WHERE user_id = $1 AND channel_id = $2",
                 user_id, channel_id));
  return removed > 0;
}

absl::StatusOr<int64_t> CountFollowed(Transaction& tx, int64_t user_id) {
  tx.Queue("SELECT pg_advisory_xact_lock(hashtext('channel_reader_followers'), hashint8($1))",
           user_id);
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT count(*) FROM channel_reader_followers WHERE user_id = $1",
                           user_id));
  return std::get<0>(*row);
}

absl::StatusOr<std::vector<Followed>> ListFollowed(Transaction& tx, int64_t user_id,
                                                   std::string_view after, int64_t limit) {
  // A position is microseconds and the channel.
  int64_t micros = 0;
  int64_t last = 0;
  if (!after.empty()) {
    const std::vector<std::string_view> parts = absl::StrSplit(after, '.');
    if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &micros) ||
        !absl::SimpleAtoi(parts[1], &last)) {
      return status::InvalidField("page_token", "must be a next_page_token");
    }
  }
  ASSIGN_OR_RETURN(const auto rows,
                   (tx.Query<int64_t, absl::Time>(
                       "SELECT channel_id, added_at FROM channel_reader_followers"
                       " WHERE user_id = $1 AND (added_at, channel_id) > ($2, $3)"
                       " ORDER BY added_at, channel_id LIMIT $4",
                       user_id, after.empty() ? absl::InfinitePast() : absl::FromUnixMicros(micros),
                       last, limit)));
  std::vector<int64_t> ids;
  for (const auto& row : rows) ids.push_back(std::get<0>(row));
  ASSIGN_OR_RETURN(std::vector<ChannelRow> channels,
                   tx.Query<ChannelRow>(absl::StrCat(kChannel,
                                                     " WHERE c.channel_id = ANY($1)"
                                                     " ORDER BY array_position($1, c.channel_id)"),
                                        ids));
  std::vector<Followed> followed;
  for (size_t i = 0; i < channels.size() && i < rows.size(); ++i) {
    followed.push_back({FromRow(std::move(channels[i])),
                        absl::StrCat(absl::ToUnixMicros(std::get<1>(rows[i])), ".", ids[i])});
  }
  return followed;
}

absl::StatusOr<std::vector<int64_t>> ListChannelIds(Transaction& tx, v1::SourceKind source,
                                                    int64_t after, int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT channel_id FROM channel_reader_channels"
                                     " WHERE source = $1 AND channel_id > $2"
                                     " ORDER BY channel_id LIMIT $3",
                                     static_cast<int32_t>(source), after, limit));
  std::vector<int64_t> ids;
  for (const auto& row : rows) ids.push_back(std::get<0>(row));
  return ids;
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const int64_t followed,
                   tx.Execute("DELETE FROM channel_reader_followers WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t owned,
                   tx.Execute("UPDATE channel_reader_channels SET owner_user_id = 0"
                              " WHERE owner_user_id = $1",
                              user_id));
  ASSIGN_OR_RETURN(const int64_t given,
                   tx.Execute("UPDATE channel_reader_consents SET given_by_user_id = 0"
                              " WHERE given_by_user_id = $1",
                              user_id));
  return followed + owned + given;
}

absl::StatusOr<bool> IsFollowed(Transaction& tx, int64_t channel_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<bool>("SELECT EXISTS (SELECT FROM channel_reader_followers"
                                     " WHERE channel_id = $1)",
                                     channel_id));
  return std::get<0>(*row);
}

absl::StatusOr<int64_t> RestUnfollowed(Transaction& tx) {
  // Whoever follows one meanwhile holds its row, and is seen by the second statement only.
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT channel_id FROM channel_reader_channels c"
                                     " WHERE next_read_at IS NOT NULL AND NOT EXISTS"
                                     "  (SELECT FROM channel_reader_followers f"
                                     "   WHERE f.channel_id = c.channel_id)"
                                     " ORDER BY channel_id FOR NO KEY UPDATE"));
  std::vector<int64_t> ids;
  for (const auto& row : rows) ids.push_back(std::get<0>(row));
  return tx.Execute(
      "UPDATE channel_reader_channels c SET next_read_at = NULL, state = $2"
      " WHERE channel_id = ANY($1) AND NOT EXISTS"
      "  (SELECT FROM channel_reader_followers f WHERE f.channel_id = c.channel_id)",
      ids, static_cast<int32_t>(v1::CHANNEL_STATE_IDLE));
}

}  // namespace selfology::channel_reader::store
